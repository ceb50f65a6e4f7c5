/**
 * The text of a `.sources` file, as Ansible writes it.
 *
 * @module
 */

/** The values of a repository by Ansible's names; what is undefined is left out. */
export type Fields = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

/** The stanza: fields sorted by Ansible's names, so that a file of Ansible's stays as it is. */
export function formatSources(fields: Fields): string {
  return Object.keys(fields).sort().flatMap((name) => {
    const value = fields[name];
    return value === undefined ? [] : [`${fieldName(name)}: ${formatValue(value)}\n`.replace(": \n", ":\n")];
  }).join("");
}

function fieldName(name: string): string {
  if (name === "name") return "X-Repolib-Name";
  if (name === "uris") return "URIs";
  return name.split("_").map((part) => part[0].toUpperCase() + part.slice(1)).join("-");
}

function formatValue(value: string | number | boolean | readonly string[]): string {
  if (typeof value === "boolean") return value ? "yes" : "no";
  const text = typeof value === "object" ? value.join(" ") : String(value);
  if (!text.includes("\n")) return text;
  // A key goes on over indented lines; a lone dot is an empty one.
  return `\n${text.trim().split("\n").map((line) => `    ${line.trim() || "."}`).join("\n")}`;
}

/** The file's name of a repository, as Ansible makes it. */
export function slugOf(name: string): string {
  return name.toLowerCase().replace(/[_\s]+/g, "-").replace(/[^a-z0-9-]+/g, "");
}
