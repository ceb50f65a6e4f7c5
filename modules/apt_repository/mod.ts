/** Repositories of apt, as lines of its sources.list files. */

import { type FileStat, type Host, HostError, type ReadOnlyHost } from "../../engine/host/host.ts";
import {
  defineModule,
  type Module,
  ModuleError,
  nothingToDo,
  type Plan,
  type Result,
} from "../../engine/module/module.ts";
import { choice, flag, mode, text } from "../../engine/module/schema.ts";
import { z } from "../../engine/support/zod.ts";
import { aliased } from "../_shared/arguments.ts";
import { type EditedFile, inspectEditedFile } from "../_shared/edited_file.ts";
import { linesOf, planText, planTextOrRemoval, textOf, textOfLines } from "../_shared/text_file.ts";
import { updateAction } from "../package/commands.ts";
import { addressOf, enabled, has, keyringsOf, listName, suggestedName, without, wrongSource } from "./sources.ts";

const FOLDER = "/etc/apt/sources.list.d";

const schema = z.strictObject({
  repo: text().superRefine((line, context) => {
    const message = wrongSource(line);
    if (message !== undefined) context.addIssue({ code: "custom", message });
  }).transform((line) => line.trim().split(/\s+/).join(" ")).describe(
    "The line, `deb [signed-by=KEYRING] URL SUITE COMPONENT…`. It is known by the whole of it.",
  ),
  state: choice("present", "absent").default("present").describe("Whether apt reads it."),
  filename: text().refine((name) => /^(\/[^\0\s]+|[\w.-]+)$/.test(name), {
    message: "'filename' is a name of letters, digits, '_', '.' and '-', or an absolute path",
  }).optional().describe(
    "The file in /etc/apt/sources.list.d for a new line; one named after the URL unless said otherwise.",
  ),
  mode: mode().default("0644").describe("Permission bits of a new file."),
  update_cache: flag().default(true).describe(
    "Read the repositories after a line was added. If that fails, the files are put back as they were.",
  ),
});

type Args = z.output<typeof schema>;

/** What `apt_repository` found. */
export interface State {
  /** Whether the host has apt. */
  readonly apt: boolean;
  /** The files that apt reads. */
  readonly files: readonly EditedFile[];
  /** The file that a new line goes to, where it is none of them. */
  readonly target?: EditedFile;
  /** The keyrings that the line names. */
  readonly keyrings?: Readonly<Record<string, FileStat | undefined>>;
}

async function inspect(host: ReadOnlyHost, args: Args): Promise<State> {
  const keys = args.state === "present" ? keyringsOf(args.repo) : [];
  const [program, names, ...stats] = await Promise.all([
    host.which("apt-get"),
    host.list(FOLDER),
    ...keys.map((key) => host.stat(key, { follow: true })),
  ]);
  const lists = (names ?? []).filter((name) => name.endsWith(".list")).map((name) => `${FOLDER}/${name}`);
  const target = targetOf(args);
  const paths = ["/etc/apt/sources.list", ...lists];
  const [files, own] = await Promise.all([
    Promise.all(paths.map((path) => inspectEditedFile(host, { path }))),
    args.state === "present" && !paths.includes(target)
      ? inspectEditedFile(host, { path: target, create: true })
      : undefined,
  ]);
  return {
    apt: program !== undefined,
    files,
    ...own && { target: own },
    ...keys.length > 0 && { keyrings: Object.fromEntries(keys.map((key, index) => [key, stats[index]])) },
  };
}

function targetOf({ filename, repo }: Args): string {
  if (filename === undefined) return `${FOLDER}/${suggestedName(repo)}`;
  return filename.startsWith("/") ? filename : `${FOLDER}/${listName(filename)}`;
}

function plan(state: State, args: Args): Plan {
  if (!state.apt) throw new ModuleError("the host has no apt-get: on hosts with dnf the module is 'yum_repository'");
  const { repo } = args;
  const plans = args.state === "absent" ? removals(state, repo) : additions(state, args);
  const paths = plans.flatMap(({ actions }) => actions.flatMap((action) => action.do === "run" ? [] : [action.path]));
  const added = args.state === "present";
  const result: Result = {
    ...{ repo, state: args.state, sources_added: added ? paths : [], sources_removed: added ? [] : paths },
  };
  if (paths.length === 0) return nothingToDo(result);
  const update = added && args.update_cache ? [updateAction("apt")] : [];
  return {
    changes: plans.flatMap(({ changes }) => changes),
    actions: [...plans.flatMap(({ actions }) => actions), ...update],
    result,
    touches: [{ key: "path:/var/lib/apt/lists" }],
  };
}

function removals({ files }: State, repo: string): Plan[] {
  return files.filter((file) => file.stat)
    .map((file) => planTextOrRemoval(file, without(textOf(file), repo), {}, {}))
    .filter(({ actions }) => actions.length > 0);
}

function additions({ files, target, keyrings = {} }: State, args: Args): Plan[] {
  const { repo, mode } = args;
  const known = target?.stat ? [...files, target] : files;
  if (known.some((file) => has(textOf(file), repo, true))) return [];
  for (const [key, stat] of Object.entries(keyrings)) requireKeyring(key, stat);
  const off = known.filter((file) => has(textOf(file), repo, false));
  if (off.length > 0) return off.map((file) => planText(file, enabled(textOf(file), repo), {}, {}));
  const file = target ?? files.find(({ path }) => path === targetOf(args))!;
  const text = textOfLines([...linesOf(textOf(file)), repo]);
  return [planText(file, text, file.stat ? {} : { mode }, {})];
}

/**
 * apt would only say that a key is missing.
 *
 * @throws {ModuleError} where apt cannot read the keyring
 */
export function requireKeyring(path: string, stat: FileStat | undefined): void {
  if (!stat) {
    throw new ModuleError(
      `the keyring ${path} does not exist: put the repository's key there first, with 'get_url' or 'copy'`,
    );
  }
  if ((stat.mode & 0o004) === 0) {
    throw new ModuleError(`the keyring ${path} cannot be read by apt's own user: give it the mode "0644"`);
  }
}

/** A line that apt cannot use goes again, so that the next `apt-get` on the host does not stumble over it. */
async function apply(host: Host, plan: Plan, args: Args): Promise<Result> {
  const files = plan.actions.filter((action) => action.do !== "run");
  const old = await Promise.all(files.map(({ path }) => host.read(path)));
  for (const action of files) await host.perform(action);
  for (const action of plan.actions) {
    if (action.do !== "run") continue;
    const { code, stderr } = await host.run(action.argv, { ...action, timeout: 600 });
    const reason = failureOf(code, stderr, addressOf(args.repo));
    if (reason === undefined) continue;
    for (const [index, { path }] of files.entries()) await putBack(host, path, old[index]);
    const shown = args.repo.replace(/\/\/[^/@\s]*@/, "//");
    const msg = `apt cannot use '${shown}', so it was taken out again: ${reason}`;
    throw new ModuleError(msg, { retryable: /Could not get lock|Temporary failure|Could not connect/.test(reason) });
  }
  return plan.result;
}

/** apt ends well though it could not fetch an index: what it says of this repository counts. */
function failureOf(code: number, stderr: string, address: string): string | undefined {
  const lines = linesOf(stderr).filter((line) => /^[EW]:/.test(line));
  const bare = address.replace(/\/+$/, "").replace(/^(\w+:\/\/)[^/]*@/, "$1");
  const own = lines.filter((line) => line.includes(bare) && /^E:|Failed to fetch|GPG error|not signed/.test(line));
  if (code === 0 && own.length === 0) return undefined;
  const said = code === 0 ? own : lines.filter((line) => line.startsWith("E:"));
  return said.map((line) => line.slice(2).trim()).join("; ") || `exit status ${code}`;
}

async function putBack(host: Host, path: string, content: Uint8Array | undefined): Promise<void> {
  try {
    await host.perform(content === undefined ? { do: "remove", path } : { do: "write", path, content });
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    throw new ModuleError(`${path} could not be put back as it was: ${error.message}`);
  }
}

/** The `apt_repository` module. */
export default defineModule<Args, State>({
  name: "apt_repository",
  summary: "Repositories of apt, a line each",
  args: aliased(schema, { "update-cache": "update_cache" }),
  examples: [
    {
      name: "Grafana's, with its key",
      args:
        "repo: deb [signed-by=/etc/apt/keyrings/grafana.asc] https://apt.grafana.com stable main\nfilename: grafana",
    },
    { name: "No longer", args: "repo: deb http://mirror.cluster/debian bookworm-backports main\nstate: absent" },
  ],
  inspect,
  plan,
  apply,
}) as Module<Args, State>;
