/** Public keys that may log in as a user. */

import type { FileStat, ReadOnlyHost, UserState } from "../../engine/host/host.ts";
import {
  defineModule,
  type Module,
  ModuleError,
  nothingToDo,
  type Plan,
  type Result,
} from "../../engine/module/module.ts";
import { choice, flag, path, text } from "../../engine/module/schema.ts";
import { z } from "../../engine/support/zod.ts";
import { accountName } from "../_shared/accounts.ts";
import { type EditedFile, inspectEditedFile } from "../_shared/edited_file.ts";
import { ownershipActions, parentOf, planOwnership } from "../_shared/files.ts";
import { planText, textOf, withoutLineBreak } from "../_shared/text_file.ts";
import { type AuthorizedKey, keyChanges, keysOf, splitOptions, withKeys, withoutKeys, wrongKeys } from "./keys.ts";

const schema = z.strictObject({
  user: accountName("user").describe("The user to log in as."),
  key: text().superRefine((keys, context) => {
    const message = wrongKeys(keys);
    if (message !== undefined) context.addIssue({ code: "custom", message });
  }).describe("The public key, or several, one a line; from a file of the controller with `file()`."),
  state: choice("present", "absent").default("present").describe("Whether it may log in."),
  key_options: text().refine(...withoutLineBreak("key_options")).optional().describe(
    'What the key may do, and from where, e.g. `from="10.0.0.0/8",no-pty`; instead of the options that it comes with.',
  ),
  comment: text().refine(...withoutLineBreak("comment")).optional().describe(
    "The key's comment, instead of the one that it comes with.",
  ),
  exclusive: flag().default(false).describe(
    "Whether every other key of the file goes. Give all keys in one task then.",
  ),
  path: path().optional().describe("The file; `.ssh/authorized_keys` in the user's home unless said otherwise."),
  manage_dir: flag().default(true).describe(
    "Make the file's directory and keep it the user's, where it lies in the user's home.",
  ),
  follow: flag().default(false).describe("If the path is a link, change what it points to."),
});

type Args = z.output<typeof schema>;

/** What `authorized_key` found. */
export interface State {
  /** Undefined where there is no such user. */
  readonly user?: UserState;
  /** The keys. */
  readonly file: EditedFile;
  /** The file's directory. */
  readonly directory?: FileStat;
}

async function inspect(host: ReadOnlyHost, args: Args): Promise<State> {
  const user = await host.account(args.user);
  const place = args.path ?? `${user?.home ?? ""}/.ssh/authorized_keys`;
  if (!user) return { file: { path: place } };
  const [file, directory] = await Promise.all([
    inspectEditedFile(host, { path: place, create: args.state === "present", follow: args.follow }),
    host.stat(parentOf(place), { follow: true, typeOnly: true }),
  ]);
  return { user, file, ...directory && { directory } };
}

function plan(state: State, args: Args): Plan {
  const { user, file } = state;
  const { exclusive, key_options, comment } = args;
  if (!user) {
    throw new ModuleError(`there is no user '${args.user}' on the host: make it first, with the module 'user'`);
  }
  const result: Result = {
    ...{ user: args.user, key: args.key, keyfile: file.path, state: args.state, exclusive },
    ...key_options !== undefined && { key_options },
    ...comment !== undefined && { comment },
  };
  const keys = keysOf(args.key).map((key): AuthorizedKey => ({
    ...key,
    options: key_options === undefined ? key.options : splitOptions(key_options),
    comment: comment ?? key.comment,
  }));
  const before = textOf(file);
  if (args.state === "absent") {
    if (!file.stat) return nothingToDo(result);
    const after = withoutKeys(before, keys);
    return byKeys(planText(file, after, {}, result), before, after);
  }
  const directory = planDirectory(state, user, args);
  const after = withKeys(before, keys, exclusive);
  // sshd refuses keys in a file that others may write, and root's in one that is another's.
  const own = { owner: user.name, group: user.group, mode: "0600" };
  const written = byKeys(planText({ ...file, missing: [] }, after, own, result), before, after);
  return {
    changes: [...directory.changes, ...written.changes],
    actions: [...directory.actions, ...written.actions],
    result,
  };
}

function planDirectory({ file, directory }: State, user: UserState, args: Args): Pick<Plan, "changes" | "actions"> {
  const path = parentOf(file.path);
  const own = { owner: user.name, group: user.group };
  const managed = args.manage_dir && path.startsWith(`${user.home}/`);
  if (directory) {
    if (!managed) return { changes: [], actions: [] };
    const { changes, ownership } = planOwnership(path, directory, { ...own, mode: "0700" });
    return { changes, actions: ownershipActions(path, ownership) };
  }
  if (!managed || (file.missing ?? []).length > 1) {
    const lacking = managed ? file.missing![0] : path;
    throw new ModuleError(`the directory ${lacking} does not exist: make it first, with the module 'file'`);
  }
  return {
    changes: [{ path, what: "state", before: "absent", after: "directory" }],
    actions: [{ do: "mkdir", path, mode: 0o700, ...own }],
  };
}

/** Keys are public, though their file is not: they are shown by their fingerprints. */
function byKeys(plan: Plan, before: string, after: string): Plan {
  const changes = plan.changes.flatMap((change) => {
    if (change.what !== "content") return [change];
    const keys = keyChanges(change.path, before, after);
    return keys.length > 0 ? keys : [change];
  });
  return { ...plan, changes };
}

/** The `authorized_key` module. */
export default defineModule<Args, State>({
  name: "authorized_key",
  summary: "Public keys that may log in as a user",
  args: schema,
  examples: [
    {
      name: "An operator's key",
      args:
        "user: ops\nkey: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPuux5QEKQMDqhR2fHAUizy3vhGeVnAk8h0OAuQzsAS2 alice@desk",
    },
    {
      name: "A key for backups, from one place, for one command",
      args:
        `user: root\nkey: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPuux5QEKQMDqhR2fHAUizy3vhGeVnAk8h0OAuQzsAS2 backup\nkey_options: from="10.1.0.5",restrict,command="/usr/bin/rrsync -ro /srv"`,
    },
  ],
  inspect,
  plan,
}) as Module<Args, State>;
