/** Repositories of apt in the format of deb822, a file each, with their keys. */

import type { FileStat, ReadOnlyHost } from "../../engine/host/host.ts";
import {
  defineModule,
  type Module,
  ModuleError,
  nothingToDo,
  type Plan,
  type Result,
} from "../../engine/module/module.ts";
import { choice, flag, integer, list, mode, text } from "../../engine/module/schema.ts";
import { z } from "../../engine/support/zod.ts";
import { requireKeyring } from "../apt_repository/mod.ts";
import { type EditedFile, inspectEditedFile, planEditedFile } from "../_shared/edited_file.ts";
import { exchange, RequestError, withoutSecrets } from "../_shared/http.ts";
import { planText, withoutLineBreak } from "../_shared/text_file.ts";
import { formatSources, slugOf } from "./fields.ts";

const FOLDER = "/etc/apt/sources.list.d";
const KEYRINGS = "/etc/apt/keyrings";
const ARMOR = "-----BEGIN PGP PUBLIC KEY BLOCK-----";

const words = (name: string) =>
  list(text().refine((word) => !/\s/.test(word), `a word of '${name}' has a space in it`));

const schema = z.strictObject({
  name: text().refine(...withoutLineBreak("name")).refine((name) => slugOf(name) !== "", {
    message: "'name' needs letters or digits, which the file is named after",
  }).describe("What the repository is called; its file is named after it."),
  state: choice("present", "absent").default("present").describe("Whether the repository is set up."),
  types: list(choice("deb", "deb-src")).default(["deb"]).describe("What is read from it."),
  uris: words("uris").optional().describe("Its addresses."),
  suites: words("suites").optional().describe("Releases, or directories that end with a slash."),
  components: words("components").optional().describe("Parts of the release; none where a suite ends with a slash."),
  signed_by: text().optional().describe(
    "Its key: a URL that the host downloads it from, the armored key itself (with `file()` from the controller), a path on the host, or fingerprints of keys that it has.",
  ),
  architectures: words("architectures").optional().describe("Architectures, if not the host's own."),
  enabled: flag().optional().describe("Whether apt reads it."),
  trusted: flag().optional().describe("Whether it is taken without a signature, or never."),
  allow_insecure: flag().optional().describe("Whether it may be unsigned, with a warning."),
  allow_weak: flag().optional().describe("Whether it may be signed with weak algorithms."),
  allow_downgrade_to_insecure: flag().optional().describe("Whether it may lose its signature."),
  by_hash: text().optional().describe("`yes`, `no` or `force`: whether indexes are fetched by their hashes."),
  check_date: flag().optional().describe("Whether its date may not lie in the future."),
  check_valid_until: flag().optional().describe("Whether it may not be older than it says it is good for."),
  date_max_future: integer({ min: 0 }).optional().describe("How many seconds its date may lie in the future."),
  inrelease_path: text().optional().describe("Where the InRelease file is, from the suite's directory."),
  languages: words("languages").optional().describe("Languages of descriptions."),
  pdiffs: flag().optional().describe("Whether indexes are updated by differences."),
  targets: words("targets").optional().describe("Which indexes are fetched."),
  mode: mode().default("0644").describe("Permission bits of the file."),
}).superRefine((args, context) => {
  const refuse = (name: string, message: string) => context.addIssue({ code: "custom", path: [name], message });
  if (args.state === "absent") return;
  if (!args.uris?.length) refuse("uris", "'state: present' needs 'uris'");
  if (!args.suites?.length) refuse("suites", "'state: present' needs 'suites'");
  const flat = args.suites?.every((suite) => suite.endsWith("/"));
  if (args.suites?.length && !flat && !args.components?.length) {
    refuse("components", "'components' is missing: only suites that end with a slash have none");
  }
  if (args.by_hash !== undefined && !/^(yes|no|force|true|false)$/.test(args.by_hash)) {
    refuse("by_hash", `expected 'yes' or 'no' or 'force', got '${args.by_hash}'`);
  }
});

type Args = z.output<typeof schema>;

/** What `deb822_repository` found. */
export interface State {
  /** Whether the host has apt. */
  readonly apt: boolean;
  /** The repository's own file. */
  readonly sources: EditedFile;
  /** The key's file, if the repository has one of its own; for `absent` both that there can be. */
  readonly keyrings: readonly EditedFile[];
  /** The key that was downloaded. */
  readonly key?: Uint8Array;
  /** With a path as `signed_by`: what lies there. */
  readonly named?: FileStat;
}

async function inspect(host: ReadOnlyHost, args: Args, signal: AbortSignal): Promise<State> {
  const slug = slugOf(args.name);
  const [program, sources] = await Promise.all([
    host.which("apt-get"),
    inspectEditedFile(host, { path: `${FOLDER}/${slug}.sources`, create: args.state === "present" }),
  ]);
  const apt = program !== undefined;
  const keyring = (ending: string, create: boolean) =>
    inspectEditedFile(host, { path: `${KEYRINGS}/${slug}.${ending}`, create });
  if (args.state === "absent") {
    return { apt, sources, keyrings: await Promise.all([keyring("asc", false), keyring("gpg", false)]) };
  }
  const { signed_by = "" } = args;
  if (isAddress(signed_by)) {
    const key = await download(host, signed_by, signal);
    return { apt, sources, key, keyrings: [await keyring(isArmored(key) ? "asc" : "gpg", true)] };
  }
  const named = signed_by.startsWith("/") ? await host.stat(signed_by, { follow: true }) : undefined;
  return { apt, sources, keyrings: [], ...named && { named } };
}

function isAddress(text: string): boolean {
  return /^https?:\/\/\S+$/.test(text);
}

function isArmored(key: Uint8Array): boolean {
  return new TextDecoder("latin1").decode(key).includes(ARMOR);
}

async function download(host: ReadOnlyHost, url: string, signal: AbortSignal): Promise<Uint8Array> {
  const fail = (reason: string, retryable = false): never => {
    throw new ModuleError(`the key of the repository, ${withoutSecrets(url)}, cannot be had: ${reason}`, { retryable });
  };
  try {
    return await exchange(host, { url }, {}, signal, async (response) => {
      if (!response.ok) fail(`the server says ${response.status} ${response.statusText}`, response.status >= 500);
      const key = new Uint8Array(await response.arrayBuffer());
      // A packet of OpenPGP begins with its highest bit set.
      if (!isArmored(key) && !(key[0] >= 0x80)) fail("what came is no public key of OpenPGP");
      return key;
    });
  } catch (error) {
    if (error instanceof RequestError) fail(error.message, true);
    throw error;
  }
}

function plan(state: State, args: Args): Plan {
  if (!state.apt) throw new ModuleError("the host has no apt-get: on hosts with dnf the module is 'yum_repository'");
  const { sources, keyrings, key } = state;
  if (args.state === "absent") return planAbsent([sources, ...keyrings]);
  const { state: _, mode, signed_by = "", ...fields } = args;
  if (signed_by.startsWith("/")) requireKeyring(signed_by, state.named);
  const [keyring] = keyrings;
  const signedBy = keyring ? keyring.path : signed_by || undefined;
  const repo = formatSources({ ...fields, signed_by: signedBy });
  const result: Result = { repo, dest: sources.path, key_filename: keyring?.path ?? null };
  const parts = [
    ...keyring && key ? [planEditedFile(keyring, key, { mode: "0644" }, {})] : [],
    planText(sources, repo, { mode }, {}),
  ];
  return together(parts, result);
}

function planAbsent(files: readonly EditedFile[]): Plan {
  const there = files.filter(({ stat }) => stat);
  const result: Result = { repo: null, dest: files[0].path, key_filename: null };
  if (there.length === 0) return nothingToDo(result);
  return together(
    there.map(({ path }): Plan => ({
      changes: [{ path, what: "state", before: "file", after: "absent" }],
      actions: [{ do: "remove", path }],
      result,
    })),
    result,
  );
}

function together(parts: readonly Plan[], result: Result): Plan {
  const actions = parts.flatMap((part) => part.actions);
  const touches = actions.length > 0 ? { touches: [{ key: "path:/var/lib/apt/lists" }] } : {};
  return { changes: parts.flatMap((part) => part.changes), actions, result, ...touches };
}

/** The `deb822_repository` module. */
export default defineModule<Args, State>({
  name: "deb822_repository",
  summary: "Repositories of apt, a file each, with their keys",
  args: schema,
  examples: [
    {
      name: "Grafana's, with its key",
      args:
        "name: grafana\nuris: https://apt.grafana.com\nsuites: stable\ncomponents: main\nsigned_by: https://apt.grafana.com/gpg.key",
    },
    {
      name: "The site's own packages",
      args: "name: site\nuris: file:/srv/repo\nsuites: ./\ntrusted: true",
    },
    { name: "No longer", args: "name: grafana\nstate: absent" },
  ],
  inspect,
  plan,
}) as Module<Args, State>;
