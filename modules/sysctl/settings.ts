/**
 * Kernel settings by name, and the lines of the files that hold them.
 *
 * @module
 */

import { linesOf, textOfLines } from "../_shared/text_file.ts";

/**
 * Where a setting lies below /proc/sys. As with `sysctl`, the first separator tells which is which: in
 * `net.ipv4.conf.eth0/100.forwarding` the slash stands for a dot in a name.
 */
export function settingPath(name: string): string {
  const slashes = /[./]/.exec(name)?.[0] === "/";
  const swapped = slashes ? name : name.replace(/[./]/g, (separator) => separator === "." ? "/" : ".");
  return `/proc/sys/${swapped}`;
}

/** Whether two values mean the same: the kernel prints tabs where operators write spaces. */
export function sameValue(one: string, other: string): boolean {
  return words(one) === words(other);
}

/** A value with single spaces. */
export function words(value: string): string {
  return value.trim().split(/\s+/).join(" ");
}

/** A line that sets something: the setting and the value. A minus before it lets it fail. */
const LINE = /^\s*-?\s*([^#;=\s][^=]*?)\s*=\s*(.*?)\s*$/;

/** A file with a setting as it should be, once; every other line stays to the letter. */
export function withSetting(text: string, name: string, value: string | undefined): string {
  const lines = linesOf(text);
  const places = lines.keys().filter((at) => settingIn(lines[at], name) !== undefined).toArray();
  const keep = value === undefined ? undefined : places.find((at) => sameValue(settingIn(lines[at], name)!, value));
  const place = keep ?? (value === undefined ? undefined : places[0]);
  const after = lines.flatMap((line, at) => {
    if (!places.includes(at)) return [line];
    if (at !== place) return [];
    return [at === keep ? line : `${name}=${value}`];
  });
  if (value !== undefined && place === undefined) after.push(`${name}=${value}`);
  return after.join("\n") === lines.join("\n") ? text : textOfLines(after);
}

function settingIn(line: string, name: string): string | undefined {
  const match = LINE.exec(line);
  return match && settingPath(match[1]) === settingPath(name) ? match[2] : undefined;
}
