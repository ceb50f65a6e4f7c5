import { inputError } from "../engine/support/diagnostic.ts";
import { didYouMean } from "../engine/support/suggest.ts";
import { type Explanation, indented, USUAL_COMMAND } from "./explanations/explanation.ts";
import { EXPLANATIONS } from "./explanations/mod.ts";
import type { Terminal } from "./terminal.ts";

/**
 * `aami explain [CODE]`: lists the codes of diagnostics, or tells what one means, what brings it out and how to mend it.
 *
 * @throws {DiagnosticError} for a code that is none
 */
export function explain(code: string | undefined, output: "text" | "json", terminal: Terminal): number {
  const codes = Object.keys(EXPLANATIONS).sort();
  const known: Readonly<Record<string, Explanation>> = EXPLANATIONS;
  if (code === undefined) {
    const list = codes.map((each) => ({ code: each, summary: known[each].summary }));
    terminal.out(output === "json" ? JSON.stringify(list, undefined, 2) : table(list, terminal));
    return 0;
  }
  if (!codes.includes(code)) {
    const help = didYouMean(code, codes) ?? "'aami explain' lists the codes";
    throw inputError("unknown-code", `no message has the code '${code}'`, undefined, help);
  }
  const data = { code, ...known[code] };
  terminal.out(output === "json" ? JSON.stringify(data, undefined, 2) : text(code, known[code], terminal));
  return 0;
}

function table(list: readonly { code: string; summary: string }[], terminal: Terminal): string {
  const width = Math.max(...list.map(({ code }) => code.length)) + 2;
  return list.map(({ code, summary }) => `${terminal.paint("bold", code.padEnd(width))}${summary}`).join("\n");
}

function text(code: string, { summary, meaning, example, mend }: Explanation, terminal: Terminal): string {
  const heading = (words: string) => terminal.paint("cyan", words);
  const wide = Math.min(terminal.columns, 100);
  return [
    `${terminal.paint("bold", `${code}:`)} ${summary}`,
    "",
    wrapped(meaning, wide),
    "",
    heading("Example"),
    ..."situation" in example ? [`  ${example.situation}`, ""] : [
      ...Object.entries(example.files).flatMap(([name, content]) => [`  ${name}`, indented(content, 6)]),
      `  aami ${example.command ?? USUAL_COMMAND}`,
      "",
    ],
    heading("What to do"),
    indented(wrapped(mend, wide - 2), 2),
  ].join("\n");
}

/** Breaks long lines between words; lines that begin with a space are code and stay. */
function wrapped(text: string, width: number): string {
  return text.split("\n").map((line) =>
    line.startsWith(" ") ? line : line.replace(new RegExp(`(.{1,${width}})(?: +|$)`, "g"), "$1\n").trimEnd()
  ).join("\n");
}
