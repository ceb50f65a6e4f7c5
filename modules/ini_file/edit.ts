/**
 * The algorithm of community.general's ini_file on lines that keep their line ends.
 *
 * @module
 */

/** What is asked of the file. */
export interface IniRequest {
  /** The section; undefined for the lines before the first one. */
  readonly section?: string;
  /** The option; undefined for the section itself. */
  readonly option?: string;
  /** The values that it should have, or should not. */
  readonly values: readonly string[];
  /** Whether they should be there. */
  readonly present: boolean;
  /** Whether the option's other lines go. */
  readonly exclusive: boolean;
  /** `a=b` instead of `a = b`. */
  readonly tight: boolean;
  /** A line that differs only in the spaces around `=` stays. */
  readonly ignoreSpaces: boolean;
  /** An option may stand alone on its line. */
  readonly allowNoValue: boolean;
  /** A line that is commented out counts as the option's and is put in force. */
  readonly inactive: boolean;
}

/** The lines after the edit, and what was done. */
export interface IniEdit {
  /** The whole file. */
  readonly text: string;
  /** community.general's words: `OK` where nothing was done. */
  readonly message: string;
}

/** One section: its header line (none for the lines before the first section) and the lines below. */
interface Section {
  readonly start: number;
  readonly end: number;
}

/** Edits the text of an INI file. */
export function editIni(text: string, request: IniRequest): IniEdit {
  const lines = text === "" ? ["\n"] : text.match(/[^\n]*\n|[^\n]+/g) ?? [];
  const unfinished = !lines.at(-1)!.endsWith("\n");
  if (unfinished) lines[lines.length - 1] += "\n";
  const place = findSection(lines, request.section);
  if (!place) {
    if (!request.present) return { text: unfinished ? lines.join("") : text, message: "OK" };
    return { text: lines.join("") + newSection(request), message: sectionMessage(request) };
  }
  const editor = new SectionEditor(lines.slice(place.start, place.end), request);
  const changed = editor.edit();
  if (!changed && !unfinished) return { text, message: "OK" };
  return {
    text: lines.toSpliced(place.start, place.end - place.start, ...editor.lines).join(""),
    message: editor.message,
  };
}

function findSection(lines: readonly string[], name: string | undefined): Section | undefined {
  const start = name === undefined ? 0 : lines.findIndex((line) => line.startsWith(`[${name}]`));
  if (start === -1) return undefined;
  const end = lines.findIndex((line, index) => line.startsWith("[") && (name === undefined || index > start));
  return { start, end: end === -1 ? lines.length : end };
}

function assignment({ option, tight }: IniRequest, value: string): string {
  return tight ? `${option}=${value}\n` : `${option} = ${value}\n`;
}

function newSection(request: IniRequest): string {
  const { section, option, values, allowNoValue } = request;
  const header = `[${section}]\n`;
  if (option === undefined) return header;
  if (values.length > 0) return header + values.map((value) => assignment(request, value)).join("");
  return allowNoValue ? `${header}${option}\n` : header;
}

function sectionMessage({ option, values, allowNoValue }: IniRequest): string {
  return option !== undefined && (values.length > 0 || allowNoValue)
    ? "section and option added"
    : "only section added";
}

/** Edits the lines of one section, header included. */
class SectionEditor {
  message = "OK";
  readonly #done: boolean[];
  readonly #pattern: RegExp;
  #left: string[];
  #standsAlone = false;

  constructor(readonly lines: string[], readonly request: IniRequest) {
    this.#done = lines.map(() => false);
    this.#left = [...new Set(request.values)];
    const comment = request.inactive && request.present ? "[#;]?" : "";
    const name = RegExp.escape(request.option ?? "");
    // The value is what follows, up to the line's end.
    this.#pattern = new RegExp(`^(${comment})[ \\t]*${name}[ \\t]*(?:=|(?=\\r?\\n))[ \\t]*([^\\r\\n]*)`);
  }

  /** Whether anything changed. */
  edit(): boolean {
    const { option, present, exclusive, allowNoValue } = this.request;
    const before = this.lines.join("");
    if (!present) {
      this.#remove();
    } else if (option !== undefined) {
      this.#keepWanted();
      if (exclusive && !allowNoValue) this.#replaceOthers();
      this.#insertMissing();
    }
    return this.lines.join("") !== before;
  }

  /** The value of the option in a line, or undefined where the line is none of its. */
  #valueIn(index: number): string | undefined {
    return this.#pattern.exec(this.lines[index])?.[2];
  }

  #remove(): void {
    const { option, exclusive } = this.request;
    if (option === undefined) {
      if (this.lines.length > 0) this.message = "section removed";
      this.lines.length = 0;
      return;
    }
    const kept = this.lines.filter((_, index) => {
      const value = this.#valueIn(index);
      return value === undefined || (!exclusive && !this.#left.includes(value));
    });
    if (kept.length < this.lines.length) this.message = "option changed";
    this.lines.splice(0, this.lines.length, ...kept);
  }

  /** Lines that have one of the values are written as they should be; each value is found once. */
  #keepWanted(): void {
    const { option, allowNoValue } = this.request;
    for (const index of this.lines.keys()) {
      const value = this.#valueIn(index);
      if (value === undefined) continue;
      if (this.#left.includes(value)) {
        const alone = value === "" && allowNoValue;
        this.#standsAlone ||= alone;
        this.#write(index, alone ? `${option}\n` : assignment(this.request, value));
        this.#left = this.#left.filter((left) => left !== value);
      } else if (this.#left.length === 0 && allowNoValue) {
        this.#standsAlone = true;
        return this.#write(index, `${option}\n`);
      }
    }
  }

  /** The option's other lines get the values that are left; what then remains of them goes. */
  #replaceOthers(): void {
    for (const index of this.lines.keys()) {
      if (this.#left.length === 0) break;
      if (this.#done[index] || this.#valueIn(index) === undefined) continue;
      this.#write(index, assignment(this.request, this.#left.shift()!));
    }
    for (let index = this.lines.length - 1; index >= 0; index--) {
      if (this.#done[index] || this.#valueIn(index) === undefined) continue;
      this.lines.splice(index, 1);
      this.#done.splice(index, 1);
      this.message = "option changed";
    }
  }

  /** What is still missing comes behind the section's last line that says something. */
  #insertMissing(): void {
    const { option, allowNoValue } = this.request;
    const missing = this.#left.length > 0
      ? this.#left.map((value) => assignment(this.request, value))
      : allowNoValue && !this.#standsAlone
      ? [`${option}\n`]
      : [];
    if (missing.length === 0) return;
    const last = this.lines.findLastIndex((line) => !/^[ \t]*([#;].*)?\r?\n$/.test(line));
    this.lines.splice(last + 1, 0, ...missing);
    this.message = "option added";
  }

  #write(index: number, line: string): void {
    this.#done[index] = true;
    const old = this.lines[index];
    const match = this.#pattern.exec(old);
    const same = this.request.ignoreSpaces && match?.[1] === "" && match[2] === this.#pattern.exec(line)?.[2];
    // A line keeps its carriage return, or its spaces where those do not matter.
    if (same || old.replace(/\r\n$/, "\n") === line) return;
    this.lines[index] = old.endsWith("\r\n") ? line.replace(/\n$/, "\r\n") : line;
    this.message = "option changed";
  }
}
