/**
 * How a code of a diagnostic is explained.
 *
 * @module
 */

/** What `aami explain CODE` tells. */
export interface Explanation {
  /** What is wrong: one line without a full stop. */
  readonly summary: string;
  /** Why that is an error, and what the words mean. Sentences. */
  readonly meaning: string;
  /** What brings it out. */
  readonly example: Example;
  /** What to do. Sentences; may hold lines of code, indented by two. */
  readonly mend: string;
}

/** Files with an error, and the command line that finds it; or a situation that no file makes. */
export type Example = FilesExample | { readonly situation: string };

/** Files, and the command line that finds what is wrong in them. */
export interface FilesExample {
  /** The texts by file name; `site.yml` and `hosts.ini` are added by tests where they are not at fault. */
  readonly files: { readonly [name: string]: string };
  /** The command line behind `aami`; undefined for `play site.yml -i hosts.ini`. */
  readonly command?: string;
}

/** The command line of an example that names none. */
export const USUAL_COMMAND = "play site.yml -i hosts.ini";

/** An example of a playbook's text. */
export function playbook(text: string): FilesExample {
  return { files: { "site.yml": text } };
}

/** An example of tasks in a play of their own, written from the first column. */
export function tasks(text: string): FilesExample {
  return playbook(`- hosts: all\n  tasks:\n${indented(text, 4)}`);
}

/** An example of an inventory. */
export function inventory(text: string, name = "hosts.ini"): FilesExample {
  return { files: { [name]: text }, command: name === "hosts.ini" ? undefined : `play site.yml -i ${name}` };
}

/** The text with each line that is not empty moved to the right. */
export function indented(text: string, columns: number): string {
  return text.replace(/^(?=.)/gm, " ".repeat(columns));
}
