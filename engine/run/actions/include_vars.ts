import { join } from "node:path";
import { flag, integer, text } from "../../module/schema.ts";
import type { Value } from "../../module/module.ts";
import { loadVariables } from "../../playbook/load_role.ts";
import { find } from "../../playbook/search_path.ts";
import { list, stat } from "../../support/assets.ts";
import { inputError } from "../../support/diagnostic.ts";
import { z } from "../../support/zod.ts";
import { constantVariable } from "../../variables/scope.ts";
import type { Layer } from "../../variables/variable.ts";
import { type ActionContext, defineAction, type RunAction } from "./action.ts";

/** Reads variables from files. */
export default defineAction({
  name: "include_vars",
  summary: "Reads variables of the host from a file or a folder of the controller",
  args: z.strictObject({
    file: text().optional().describe("The file, looked for in vars/ of the role or playbook, then beside it."),
    dir: text().optional().describe("A folder whose files are read in the order of their names."),
    depth: integer({ min: 0 }).default(0).describe("How many levels of folders below 'dir' are read; 0 for all."),
    extensions: z.array(z.string()).default(["yaml", "yml", "json"]).describe("Which files of 'dir' are read."),
    ignore_files: z.array(z.string()).default([]).describe(
      "Names of files in 'dir' that are left out; regular expressions.",
    ),
    files_matching: text().optional().describe("Only files of 'dir' whose name matches this regular expression."),
    name: text().optional().describe("One variable that gets them all as a mapping."),
    ignore_unknown_extensions: flag().default(false).describe("Leave out files of 'dir' with other extensions."),
  }).refine((args) => (args.file === undefined) !== (args.dir === undefined), "needs 'file' or 'dir', and not both"),
  freeForm: "file",
  steers: true,
  repeats: true,
  examples: [{ name: "Variables by distribution", args: '"{{ ansible_facts.distribution }}.yml"' }],
  async run(args, context) {
    const files = args.file === undefined ? await filesIn(args.dir!, args, context) : [await place(args.file, context)];
    const layer = new Map((await Promise.all(files.map((file) => read(file, context)))).flatMap((each) => [...each]));
    const values = valuesOf(layer, context);
    if (args.name === undefined) { for (const [name, variable] of layer) context.include(name, variable); }
    else context.include(args.name, constantVariable(values));
    const facts = args.name === undefined ? values : { [args.name]: values };
    return { result: { ansible_facts: facts, ansible_included_var_files: files } };
  },
}) as RunAction<unknown>;

function read(path: string, { task, run }: ActionContext): Promise<Layer> {
  return loadVariables(path, run.vault, task.args.span);
}

/** What `register` sees of them. What cannot be known yet is left out: it is told where it is used. */
function valuesOf(layer: Layer, { scope }: ActionContext): { [name: string]: Value } {
  const inner = scope.child(layer);
  return Object.fromEntries([...layer.keys()].flatMap((name) => {
    try {
      return [[name, inner.get(name) ?? null]];
    } catch {
      return [];
    }
  }));
}

async function place(path: string, { task, play }: ActionContext): Promise<string> {
  const own = [...task.role ? [task.role.directory] : [], play.play.directory];
  const folders = own.flatMap((folder) => [join(folder, "vars"), folder]);
  const tried: string[] = [];
  const found = await find(folders, path, tried);
  if (found) return found;
  const help = `looked in: ${tried.join(", ")}`;
  throw inputError("file-unreadable", `there is no file of variables '${path}'`, task.args.span, help);
}

interface Choice {
  readonly depth: number;
  readonly extensions: readonly string[];
  readonly ignore_files: readonly string[];
  readonly files_matching?: string;
  readonly ignore_unknown_extensions: boolean;
}

async function filesIn(dir: string, choice: Choice, context: ActionContext): Promise<string[]> {
  const found: string[] = [];
  const walk = async (folder: string, level: number) => {
    for (const name of (await list(folder)).sort()) {
      const path = join(folder, name);
      if ((await stat(path)).isDirectory) {
        if (choice.depth === 0 || level < choice.depth) await walk(path, level + 1);
      } else if (isWanted(name, choice, context)) found.push(path);
    }
  };
  await walk(await place(dir, context), 1);
  return found;
}

function isWanted(name: string, choice: Choice, { task }: ActionContext): boolean {
  if (choice.ignore_files.some((pattern) => new RegExp(pattern).test(name))) return false;
  if (choice.files_matching !== undefined && !new RegExp(choice.files_matching).test(name)) return false;
  if (choice.extensions.includes(name.split(".").at(-1)!)) return true;
  if (choice.ignore_unknown_extensions) return false;
  const help = "name it in 'ignore_files', or its extension in 'extensions'";
  throw inputError("type", `'${name}' is not one of ${choice.extensions.join(", ")}`, task.args.span, help);
}
