/**
 * How wrong input is told: as text to people, as data to programs that asked for it.
 *
 * @module
 */

import { type DiagnosticError, diagnosticToJson, formatDiagnostic } from "../engine/support/diagnostic.ts";
import type { Wiring } from "./program.ts";

/** Of these the message and its help say all there is to say. */
const SAY_ALL: ReadonlySet<string> = new Set(["usage", "flag", "unknown-code"]);

/**
 * Tells what was found on stderr; with `-o json` or `-o jsonl` in the arguments, on stdout as data too.
 *
 * @param args the command line, which may be what is wrong, so it is looked at and not parsed
 */
export function tellFindings(
  error: DiagnosticError,
  args: readonly string[],
  { terminal, redactor }: Pick<Wiring, "terminal" | "redactor">,
): void {
  // What was decrypted by then may be in the words of a finding about it.
  const diagnostics = error.diagnostics.map((finding) => ({
    ...finding,
    message: redactor.text(finding.message),
    help: finding.help && redactor.text(finding.help),
  }));
  for (const diagnostic of diagnostics) terminal.talk(formatDiagnostic(diagnostic, terminal.paintTalk));
  const codes = [...new Set(diagnostics.map(({ code }) => code))].filter((code) => !SAY_ALL.has(code));
  if (codes.length > 0) {
    terminal.talk(terminal.paintTalk("dim", `more: ${codes.map((code) => `aami explain ${code}`).join(", ")}`));
  }
  const format = outputFormat(args);
  const data = diagnostics.map(diagnosticToJson);
  if (format === "json") terminal.out(JSON.stringify({ schema: 1, diagnostics: data, exit: 1 }, undefined, 2));
  if (format === "jsonl") {
    for (const each of data) terminal.out(JSON.stringify({ schema: 1, type: "diagnostic", ...each }));
  }
}

function outputFormat(args: readonly string[]): string | undefined {
  for (const [index, arg] of args.entries()) {
    if (arg === "--") return undefined;
    const attached = /^(?:-o|--output=)(.+)$/.exec(arg)?.[1];
    if (attached ?? (arg === "-o" || arg === "--output")) return attached ?? args[index + 1];
  }
  return undefined;
}
