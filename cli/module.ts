import { argumentsOf } from "../engine/module/schema_info.ts";
import { inputError } from "../engine/support/diagnostic.ts";
import { didYouMean } from "../engine/support/suggest.ts";
import type { Callee } from "../engine/playbook/playbook.ts";
import { calleesOf } from "./callees.ts";
import type { Wiring } from "./program.ts";

/**
 * `aami module [NAME]`: lists the modules, or shows one with its arguments and examples.
 *
 * @throws {DiagnosticError} for a name that is no module
 */
export async function module(name: string | undefined, { terminal, registry }: Wiring): Promise<number> {
  const callees = calleesOf(registry);
  if (name === undefined) {
    const width = Math.max(...callees.names().map((each) => each.length)) + 2;
    for (const each of callees.names()) {
      const callee = await callees.load(each);
      terminal.out(`${terminal.paint("bold", each.padEnd(width))}${callee ? documented(callee).summary : ""}`);
    }
    return 0;
  }
  const callee = await callees.load(name);
  if (!callee) {
    throw inputError(
      "unknown-module",
      `there is no module '${name}'`,
      undefined,
      didYouMean(name, callees.names()) ?? "'aami module' lists the modules",
    );
  }
  terminal.out(reference(callee));
  return 0;
}

function documented(callee: Callee) {
  return callee.kind === "module" ? callee.module : callee.action;
}

/** A module's reference as Markdown. */
export function reference(callee: Callee): string {
  const { name, summary, args, examples, freeForm } = documented(callee);
  const rows = argumentsOf(args).map((argument) => {
    const fallback = argument.required
      ? "required"
      : argument.fallback === undefined
      ? ""
      : `\`${JSON.stringify(argument.fallback)}\``;
    return `| \`${argument.name}\` | ${argument.words.replaceAll("|", "\\|")} | ${fallback} | ${
      argument.description.replaceAll("|", "\\|")
    } |`;
  });
  const table = rows.length === 0
    ? []
    : ["| argument | type | default | meaning |", "| --- | --- | --- | --- |", ...rows, ""];
  const free = freeForm ? [`A bare text is taken as \`${freeForm}\`.`, ""] : [];
  const shown = examples.flatMap((example) => {
    const body = example.args.split("\n");
    const inline = body.length === 1 && !/^\w+:( |$)/.test(body[0]);
    const lines = inline ? [`  ${name}: ${body[0]}`] : [`  ${name}:`, ...body.map((line) => `    ${line}`)];
    return ["```yaml", `- name: ${example.name}`, ...lines, "```", ""];
  });
  return [
    `# ${name}`,
    "",
    `${summary}.`,
    "",
    ...free,
    ...table,
    ...(shown.length > 0 ? ["## Examples", "", ...shown] : []),
  ].join("\n").trimEnd();
}
