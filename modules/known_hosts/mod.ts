/** Host keys that SSH trusts. */

import {
  defineModule,
  type Module,
  ModuleError,
  nothingToDo,
  type Plan,
  type Result,
} from "../../engine/module/module.ts";
import type { ReadOnlyHost } from "../../engine/host/host.ts";
import { choice, flag, normalizePath, text } from "../../engine/module/schema.ts";
import { z } from "../../engine/support/zod.ts";
import { aliased } from "../_shared/arguments.ts";
import { type EditedFile, inspectEditedFile } from "../_shared/edited_file.ts";
import { baseName, parentOf } from "../_shared/files.ts";
import { planText, textOf } from "../_shared/text_file.ts";
import { keysOf, withKeys, withoutKeys, wrongKeys } from "./entries.ts";

const schema = z.strictObject({
  name: text().transform((name) => name.toLowerCase()).refine((name) => /^[^\s,|@#]+$/.test(name), {
    message: "'name' is one name or address of a host, with another port as [name]:port",
  }).describe("The host, as it is given to ssh; with another port than 22 as `[name]:port`."),
  key: text().optional().describe(
    "The host's key as `ssh-keyscan` prints it, or several, one a line. What comes before the type, if anything, must name the host.",
  ),
  path: text().transform(normalizePath).refine((path) => /^(~\/|\/)[^\0]+$/.test(path), {
    message: "'path' is an absolute path, or begins with ~/",
  }).default("~/.ssh/known_hosts").describe("The file; `~` is the home of the user who runs the task."),
  hash_host: flag().default(false).describe("Write a hash instead of the name. A line that is hashed stays so."),
  state: choice("present", "absent").default("present").describe(
    "Whether the host has this key. `absent` without `key` removes all its keys.",
  ),
}).superRefine((args, context) => {
  if (/[\s,|@#]/.test(args.name)) return;
  const message = args.key === undefined
    ? args.state === "present" ? "'state: present' needs 'key', the host's public key" : undefined
    : wrongKeys(args.key, args.name);
  if (message !== undefined) context.addIssue({ code: "custom", path: ["key"], message });
});

type Args = z.output<typeof schema>;

async function inspect(host: ReadOnlyHost, args: Args): Promise<EditedFile> {
  const path = args.path.startsWith("~/") ? `${await homeOf(host)}${args.path.slice(1)}` : args.path;
  return await inspectEditedFile(host, { path, create: args.state === "present" });
}

async function homeOf(host: ReadOnlyHost): Promise<string> {
  const account = await host.account(host.user);
  if (account) return account.home.replace(/\/$/, "");
  throw new ModuleError(`the home of '${host.user}', who runs the task, is not known: write 'path' from the root`);
}

function plan(file: EditedFile, args: Args): Plan {
  const { name, key, hash_host, state } = args;
  const result: Result = { name, path: file.path, hash_host, state, ...key !== undefined && { key } };
  const before = textOf(file);
  const keys = key === undefined ? undefined : keysOf(key, name);
  if (state === "absent") {
    return file.stat ? planText(file, withoutKeys(before, name, keys), {}, result) : nothingToDo(result);
  }
  const planned = planText(
    file,
    withKeys(before, name, keys ?? [], hash_host),
    file.stat ? {} : { mode: "0644" },
    result,
  );
  const own = parentOf(file.path);
  // A directory .ssh is for its owner alone.
  const actions = planned.actions.map((action) =>
    action.do === "mkdir" && action.path === own && baseName(own) === ".ssh" ? { ...action, mode: 0o700 } : action
  );
  return { ...planned, actions };
}

/** The `known_hosts` module. */
export default defineModule<Args, EditedFile>({
  name: "known_hosts",
  summary: "Host keys that SSH trusts",
  args: aliased(schema, { host: "name" }),
  examples: [
    {
      name: "A storage server, for every user",
      args:
        "name: nas1.cluster\nkey: nas1.cluster ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPuux5QEKQMDqhR2fHAUizy3vhGeVnAk8h0OAuQzsAS2\npath: /etc/ssh/ssh_known_hosts",
    },
    { name: "A host that was installed anew", args: "name: gpu17\nstate: absent" },
  ],
  inspect,
  plan,
}) as Module<Args, EditedFile>;
