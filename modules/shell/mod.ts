/** Runs a command line through a shell. */

import { defineModule, type Module, ModuleError } from "../../engine/module/module.ts";
import { path, text } from "../../engine/module/schema.ts";
import { z } from "../../engine/support/zod.ts";
import {
  commandArguments,
  freeForm,
  type GuardState,
  inspectGuards,
  planCommand,
  refuseUnless,
  runCommand,
} from "../_shared/commands.ts";
import { isUnguarded } from "../_shared/unguarded.ts";

const schema = z.strictObject({
  cmd: text().describe("The script, run by the shell of `executable`."),
  executable: path().optional().describe("The shell that runs it; /bin/sh unless said otherwise."),
  ...commandArguments,
}).superRefine(refuseUnless(resolve));

type Args = z.output<typeof schema>;

/** The script and the guards, with those that stood in the free form. */
function resolve(args: Args): { script: string; guards: Args } {
  const { text, options } = freeForm(args.cmd, ["creates", "removes", "chdir", "executable"]);
  if (text.trim() === "") throw new ModuleError("there is no command: give cmd");
  return { script: text, guards: { ...options, ...args } };
}

/** The `shell` module. */
export default defineModule<Args, GuardState>({
  name: "shell",
  summary: "Runs a command line through a shell",
  args: schema,
  freeForm: "cmd",
  examples: [
    {
      name: "Keep the output of a pipe",
      args: "cmd: dmesg | grep -c NVRM > /root/nvrm.count\ncreates: /root/nvrm.count",
    },
    { name: "With bash", args: "cmd: set -o pipefail; journalctl -k | gzip > /root/kernel.gz\nexecutable: /bin/bash" },
  ],
  alwaysActs: isUnguarded,
  inspect: (host, args) => inspectGuards(host, resolve(args).guards),
  plan(state, args) {
    const { script, guards } = resolve(args);
    return planCommand(state, guards, [guards.executable ?? "/bin/sh", "-c", script], script);
  },
  apply: (host, plan, args) => runCommand(host, plan, args),
}) as Module<Args, GuardState>;
