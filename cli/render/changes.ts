/**
 * What a task changed, in words and as a diff.
 *
 * @module
 */

import type { Change } from "../../engine/module/module.ts";
import { unifiedDiff } from "../../engine/support/diff.ts";
import type { Terminal } from "../terminal.ts";

/** Longest text of a command or value that a line shows. */
const LONGEST = 120;

/** The lines that describe changes; content is shown only with `diff`, what a command runs only where it is asked for. */
export function changeLines(
  changes: readonly Change[],
  { diff, check, verbosity }: { diff: boolean; check: boolean; verbosity: number },
  terminal: Pick<Terminal, "paint">,
): string[] {
  return changes.flatMap((change) => {
    if (change.what === "run") return check || verbosity > 0 ? [changeSentence(change)] : [];
    if (change.what !== "content") return [changeSentence(change)];
    if (!diff) return [];
    if (change.sensitive) return [changeSentence(change)];
    return diffLines(change, terminal);
  });
}

function short(text: string): string {
  const line = text.replaceAll("\n", "⏎");
  return line.length > LONGEST ? `${line.slice(0, LONGEST - 1)}…` : line;
}

/** A change in words. */
export function changeSentence({ path, what, before, after, sensitive }: Change): string {
  if (what === "run") return `runs: ${short(after)}`;
  if (sensitive && what === "content") {
    return `${path}: content changes (not shown: it is secret, or others may not read it)`;
  }
  if (sensitive) return `${path}: ${what} changes (not shown)`;
  if (before === "" && after === "") return `${path}: ${what}`;
  if (before === "") return `${path}: ${what} will be ${short(after)}`;
  if (after === "") return `${path}: ${what} ${short(before)} goes`;
  return `${path}: ${what} ${short(before)} → ${short(after)}`;
}

function diffLines(change: Change, { paint }: Pick<Terminal, "paint">): string[] {
  const header = [paint("bold", `--- ${change.path}${change.before === "" ? " (empty or new)" : ""}`)];
  return [
    ...header,
    ...unifiedDiff(change.before, change.after).map(({ kind, text }) =>
      kind === "added"
        ? paint("green", text)
        : kind === "removed"
        ? paint("red", text)
        : kind === "place"
        ? paint("cyan", text)
        : text
    ),
  ];
}
