/**
 * Keywords of plays that take more than a word: `serial` and `vars_prompt`.
 *
 * @module
 */

import { inputError } from "../support/diagnostic.ts";
import type { YamlEntry, YamlMap } from "../support/yaml.ts";
import { compileValue } from "../variables/expression.ts";
import type { Variable } from "../variables/variable.ts";
import type { Value } from "../module/module.ts";
import { describe } from "../module/schema.ts";
import { Findings } from "./findings.ts";
import { flagKeyword } from "./keyword_values.ts";
import { expectMap, expectSeq, expectText, fields, firstKey, isEmpty, unknownKeys } from "./keywords.ts";
import type { Prompt } from "./playbook.ts";
import { checkVariableName } from "./settings.ts";

/**
 * The sizes of batches: a number, a percentage, or a list of them.
 *
 * @throws {DiagnosticError}
 */
export function serialOf(entry: YamlEntry | undefined): Variable | undefined {
  if (!entry || isEmpty(entry.value)) return undefined;
  const sizes = compileValue(entry.value);
  if (sizes.constant !== undefined) batchSizes(sizes.constant, 100, sizes);
  return sizes;
}

/**
 * How many hosts each batch takes; the last size repeats until all had their turn.
 *
 * @param value what `serial` came to
 * @param hosts how many hosts the play has
 * @throws {DiagnosticError} for a size that is none, at the keyword
 */
export function batchSizes(value: Value, hosts: number, { span }: Pick<Variable, "span">): number[] {
  const sizes = (Array.isArray(value) ? value : [value]).map((size) => {
    const text = String(size).trim();
    const percent = /^(\d+(?:\.\d+)?)%$/.exec(text)?.[1];
    if (percent !== undefined) return Math.max(1, Math.floor(hosts * Number(percent) / 100));
    // As in Ansible, 0 and less stand for all that are left.
    if (/^-?\d+$/.test(text)) return Number(text) > 0 ? Number(text) : Math.max(1, hosts);
    const help = "write: serial: 5, serial: 30%, or serial: [1, 5, 30%]";
    throw inputError("type", `'serial' must be a number of hosts or a percentage, got ${describe(size)}`, span, help);
  });
  if (sizes.length === 0) throw inputError("type", "'serial' names no size", span);
  const batches: number[] = [];
  for (let left = hosts; left > 0; left -= batches.at(-1)!) {
    batches.push(Math.min(left, sizes[Math.min(batches.length, sizes.length - 1)]));
  }
  return batches;
}

const PROMPT_KEYS = ["name", "prompt", "default", "private", "confirm", "unsafe"];
/** Of Ansible's, which encrypts the answer for /etc/shadow. */
const ENCRYPTION = ["encrypt", "salt", "salt_size"];

/**
 * The questions of `vars_prompt`.
 *
 * @throws {DiagnosticError} with all that is wrong with them
 */
export function promptsOf(entry: YamlEntry | undefined): Prompt[] {
  if (!entry || isEmpty(entry.value)) return [];
  const findings = new Findings();
  const prompts = expectSeq(entry.value, "'vars_prompt'", " of questions").items.flatMap((item) =>
    findings.attempt(() => promptOf(expectMap(item, "a question of 'vars_prompt'"))) ?? []
  );
  findings.report();
  return prompts;
}

function promptOf(map: YamlMap): Prompt {
  const findings = new Findings();
  findings.add(
    ...unknownKeys(map, PROMPT_KEYS, "a question of 'vars_prompt'").map((finding) => {
      const key = finding.span!.source.text.slice(finding.span!.start, finding.span!.end);
      const help = "give the user module's 'password' a value that is encrypted already";
      return ENCRYPTION.includes(key) ? { ...finding, help } : finding;
    }),
  );
  findings.report();
  const at = fields(map);
  const named = at.get("name");
  if (!named) throw inputError("no-name", "the question names no variable", firstKey(map), "add 'name: …'");
  const name = expectText(named.value, "'name'");
  checkVariableName(name.value, name.span);
  const prompt = at.get("prompt");
  const given = at.get("default");
  return {
    name: name.value,
    prompt: prompt ? expectText(prompt.value, "'prompt'").value : name.value,
    default: given && compileValue(given.value),
    private: flagKeyword(at.get("private"))?.constant !== false,
    confirm: flagKeyword(at.get("confirm"))?.constant === true,
    span: name.span,
  };
}
