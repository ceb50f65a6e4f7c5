import { editorSchema } from "../cluster/config/schema.ts";
import { inventoryJsonSchema } from "../engine/inventory/json_schema.ts";
import type { JsonSchema } from "../engine/module/json_schema.ts";
import { playbookJsonSchema, tasksJsonSchema } from "../engine/playbook/json_schema.ts";
import type { Callees } from "../engine/playbook/load_tasks.ts";
import { inputError } from "../engine/support/diagnostic.ts";
import { didYouMean } from "../engine/support/suggest.ts";
import { calleesOf } from "./callees.ts";
import type { Wiring } from "./program.ts";

const SCHEMAS: Readonly<Record<string, (callees: Callees) => JsonSchema | Promise<JsonSchema>>> = {
  playbook: playbookJsonSchema,
  tasks: tasksJsonSchema,
  inventory: inventoryJsonSchema,
  config: () => ({ ...editorSchema() }),
};

/**
 * `aami schema KIND`: prints the JSON Schema of a kind of file.
 *
 * @throws {DiagnosticError} for a kind that has none
 */
export async function schema(kind: string, { terminal, registry }: Wiring): Promise<number> {
  if (!Object.hasOwn(SCHEMAS, kind)) {
    const known = Object.keys(SCHEMAS);
    const help = didYouMean(kind, known) ?? `there are ${known.join(", ")}`;
    throw inputError("usage", `there is no schema of '${kind}'`, undefined, help);
  }
  terminal.out(JSON.stringify(await SCHEMAS[kind](calleesOf(registry)), undefined, 2));
  return 0;
}
