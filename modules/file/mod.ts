/**
 * `file`: files, directories, links, their owners and permissions.
 *
 * @module
 */

import type { FileStat, ReadOnlyHost } from "../../engine/host/host.ts";
import { defineModule, type Module, type Plan } from "../../engine/module/module.ts";
import { choice, flag, path, text } from "../../engine/module/schema.ts";
import { z } from "../../engine/support/zod.ts";
import { aliased, ownershipArguments } from "../_shared/arguments.ts";
import { below, parentOf, requireAccounts } from "../_shared/files.ts";
import { planHardLink, planLink } from "./links.ts";
import { planAbsent, planDirectory, planExisting, planTouch } from "./paths.ts";

const schema = z.strictObject({
  path: path().describe("The path to manage. Other names: `dest`, `name`."),
  state: choice("file", "directory", "absent", "link", "hard", "touch").optional().describe(
    "What should be there. `file` only checks and sets ownership, it never creates; `touch` creates an empty file or renews the times; `absent` removes a directory with everything in it. Without it what is there stays (`directory` with `recurse`, else `file`).",
  ),
  ...ownershipArguments,
  recurse: flag().default(false).describe(
    "Set mode, owner and group of everything below the directory too. Links below it are not followed.",
  ),
  src: text().optional().describe(
    "What the link points to, for `link` and `hard`. A relative one counts from the link's directory.",
  ),
  force: flag().default(false).describe(
    "Make a link even if its target does not exist, or a file or an empty directory is in its place.",
  ),
  follow: flag().default(true).describe("If the path is a link, work on what it points to."),
  access_time: choice("preserve", "now").optional().describe(
    "The access time. Default `now` for `touch`, else `preserve`.",
  ),
  modification_time: choice("preserve", "now").optional().describe(
    "The modification time. Default `now` for `touch`, else `preserve`.",
  ),
}).superRefine((args, context) => {
  const refuse = (name: string, message: string) => context.addIssue({ code: "custom", path: [name], message });
  if (args.recurse && args.state !== undefined && args.state !== "directory") {
    refuse("recurse", `'recurse' needs 'state: directory', not '${args.state}'`);
  }
  if (args.src !== undefined && args.state !== "link" && args.state !== "hard") {
    refuse("src", "'src' needs 'state: link' or 'state: hard'");
  }
  if (args.state === "hard" && args.src === undefined) refuse("state", "'state: hard' needs 'src'");
  if (args.state === "hard" && args.src !== undefined && !/^[/\0]/.test(args.src)) {
    refuse("src", `'state: hard' needs an absolute 'src', got '${args.src}'`);
  }
});

/** The arguments of `file`. */
export type FileArgs = z.output<typeof schema>;

/** What `file` found. */
export interface State {
  /** Where the work is done: the path, or with `follow` what it points to. */
  readonly path: string;
  /** What lies at the path; undefined for nothing. */
  readonly stat?: FileStat;
  /** For a path that is not there: the nearest directory above that is, and what it is. */
  readonly ancestor?: { readonly path: string; readonly type: FileStat["type"] };
  /** With `recurse`: everything below, relative. */
  readonly tree?: ReadonlyMap<string, FileStat>;
  /** For links: what `src` leads to, wherever it leads. */
  readonly source?: FileStat;
  /** For links: what is in the directory that is in the way. */
  readonly entries?: readonly string[];
}

/** The state that is asked for, with Ansible's default. */
export function wantedState(args: FileArgs, stat: FileStat | undefined): NonNullable<FileArgs["state"]> {
  if (args.state) return args.state;
  if (args.recurse) return "directory";
  return stat?.type === "directory" ? "directory" : stat?.type === "link" && !args.follow ? "link" : "file";
}

async function inspect(host: ReadOnlyHost, args: FileArgs): Promise<State> {
  const found = await host.stat(args.path);
  const state = wantedState(args, found);
  if (state === "absent") return { path: args.path, stat: found };
  if (state === "link" || state === "hard") return await inspectLink(host, args, found);
  const real = found?.type === "link" && args.follow ? await host.stat(args.path, { follow: true }) : undefined;
  const stat = real ?? found;
  const place = real?.realPath ?? args.path;
  const [ancestor, tree] = await Promise.all([
    stat ? undefined : nearestAncestor(host, args.path),
    args.recurse && stat?.type === "directory" ? host.tree(place) : undefined,
    requireAccounts(host, args, [stat]),
  ]);
  return { path: place, stat, ancestor, tree };
}

async function inspectLink(host: ReadOnlyHost, args: FileArgs, stat: FileStat | undefined): Promise<State> {
  const src = args.src ?? stat?.target;
  const base = stat?.type === "directory" ? args.path : parentOf(args.path);
  const [source, entries, ancestor] = await Promise.all([
    src === undefined ? undefined : host.stat(src.startsWith("/") ? src : below(base, src), { follow: true }),
    stat?.type === "directory" ? host.list(args.path) : undefined,
    stat ? undefined : nearestAncestor(host, args.path),
  ]);
  await requireAccounts(host, args, [args.follow ? source : stat]);
  return { path: args.path, stat, source, entries, ancestor };
}

/** Walks up at once: a path is rarely deep, and the answers come in one round trip. */
async function nearestAncestor(host: ReadOnlyHost, path: string): Promise<State["ancestor"]> {
  const above: string[] = [];
  for (let up = parentOf(path); above.at(-1) !== up; up = parentOf(up)) above.push(up);
  const stats = await Promise.all(above.map((up) => host.stat(up, { follow: true, typeOnly: true })));
  const index = stats.findIndex((stat) => stat !== undefined);
  return index === -1 ? undefined : { path: above[index], type: stats[index]!.type };
}

function plan(state: State, args: FileArgs): Plan {
  switch (wantedState(args, state.stat)) {
    case "absent":
      return planAbsent(state);
    case "directory":
      return planDirectory(state, args);
    case "link":
      return planLink(state, args);
    case "hard":
      return planHardLink(state, args);
    case "touch":
      return planTouch(state, args);
    case "file":
      return planExisting(state, args);
  }
}

/** The `file` module. */
export default defineModule<FileArgs, State>({
  name: "file",
  summary: "Files, directories and links: that they exist, whose they are, who may read them",
  args: aliased(schema, { dest: "path", name: "path" }),
  examples: [
    {
      name: "A directory for targets",
      args: 'path: /etc/prometheus/targets\nstate: directory\nowner: root\nmode: "0755"',
    },
    { name: "A link", args: "path: /usr/local/bin/promtool\nsrc: /opt/prometheus/promtool\nstate: link" },
    { name: "Nothing there", args: "path: /etc/prometheus/old.yml\nstate: absent" },
    {
      name: "A tree, directories searchable",
      args: "path: /srv/dashboards\nstate: directory\nrecurse: true\nmode: u=rwX,g=rX,o=rX",
    },
  ],
  reach: (args) => [`path:${args.path}`],
  inspect,
  plan,
}) as Module<FileArgs, State>;
