/**
 * `script`: a script of the controller, run on the host and not left there.
 *
 * @module
 */

import { defineModule, type Module, ModuleError, type Plan, type Result } from "../../engine/module/module.ts";
import type { Host } from "../../engine/host/host.ts";
import { fileSource, text } from "../../engine/module/schema.ts";
import { shellQuote } from "../../engine/support/shell_quote.ts";
import { z } from "../../engine/support/zod.ts";
import {
  type CommandArgs,
  commandArguments,
  type GuardState,
  inspectGuards,
  planCommand,
  runCommand,
  splitWords,
} from "../_shared/commands.ts";
import { baseName } from "../_shared/files.ts";

const { chdir, creates, removes, unless } = commandArguments;

const schema = z.strictObject({
  cmd: fileSource().describe(
    "The script, found in `files/` beside the playbook or role. Its first line says what runs it (`#!/bin/sh`), or `executable` does.",
  ),
  args: z.union([z.array(text()), text()]).default([]).describe(
    "The script's arguments: a list of words, or a text that is split as a shell would.",
  ).meta({ words: "list | string" }),
  executable: text().optional().describe("What runs the script, e.g. `/bin/bash -e` or `python3`."),
  ...{ chdir, creates, removes, unless },
}).superRefine(({ cmd }, context) => {
  if (typeof cmd === "string" || cmd.kind === "file") return;
  context.addIssue({ code: "custom", path: ["cmd"], message: `${cmd.path} is a directory, not a script` });
});

type Args = z.output<typeof schema>;

/** What runs on the host: the script is kept in a directory of its own while it runs, and removed however it ends. */
function runner(name: string, runs: readonly string[], words: readonly string[]): string {
  return [
    "d=$(mktemp -d) || exit",
    "trap 'rm -rf -- \"$d\"' EXIT",
    "trap 'exit 129' HUP; trap 'exit 130' INT; trap 'exit 143' TERM",
    `f=$d/${shellQuote(name)}`,
    'cat >"$f" && chmod 700 "$f" || exit',
    `${[...runs.map(shellQuote), '"$f"', ...words.map(shellQuote)].join(" ")} </dev/null`,
  ].join("\n");
}

function wordsOf(value: string | readonly string[] | undefined): string[] {
  if (typeof value !== "string") return [...value ?? []];
  return splitWords(value).map((word) => word.text);
}

function guardsOf(args: Args): CommandArgs {
  const { chdir, creates, removes, unless } = args;
  return { chdir, creates, removes, unless, stdin_add_newline: false, strip_empty_ends: true };
}

function plan(state: GuardState, args: Args): Plan {
  const { cmd } = args;
  if (typeof cmd === "string" || cmd.kind !== "file") {
    throw new ModuleError("the script was not found on the controller");
  }
  const [runs, words] = [wordsOf(args.executable), wordsOf(args.args)];
  const name = baseName(cmd.path);
  const argv = ["/bin/sh", "-c", runner(name, runs, words)];
  const planned = planCommand(state, guardsOf(args), argv, [...runs, name, ...words]);
  if (!(cmd.content instanceof Uint8Array)) return planned;
  const { content } = cmd;
  return { ...planned, actions: planned.actions.map((action) => ({ ...action, stdin: content })) };
}

async function apply(host: Host, plan: Plan, args: Args): Promise<Result> {
  const { cmd } = args;
  if (typeof cmd === "string" || cmd.kind !== "file" || cmd.content instanceof Uint8Array) {
    return await runCommand(host, plan, guardsOf(args));
  }
  const stdin = await Deno.readFile(cmd.content.local);
  const actions = plan.actions.map((action) => action.do === "run" ? { ...action, stdin } : action);
  return await runCommand(host, { ...plan, actions }, guardsOf(args));
}

/** The `script` module. */
export default defineModule<Args, GuardState>({
  name: "script",
  summary: "Runs a script of the controller on the host, where it is not left",
  args: schema,
  freeForm: "cmd",
  freeFormRest: "args",
  examples: [
    { name: "Once", args: "cmd: burn-in.sh\nargs: --minutes 10\ncreates: /var/lib/burn-in.done" },
    {
      name: "With another interpreter",
      args: "cmd: topology.py\nexecutable: python3 -u\nargs: [--json, /root/topology.json]",
    },
  ],
  inspect: (host, args) => inspectGuards(host, guardsOf(args)),
  plan,
  apply,
}) as Module<Args, GuardState>;
