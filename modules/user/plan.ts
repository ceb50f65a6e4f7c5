/**
 * Decides how a user is made, changed or removed.
 *
 * @module
 */

import type { RunAction } from "../../engine/host/action.ts";
import type { UserState } from "../../engine/host/host.ts";
import { type Change, ModuleError, nothingToDo, type Plan, type Result } from "../../engine/module/module.ts";
import type { UserArgs, UserFindings } from "./mod.ts";

/**
 * The plan of the user module.
 *
 * @throws {ModuleError} for a group that does not exist
 */
export function planUser(state: UserFindings, args: UserArgs): Plan {
  if (args.state === "absent") return planAbsent(state, args);
  if (state.missingGroups.length > 0) {
    const [first] = state.missingGroups;
    throw new ModuleError(`there is no group '${first}' on the host: make it first, with the module 'group'`);
  }
  const { user } = state;
  return user === undefined ? planNew(state, args) : planExisting(user, state, args);
}

function run(...argv: string[]): RunAction {
  return { do: "run", argv };
}

function planAbsent({ user }: UserFindings, { name, remove, force }: UserArgs): Plan {
  const result = { name, state: "absent", force, remove };
  if (user === undefined) return nothingToDo(result);
  return {
    changes: [{ path: `user ${name}`, what: "state", before: "present", after: "absent" }],
    actions: [run("userdel", ...force ? ["-f"] : [], ...remove ? ["-r"] : [], name)],
    result,
    // userdel may take the group of the same name along.
    touches: [
      { key: `user:${name}`, after: undefined },
      { key: `group:${name}` },
      ...remove ? [{ key: `path:${user.home}` }] : [],
    ],
    ...remove && { destructive: true },
  };
}

function planNew({ namesake }: UserFindings, args: UserArgs): Plan {
  const { name, uid, group, groups = [], comment, home, shell, expires, password } = args;
  const argv = ["useradd", ...args.system ? ["-r"] : [], args.create_home ? "-m" : "-M"];
  if (uid !== undefined) argv.push("-u", String(uid), ...args.non_unique ? ["-o"] : []);
  if (group !== undefined) argv.push("-g", group);
  // useradd would refuse to make a group that is there.
  else if (namesake) argv.push("-N");
  if (groups.length > 0) argv.push("-G", groups.join(","));
  if (comment !== undefined) argv.push("-c", comment);
  if (home !== undefined) argv.push("-d", home);
  if (shell !== undefined) argv.push("-s", shell);
  if (expires !== undefined && expires >= 0) argv.push("-e", day(expires));
  if (args.skeleton !== undefined && args.create_home) argv.push("-k", args.skeleton);
  const after: UserState = {
    name,
    // What the host chooses nobody knows yet.
    uid: uid ?? -1,
    gid: group !== undefined && /^\d+$/.test(group) ? Number(group) : -1,
    comment: comment ?? "",
    home: home ?? `/home/${name}`,
    shell: shell ?? "",
    group: group ?? name,
    groups: groups.toSorted(),
    locked: password === undefined || args.password_lock === true || password.startsWith("!"),
  };
  return {
    changes: [{ path: `user ${name}`, what: "state", before: "absent", after: "present" }],
    actions: [run(...argv, name), ...password === undefined ? [] : [setPassword(args, password)]],
    result: result(args, after),
    touches: [
      { key: `user:${name}`, after },
      ...group === undefined && !namesake ? [{ key: `group:${name}`, after: { name, gid: -1, members: [] } }] : [],
      ...args.create_home ? [{ key: `path:${after.home}` }] : [],
      ...groups.map((each) => ({ key: `group:${each}` })),
    ],
  };
}

/** One difference, what `usermod` needs to mend it, and what then is. */
interface Edit {
  readonly what: string;
  readonly before: string;
  readonly after: string;
  readonly flags: readonly string[];
  readonly state: Partial<UserState>;
}

function planExisting(user: UserState, state: UserFindings, args: UserArgs): Plan {
  const { name } = args;
  const edits = [...editsOf(user, args), ...expiryEdit(state, args)];
  const changes: Change[] = edits.map(({ what, before, after }) => ({ path: `user ${name}`, what, before, after }));
  const flags = edits.flatMap((edit) => edit.flags);
  const actions = flags.length > 0 ? [run("usermod", ...flags, name)] : [];
  const after: UserState = Object.assign({ ...user }, ...edits.map((edit) => edit.state));
  const secret = planPassword(user, state, args);
  changes.push(...secret.changes);
  actions.push(...secret.actions);
  const makeHome = state.homeExists === false && !["/nonexistent", "/dev/null"].includes(after.home);
  if (makeHome) {
    changes.push({ path: after.home, what: "state", before: "absent", after: "directory" });
    actions.push(run("sh", "-c", HOME_SCRIPT, "sh", name, after.home, args.skeleton ?? "/etc/skel"));
  }
  const moved = after.home !== user.home && args.move_home ? [user.home, after.home] : makeHome ? [after.home] : [];
  const joined = new Set(after.groups).symmetricDifference(new Set(user.groups));
  return {
    changes,
    actions,
    result: result(args, after),
    ...changes.length > 0 && {
      touches: [
        { key: `user:${name}`, after: { ...after, ...secret.locked !== undefined && { locked: secret.locked } } },
        ...[...joined].map((each) => ({ key: `group:${each}` })),
        ...moved.map((each) => ({ key: `path:${each}` })),
      ],
    },
  };
}

/** Copies the skeleton to a home that is missing, with the mode that useradd would give it. */
const HOME_SCRIPT = `set -e; umask 077
value() { sed -n "s/^[[:space:]]*$1[[:space:]][[:space:]]*\\([0-7]*\\).*/\\1/p" /etc/login.defs 2>/dev/null | tail -n 1; }
mkdir -p -- "\${2%/*}/" && mkdir -- "$2"
if [ -d "$3" ]; then cp -R -- "$3/." "$2/"; fi
mode=$(value HOME_MODE); mask=$(value UMASK)
chown -R -- "$1:$(id -g -- "$1")" "$2"
chmod -- "\${mode:-$(printf %o $((0777 & ~0\${mask:-022})))}" "$2"`;

function editsOf(user: UserState, args: UserArgs): Edit[] {
  const edits: Edit[] = [];
  const { uid, group, comment, home, shell } = args;
  const edit = (what: keyof UserState, before: string, after: string, flags: string[], value: unknown = after) =>
    edits.push({ what, before, after, flags, state: { [what]: value } });
  if (uid !== undefined && uid !== user.uid) {
    edit("uid", String(user.uid), String(uid), ["-u", String(uid), ...args.non_unique ? ["-o"] : []], uid);
  }
  if (group !== undefined && group !== user.group && group !== String(user.gid)) {
    edits.push({ what: "group", before: user.group, after: group, flags: ["-g", group], state: { group, gid: -1 } });
  }
  if (args.groups !== undefined) {
    const primary = group ?? user.group;
    const wanted = [...new Set([...args.append ? user.groups : [], ...args.groups])].filter((each) => each !== primary)
      .sort();
    if (wanted.join() !== user.groups.join()) {
      edit("groups", user.groups.join(","), wanted.join(","), ["-G", wanted.join(",")], wanted);
    }
  }
  if (comment !== undefined && comment !== user.comment) edit("comment", user.comment, comment, ["-c", comment]);
  if (home !== undefined && home !== user.home) {
    edit("home", user.home, home, ["-d", home, ...args.move_home ? ["-m"] : []]);
  }
  if (shell !== undefined && shell !== user.shell) edit("shell", user.shell, shell, ["-s", shell]);
  return edits;
}

function expiryEdit(state: UserFindings, { expires }: UserArgs): Edit[] {
  if (expires === undefined) return [];
  const before = state.expires === undefined || state.expires < 0 ? "never" : day(state.expires * 86_400);
  const after = expires < 0 ? "never" : day(expires);
  if (before === after) return [];
  return [{ what: "expires", before, after, flags: ["-e", expires < 0 ? "" : after], state: {} }];
}

function day(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 10);
}

interface PasswordPlan {
  readonly changes: readonly Change[];
  readonly actions: readonly RunAction[];
  readonly locked?: boolean;
}

/** Compares the hashes without their locks, and the locks. */
function planPassword(user: UserState, state: UserFindings, args: UserArgs): PasswordPlan {
  const { name, password, password_lock: lock } = args;
  const path = `user ${name}`;
  const bare = (hash: string) => hash.replace(/^!+/, "");
  const differs = password !== undefined && args.update_password === "always" &&
    bare(state.hash ?? "") !== bare(password);
  const locked = user.locked === true;
  const lockChange: Change[] = lock === undefined || lock === locked
    ? []
    : [{ path, what: "password lock", before: locked ? "locked" : "open", after: lock ? "locked" : "open" }];
  if (differs) {
    const change = { path, what: "password", before: "another one", after: "as given" };
    const after = lock ?? password.startsWith("!");
    return { changes: [change, ...lockChange], actions: [setPassword(args, password)], locked: after };
  }
  if (lockChange.length === 0) return { changes: [], actions: [] };
  return { changes: lockChange, actions: [run("usermod", lock ? "-L" : "-U", name)], locked: lock };
}

/** The hash goes by standard input: an argv is for all to see. */
function setPassword({ name, password_lock: lock }: UserArgs, hash: string): RunAction {
  const bare = hash.replace(/^!+/, "");
  const value = lock === true ? `!${bare}` : lock === false ? bare : hash;
  return { do: "run", argv: ["chpasswd", "-e"], stdin: `${name}:${value}\n` };
}

/** Ansible's keys. What the host chooses is added at apply. */
function result(args: UserArgs, { uid, gid, comment, home, shell }: UserState): Result {
  const { name, groups, append, move_home, create_home, system, password } = args;
  return {
    name,
    state: "present",
    ...uid >= 0 && { uid },
    ...gid >= 0 && { group: gid },
    ...groups !== undefined && { groups: groups.join(",") },
    comment,
    home,
    shell,
    append,
    move_home,
    create_home,
    system,
    ...password !== undefined && { password: "NOT_LOGGING_PASSWORD" },
  };
}
