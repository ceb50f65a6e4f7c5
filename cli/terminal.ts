/**
 * The one way to the terminal: data goes to stdout, talk to stderr, colours only where they are seen.
 *
 * @module
 */

import { styleText } from "node:util";
import type { Paint } from "../engine/support/diagnostic.ts";

/** A style that {@linkcode Terminal.paint} knows. */
export type Style = Parameters<Paint>[0] | "green" | "magenta" | "blue";

/** Where a command writes. Tests give their own. */
export interface Terminal {
  /** Data. */
  out(text: string): void;
  /** Talk: progress, warnings, errors. */
  talk(text: string): void;
  /** Colours a text for stdout, or leaves it. */
  paint(style: Style, text: string): string;
  /** Colours a text for stderr, or leaves it. */
  paintTalk(style: Style, text: string): string;
  /** Shows a line that the next output replaces; only where stderr is a terminal. */
  progress(text: string | undefined): void;
  /** Columns of the terminal; 80 where there is none. */
  readonly columns: number;
  /** Whether stdout is a terminal, whose lines should not be longer than its columns. */
  readonly isTerminal: boolean;
  /** Asks for a secret without showing it; undefined where nobody can be asked. */
  askSecret(question: string): Promise<string | undefined>;
  /** Whether somebody can be asked: stdin is a terminal. */
  readonly canAsk: boolean;
  /** Asks for a line; undefined where nobody can be asked, or nobody answers any more. */
  ask(question: string): Promise<string | undefined>;
}

function colours(stream: typeof Deno.stdout | typeof Deno.stderr): boolean {
  if (Deno.env.get("NO_COLOR")) return false;
  if (Deno.env.get("FORCE_COLOR")) return true;
  return stream.isTerminal() && Deno.env.get("TERM") !== "dumb";
}

/** The terminal of this process. */
export function systemTerminal(): Terminal {
  const encoder = new TextEncoder();
  const [outColours, talkColours] = [colours(Deno.stdout), colours(Deno.stderr)];
  const live = Deno.stderr.isTerminal() && Deno.env.get("TERM") !== "dumb";
  let shown = false;
  const write = (stream: typeof Deno.stdout | typeof Deno.stderr, text: string) => {
    const bytes = encoder.encode(text);
    for (let done = 0; done < bytes.length;) done += stream.writeSync(bytes.subarray(done));
  };
  const clear = () => {
    if (shown) write(Deno.stderr, "\r\x1b[2K");
    shown = false;
  };
  const paint = (on: boolean) => (style: Style, text: string) =>
    on ? styleText(style, text, { validateStream: false }) : text;
  return {
    out(text) {
      clear();
      write(Deno.stdout, `${text}\n`);
    },
    talk(text) {
      clear();
      write(Deno.stderr, `${text}\n`);
    },
    paint: paint(outColours),
    paintTalk: paint(talkColours),
    progress(text) {
      if (!live) return;
      clear();
      if (text === undefined) return;
      write(Deno.stderr, text.slice(0, columnsOf() - 1));
      shown = true;
    },
    isTerminal: Deno.stdout.isTerminal(),
    get columns() {
      return columnsOf();
    },
    askSecret: (question) => askSecret(question, write),
    canAsk: Deno.stdin.isTerminal(),
    ask(question) {
      clear();
      return ask(question, write);
    },
  };
}

function columnsOf(): number {
  try {
    return Deno.consoleSize().columns || 80;
  } catch {
    return 80;
  }
}

/** Reads a line as the terminal edits it. */
async function ask(
  question: string,
  write: (stream: typeof Deno.stderr, text: string) => void,
): Promise<string | undefined> {
  if (!Deno.stdin.isTerminal()) return undefined;
  write(Deno.stderr, question);
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(256);
  let answer = "";
  while (!answer.includes("\n")) {
    const count = await Deno.stdin.read(buffer);
    if (count === null) return undefined;
    answer += decoder.decode(buffer.subarray(0, count), { stream: true });
  }
  return answer.slice(0, answer.indexOf("\n")).trim();
}

async function askSecret(
  question: string,
  write: (stream: typeof Deno.stderr, text: string) => void,
): Promise<string | undefined> {
  if (!Deno.stdin.isTerminal()) return undefined;
  write(Deno.stderr, question);
  Deno.stdin.setRaw(true, { cbreak: false });
  let answer = "";
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(256);
  try {
    for (;;) {
      const count = await Deno.stdin.read(buffer);
      if (count === null) return undefined;
      for (const char of decoder.decode(buffer.subarray(0, count), { stream: true })) {
        if (char === "\r" || char === "\n") return answer;
        if (char === "\x03" || char === "\x04") return undefined;
        answer = char === "\x7f" || char === "\b" ? answer.slice(0, -1) : answer + char;
      }
    }
  } finally {
    Deno.stdin.setRaw(false);
    write(Deno.stderr, "\n");
  }
}
