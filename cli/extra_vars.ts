import { inputError, type SourceText } from "../engine/support/diagnostic.ts";
import { parseYaml } from "../engine/support/yaml.ts";
import { expectMap, isEmpty } from "../engine/playbook/keywords.ts";
import { readSource, unreadable } from "../engine/playbook/read_source.ts";
import { checkVariableName, variablesOf } from "../engine/playbook/settings.ts";
import { compileValue } from "../engine/variables/expression.ts";
import type { Layer, Variable } from "../engine/variables/variable.ts";
import type { Vault } from "../engine/variables/vault.ts";

/**
 * Reads the values of `-e`: `k=v` pairs (texts), a YAML or JSON mapping, or `@FILE`.
 *
 * @throws {DiagnosticError}
 */
export async function extraVars(values: readonly string[], vault: Vault): Promise<Layer> {
  const layer = new Map<string, Variable>();
  for (const value of values) for (const [name, variable] of await readOne(value, vault)) layer.set(name, variable);
  return layer;
}

async function readOne(value: string, vault: Vault): Promise<Layer> {
  if (value.startsWith("@")) return mapping(await readFile(value.slice(1), vault), vault);
  const source = { path: "--extra-vars", text: value };
  return /^\s*[{[]/.test(value) ? mapping(source, vault) : pairs(source);
}

/** `a=1 b="two words"`. */
function pairs(source: SourceText): Layer {
  const { text } = source;
  const layer = new Map<string, Variable>();
  const pattern = /\s*([^\s=]+)=("(?:[^"\\]|\\.)*"|'[^']*'|(?:\{\{.*?\}\}|\S)*)/y;
  while (pattern.lastIndex < text.trimEnd().length) {
    const start = pattern.lastIndex + /^\s*/.exec(text.slice(pattern.lastIndex))![0].length;
    const match = pattern.exec(text);
    if (!match) {
      const word = text.slice(start).split(/\s/)[0];
      const help = "write k=v (quote a value with spaces), a JSON mapping, or @FILE";
      throw inputError("extra-vars", `'${word}' is no variable`, { source, start, end: start + word.length }, help);
    }
    const [, name, raw] = match;
    checkVariableName(name, { source, start, end: start + name.length });
    const written = /^["']/.test(raw) ? raw.slice(1, -1).replace(/\\(["\\])/g, "$1") : raw;
    const span = { source, start: pattern.lastIndex - raw.length, end: pattern.lastIndex };
    layer.set(name, compileValue({ kind: "scalar", value: written, written, span }));
  }
  return layer;
}

async function readFile(path: string, vault: Vault): Promise<SourceText> {
  try {
    await Deno.stat(path);
  } catch (error) {
    throw inputError("file-unreadable", unreadable(path, error), undefined, "-e @FILE reads variables from a file");
  }
  return await readSource(path, undefined, vault);
}

function mapping(source: SourceText, vault: Vault): Layer {
  const node = parseYaml(source);
  if (node) vault.learn(node);
  if (!node || isEmpty(node)) return new Map();
  return variablesOf(expectMap(node, "what -e gives"));
}
