/**
 * Writes a file of scrape targets for Prometheus' file discovery (`file_sd_configs`). Prometheus watches the file and
 * needs no reload.
 *
 * @module
 */

import { defineModule, type Module, ModuleError, type Plan } from "../../engine/module/module.ts";
import { choice, list, path, text } from "../../engine/module/schema.ts";
import { toYaml } from "../../engine/support/yaml.ts";
import { z } from "../../engine/support/zod.ts";
import { ownershipArguments } from "../_shared/arguments.ts";
import { digest, type FileState, inspectFile, planFile, requireAccounts } from "../_shared/files.ts";

const labelName = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "a label's name is letters, digits and _");

const entry = z.strictObject({
  targets: list(text().refine((target) => /^\S+$/.test(target), "expected an address such as node1:9100")),
  labels: z.record(labelName, text()).default({}),
});

const schema = z.strictObject({
  path: path().refine((value) => /\.(json|ya?ml)$/.test(value), "Prometheus reads .json, .yml and .yaml files alone")
    .describe("The file on the host; a pattern of `file_sd_configs` must match it. Its ending says the format."),
  state: choice("present", "absent").default("present").describe("Whether the file should be there."),
  targets: z.array(entry).default([]).describe(
    "Entries of `targets` (a list of `host:port`) and the `labels` that they have in common.",
  ),
  ...ownershipArguments,
});

type Args = z.output<typeof schema>;
/** One entry of the file: targets, and the labels that they have in common. */
export type Entry = {
  /** Addresses as `host:port`. */
  targets: string[];
  /** Label names to values; empty for none. */
  labels: Record<string, string>;
};

/** The entries in an order that does not depend on how they came, without repetitions. */
export function ordered(entries: readonly Entry[]): Entry[] {
  const tidy = entries.map(({ targets, labels }) => ({
    targets: [...new Set(targets)].sort(),
    labels: Object.fromEntries(Object.entries(labels).sort(([a], [b]) => a < b ? -1 : 1)),
  }));
  const byText = new Map(tidy.map((item) => [JSON.stringify(item), item]));
  return [...byText.keys()].sort().map((key) => byText.get(key)!);
}

function contentOf(args: Args): string {
  const entries = ordered(args.targets);
  if (!args.path.endsWith(".json")) return toYaml(entries);
  // One entry a line, so that a diff shows the hosts that came and went.
  return entries.length === 0 ? "[]\n" : `[\n${entries.map((item) => `  ${JSON.stringify(item)}`).join(",\n")}\n]\n`;
}

function plan(file: FileState, args: Args): Plan {
  if (args.state === "present") return planFile(file, { ...args, content: contentOf(args) });
  const result = { dest: args.path, state: "absent" };
  if (!file.stat) return { changes: [], actions: [], result };
  if (file.stat.type === "directory") throw new ModuleError(`${args.path} is a directory, not a file of targets`);
  return {
    changes: [{ path: args.path, what: "state", before: "file", after: "absent" }],
    actions: [{ do: "remove", path: args.path }],
    result,
  };
}

/** The `prometheus_targets` module. */
export default defineModule<Args, FileState>({
  name: "prometheus_targets",
  summary: "Write a file of scrape targets for Prometheus' file discovery",
  args: schema as z.ZodType<Args>,
  examples: [
    {
      name: "The node exporters of two hosts",
      args: `path: /etc/aami/targets/node.json
targets:
  - targets: ["10.0.0.1:9100"]
    labels: { node: gpu01, group: gpu }
  - targets: ["10.0.0.2:9100"]
    labels: { node: gpu02, group: gpu }
`,
    },
  ],
  reach: (args) => [`path:${args.path}`],
  async inspect(host, args) {
    const present = args.state === "present";
    const file = await inspectFile(host, args.path, { sha256: present ? digest(contentOf(args)) : undefined });
    if (present) await requireAccounts(host, args, [file.stat]);
    return file;
  },
  plan,
}) as Module<Args, FileState>;
