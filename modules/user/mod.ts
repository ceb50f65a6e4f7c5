/** Makes, changes and removes users of the host. */

import type { GroupState, ReadOnlyHost, UserState } from "../../engine/host/host.ts";
import { defineModule, type Module, ModuleError, performActions } from "../../engine/module/module.ts";
import { choice, decimal, flag, integer, list, path, text } from "../../engine/module/schema.ts";
import { z } from "../../engine/support/zod.ts";
import { accountName } from "../_shared/accounts.ts";
import { aliased } from "../_shared/arguments.ts";
import { planUser } from "./plan.ts";

/** What crypt(3) makes, with or without the `!` of a lock; or `*` and `!`, which no password fits. */
const HASH = /^!{0,2}(\$[0-9a-z]+\$[^:\s]+|[./0-9A-Za-z]{13}|\*)?$/;

const schema = aliased(
  z.strictObject({
    name: accountName("user").describe("The user."),
    state: choice("present", "absent").default("present").describe("Whether it should exist."),
    uid: integer({ min: 0 }).optional().describe("Its number; the host chooses one unless said otherwise."),
    non_unique: flag().default(false).describe("Whether another user may have the same number."),
    group: text().optional().describe(
      "Its primary group, which exists; for a new user the host makes one of its name.",
    ),
    groups: list(text()).optional().describe(
      "Its other groups, which exist. An empty list takes it out of all of them.",
    ),
    append: flag().default(false).describe("Whether `groups` are added to those that it has."),
    comment: text().optional().describe("Its full name, or what it is for."),
    home: path().optional().describe("Its home directory."),
    create_home: flag().default(true).describe("Make the home directory where it is missing."),
    move_home: flag().default(false).describe("Move what is in the old home directory to a new `home`."),
    skeleton: path().optional().describe(
      "What a new home directory is copied from; the host's own unless said otherwise.",
    ),
    shell: text().optional().describe("Its login shell."),
    system: flag().default(false).describe("A new user takes its number from those for system users."),
    password: text().refine((value) => value !== "" && HASH.test(value), {
      message: "'password' is not a crypt hash (it is not shown here): make one with `openssl passwd -6`",
    }).optional().describe("The hash of its password. It reaches the host by standard input only."),
    update_password: choice("always", "on_create").default("always").describe("When `password` is set."),
    password_lock: flag().optional().describe("Whether the password is locked."),
    expires: decimal().optional().describe(
      "When the account ends, in seconds since 1970; a negative number for never.",
    ),
    remove: flag().default(false).describe("With `absent`: remove its home directory and mail too."),
    force: flag().default(false).describe("With `absent`: remove it even while it is logged in."),
  }),
  { user: "name", createhome: "create_home" },
);

/** The arguments of the user module. */
export type UserArgs = z.output<typeof schema>;

/** What is known of a user. */
export interface UserFindings {
  /** The user as it is; undefined where there is none. */
  readonly user?: UserState;
  /** Of the groups that the task names, those that do not exist. */
  readonly missingGroups: readonly string[];
  /** Whether there is a group of the user's name; asked where the task names no primary group. */
  readonly namesake: boolean;
  /** Whether something lies at its home; asked where it might have to be made. */
  readonly homeExists?: boolean;
  /** The hash of its password; asked where the task has one. */
  readonly hash?: string;
  /** The day that its account ends, in days since 1970, or undefined for never. */
  readonly expires?: number;
}

async function inspect(host: ReadOnlyHost, args: UserArgs): Promise<UserFindings> {
  const { name } = args;
  if (args.state === "absent") {
    const user = await host.account(name);
    return { ...user && { user }, missingGroups: [], namesake: false };
  }
  const named = [...new Set([...args.group === undefined ? [] : [args.group], ...args.groups ?? []])];
  const likely = args.home ?? `/home/${name}`;
  const wantsHome = args.create_home && !args.move_home;
  const asksShadow = args.password !== undefined || args.expires !== undefined;
  const [user, namesake, home, shadow, ...groups] = await Promise.all([
    host.account(name),
    args.group === undefined ? host.group(name) : undefined,
    wantsHome ? host.stat(likely, { follow: true }) : undefined,
    asksShadow ? host.probe(["getent", "shadow", name], { reads: [`user:${name}`] }) : undefined,
    ...named.map((group): Promise<GroupState | undefined> | true => /^\d+$/.test(group) || host.group(group)),
  ]);
  const elsewhere = wantsHome && user !== undefined && args.home === undefined && user.home !== likely;
  const there = elsewhere ? await host.stat(user.home, { follow: true }) : home;
  const [, hash, , , , , , expires] = shadow?.stdout.trimEnd().split(":") ?? [];
  return {
    ...user && { user },
    missingGroups: named.filter((_, index) => groups[index] === undefined),
    namesake: namesake !== undefined,
    ...wantsHome && { homeExists: there !== undefined },
    ...hash !== undefined && { hash },
    ...expires && { expires: Number(expires) },
  };
}

/** The `user` module. */
export default defineModule<UserArgs, UserFindings>({
  name: "user",
  summary: "Makes, changes and removes users",
  args: schema,
  freeForm: "name",
  examples: [
    {
      name: "A user for a service",
      args: "name: prometheus\nsystem: true\nshell: /usr/sbin/nologin\nhome: /var/lib/prometheus\ncreate_home: false",
    },
    { name: "Into one more group", args: "name: alice\ngroups: [video, render]\nappend: true" },
    { name: "Gone, with its files", args: "name: bob\nstate: absent\nremove: true" },
  ],
  inspect,
  plan: planUser,
  async apply(host, plan, args) {
    await performActions(host, plan);
    if (args.state === "absent") return plan.result;
    const user = await host.account(args.name);
    if (user === undefined) throw new ModuleError(`user ${args.name} is not there after it was made`);
    return {
      ...plan.result,
      uid: user.uid,
      group: user.gid,
      home: user.home,
      shell: user.shell,
      comment: user.comment,
    };
  },
}) as Module<UserArgs, UserFindings>;
