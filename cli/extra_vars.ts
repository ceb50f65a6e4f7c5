import { DiagnosticError, inputError } from "../engine/support/diagnostic.ts";
import { parseYaml, type YamlMap } from "../engine/support/yaml.ts";
import { variablesOf } from "../engine/playbook/settings.ts";
import { constantVariable } from "../engine/variables/scope.ts";
import type { Layer, Variable } from "../engine/variables/variable.ts";

/**
 * Reads the values of `-e`: `k=v` pairs (texts), a YAML or JSON mapping, or `@FILE`.
 *
 * @throws {DiagnosticError}
 */
export async function extraVars(values: readonly string[]): Promise<Layer> {
  const layer = new Map<string, Variable>();
  for (const value of values) for (const [name, variable] of await readOne(value)) layer.set(name, variable);
  return layer;
}

async function readOne(value: string): Promise<Layer> {
  if (value.startsWith("@")) return mapping({ path: value.slice(1), text: await readFile(value.slice(1)) });
  if (/^\s*[{[]/.test(value)) return mapping({ path: "--extra-vars", text: value });
  const layer = new Map<string, Variable>();
  const source = { path: "--extra-vars", text: value };
  const pattern = /\s*([A-Za-z_]\w*)=("(?:[^"\\]|\\.)*"|'[^']*'|\S*)/y;
  while (pattern.lastIndex < value.trimEnd().length) {
    const start = pattern.lastIndex;
    const match = pattern.exec(value);
    if (!match) {
      const span = { source, start, end: value.length };
      throw inputError(
        "extra-vars",
        `'${value.slice(start).trim()}' is no variable`,
        span,
        "write k=v, a JSON mapping, or @FILE",
      );
    }
    const [, name, raw] = match;
    layer.set(name, constantVariable(/^["']/.test(raw) ? raw.slice(1, -1).replace(/\\(["\\])/g, "$1") : raw));
  }
  return layer;
}

async function readFile(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    const reason = error instanceof Deno.errors.NotFound ? `there is no file '${path}'` : `'${path}' cannot be read`;
    throw inputError("file-missing", reason, undefined, "-e @FILE reads variables from a file");
  }
}

function mapping(source: { path: string; text: string }): Layer {
  const node = parseYaml(source);
  if (node?.kind === "map") return variablesOf(node as YamlMap);
  throw new DiagnosticError({
    severity: "error",
    code: "extra-vars",
    message: "extra variables must be a mapping",
    span: node?.span,
  });
}
