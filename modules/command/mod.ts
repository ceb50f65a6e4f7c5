/** Runs a command without a shell. */

import { defineModule, type Module, ModuleError } from "../../engine/module/module.ts";
import { list, text } from "../../engine/module/schema.ts";
import { z } from "../../engine/support/zod.ts";
import {
  commandArguments,
  freeForm,
  type GuardState,
  inspectGuards,
  planCommand,
  refuseUnless,
  runCommand,
  splitWords,
} from "../_shared/commands.ts";
import { isUnguarded } from "../_shared/unguarded.ts";

const schema = z.strictObject({
  cmd: text().optional().describe(
    "The command, split into words as a shell would but run without one: no pipes, no variables, no globs.",
  ),
  argv: list(text()).optional().describe("The command as a list of words, instead of `cmd`."),
  ...commandArguments,
}).superRefine(refuseUnless(resolve));

type Args = z.output<typeof schema>;

/** The words to run and the guards, with those that stood in the free form. */
function resolve(args: Args): { argv: string[]; guards: Args } {
  const argv = args.argv ?? [];
  if (args.cmd !== undefined && argv.length > 0) throw new ModuleError("both cmd and argv are given: keep one of them");
  if (argv.length > 0) return { argv, guards: args };
  const { text, options } = freeForm(args.cmd ?? "");
  const words = splitWords(text).map((word) => word.text);
  if (words.length === 0) throw new ModuleError("there is no command: give cmd or argv");
  return { argv: words, guards: { ...options, ...args } };
}

/** The `command` module. */
export default defineModule<Args, GuardState>({
  name: "command",
  summary: "Runs a command, without a shell",
  args: schema,
  freeForm: "cmd",
  examples: [
    {
      name: "Make a database once",
      args: "cmd: /usr/bin/make_database.sh db_user db_name\ncreates: /path/to/database",
    },
    { name: "Words with spaces", args: "argv: [/usr/bin/logger, a message of one word]" },
  ],
  alwaysActs: isUnguarded,
  inspect: (host, args) => inspectGuards(host, resolve(args).guards),
  plan(state, args) {
    const { argv, guards } = resolve(args);
    return planCommand(state, guards, argv, argv);
  },
  async apply(host, plan, args) {
    try {
      return await runCommand(host, plan, args);
    } catch (error) {
      throw error instanceof ModuleError ? explained(error, resolve(args).argv[0]) : error;
    }
  },
}) as Module<Args, GuardState>;

/** A program that is not there is no exit status of its own, though the shell that looks for it says so. */
function explained(error: ModuleError, program: string): ModuleError {
  const { result } = error.options;
  const said = String(result?.stderr ?? "");
  if (
    result?.rc !== 127 ||
    !new RegExp(`${RegExp.escape(program)}: (not found|command not found|No such file)`).test(said)
  ) return error;
  const where = program.includes("/") ? "on the host" : "on the host's PATH";
  const message = `there is no program '${program}' ${where}`;
  return new ModuleError(message, { result: { ...result, msg: message } });
}
