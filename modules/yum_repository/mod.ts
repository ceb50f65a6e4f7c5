/** Repositories of dnf and yum, a section of a .repo file each. */

import type { ReadOnlyHost } from "../../engine/host/host.ts";
import {
  defineModule,
  type Module,
  ModuleError,
  nothingToDo,
  type Plan,
  type Result,
} from "../../engine/module/module.ts";
import { choice, path, text } from "../../engine/module/schema.ts";
import { z } from "../../engine/support/zod.ts";
import { aliased, ownershipArguments } from "../_shared/arguments.ts";
import { type EditedFile, inspectEditedFile } from "../_shared/edited_file.ts";
import { parentOf } from "../_shared/files.ts";
import { planText, planTextOrRemoval, textOf, withoutLineBreak } from "../_shared/text_file.ts";
import { type Options, readSection, withoutSection, withSection } from "./ini.ts";
import { repoOptions } from "./options.ts";

const schema = z.strictObject({
  name: text().refine((name) => /^[\w.:-]+$/.test(name), {
    message: "'name' is the repository's id: letters, digits, '_', '.', ':' and '-'",
  }).describe("The repository's id, the name of its section."),
  description: text().refine(...withoutLineBreak("description")).optional().describe("Its name for people."),
  state: choice("present", "absent").default("present").describe("Whether the repository is set up."),
  file: text().refine((name) => /^[\w.-]+$/.test(name), {
    message: "'file' is a name without '.repo' and without a path, which 'reposdir' says",
  }).optional().describe("The file's name without `.repo`; the id unless said otherwise."),
  reposdir: path().default("/etc/yum.repos.d").describe("Where the file lies."),
  ...repoOptions,
  ...ownershipArguments,
}).superRefine((args, context) => {
  const refuse = (name: string, message: string) => context.addIssue({ code: "custom", path: [name], message });
  if (args.state === "absent") return;
  if (args.baseurl === undefined && args.metalink === undefined && args.mirrorlist === undefined) {
    refuse("baseurl", "'state: present' needs 'baseurl', 'metalink' or 'mirrorlist'");
  }
  if (args.description === undefined) refuse("description", "'state: present' needs 'description'");
});

type Args = z.output<typeof schema>;

/** What `yum_repository` found. */
export interface State {
  /** The file that the section is in. */
  readonly file: EditedFile;
  /** Whether its directory is there. */
  readonly folder: boolean;
}

async function inspect(host: ReadOnlyHost, args: Args): Promise<State> {
  const path = `${args.reposdir}/${args.file ?? args.name}.repo`;
  const [file, folder] = await Promise.all([
    inspectEditedFile(host, { path, create: args.state === "present", owner: args.owner, group: args.group }),
    host.stat(parentOf(path), { follow: true, typeOnly: true }),
  ]);
  return { file, folder: folder?.type === "directory" };
}

function plan({ file, folder }: State, args: Args): Plan {
  const { name, state } = args;
  const result: Result = { repo: name, state };
  const before = textOf(file);
  if (state === "absent") {
    const after = withoutSection(before, name);
    return after === before ? nothingToDo(result) : planTextOrRemoval(file, after, {}, result);
  }
  if (!folder) {
    throw new ModuleError(
      `the directory ${args.reposdir} does not exist: on hosts with apt the module is 'apt_repository'`,
    );
  }
  const wanted = optionsOf(args);
  const found = readSection(before, name);
  const after = found && same(found, wanted) ? before : withSection(before, name, wanted);
  const planned = planText(file, after, { ...args, mode: args.mode ?? (file.stat ? undefined : "0644") }, result);
  if (!args.password && !args.proxy_password) return planned;
  const changes = planned.changes.map((change) => change.what === "content" ? { ...change, sensitive: true } : change);
  return { ...planned, changes };
}

/** The options of the section: booleans as 1 and 0, lists one a line or behind each other. */
function optionsOf(args: Args): Options {
  const options: Record<string, string> = { name: args.description ?? "" };
  for (const key of Object.keys(repoOptions) as (keyof typeof repoOptions)[]) {
    const value = args[key];
    if (value === undefined) continue;
    const separator = key === "baseurl" || key === "gpgkey" ? "\n" : " ";
    options[key] = Array.isArray(value)
      ? value.join(separator)
      : typeof value === "boolean"
      ? value ? "1" : "0"
      : value;
  }
  return options;
}

function same(one: Options, other: Options): boolean {
  const names = Object.keys(one);
  return names.length === Object.keys(other).length && names.every((name) => one[name] === other[name]);
}

/** The `yum_repository` module. */
export default defineModule<Args, State>({
  name: "yum_repository",
  summary: "Repositories of dnf and yum",
  args: aliased(schema, {
    ca_cert: "sslcacert",
    client_cert: "sslclientcert",
    client_key: "sslclientkey",
    validate_certs: "sslverify",
  }),
  examples: [
    {
      name: "Grafana's",
      args:
        "name: grafana\ndescription: Grafana\nbaseurl: https://rpm.grafana.com\ngpgcheck: true\ngpgkey: https://rpm.grafana.com/gpg.key\nrepo_gpgcheck: true",
    },
    {
      name: "Of the site, before all others",
      args: "name: site\ndescription: Our own\nbaseurl: file:///srv/rpms\ngpgcheck: false\npriority: 1",
    },
    { name: "No longer", args: "name: grafana\nstate: absent" },
  ],
  inspect,
  plan,
}) as Module<Args, State>;
