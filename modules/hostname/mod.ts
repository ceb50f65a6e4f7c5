/**
 * `hostname`: the name of the host, the one it runs under and the one it boots with.
 *
 * @module
 */

import type { Action } from "../../engine/host/action.ts";
import type { ReadOnlyHost } from "../../engine/host/host.ts";
import { type Change, defineModule, type Module, ModuleError, type Plan } from "../../engine/module/module.ts";
import { choice, text } from "../../engine/module/schema.ts";
import { z } from "../../engine/support/zod.ts";

const FILE = "/etc/hostname";
const RUNNING = "/proc/sys/kernel/hostname";

const schema = z.strictObject({
  name: text().refine((name) => name.length <= 64 && /^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/.test(name), {
    message: "expected a host name: letters, digits, '-' and '.', at most 64 of them",
  }).describe("The name, with or without its domain."),
  use: choice("systemd", "file").optional().describe(
    "How to set it: by `hostnamectl`, or by /etc/hostname and `hostname`. Without it systemd's way where systemd runs.",
  ),
});

type Args = z.output<typeof schema>;

/** What `hostname` found. */
export interface State {
  /** The name that the host runs under. */
  readonly running: string;
  /** What /etc/hostname holds; undefined where there is none. */
  readonly file?: string;
  /** Whether systemd runs and has `hostnamectl`. */
  readonly systemd: boolean;
}

async function inspect(host: ReadOnlyHost): Promise<State> {
  const [running, file, runs, hostnamectl] = await Promise.all([
    host.probe(["cat", RUNNING], { reads: [`path:${RUNNING}`] }),
    host.read(FILE),
    host.stat("/run/systemd/system"),
    host.which("hostnamectl"),
  ]);
  return {
    running: running.stdout.trim(),
    file: file && new TextDecoder().decode(file),
    systemd: runs !== undefined && hostnamectl !== undefined,
  };
}

/** The name in /etc/hostname: its first line that is no comment. */
function nameIn(file: string | undefined): string {
  return file?.split("\n").map((line) => line.trim()).find((line) => line !== "" && !line.startsWith("#")) ?? "";
}

function plan({ running, file, systemd }: State, { name, use }: Args): Plan {
  if (use === "systemd" && !systemd) {
    throw new ModuleError(
      "systemd does not run on the host, or it has no hostnamectl: 'use: file' sets the name without",
    );
  }
  const changes: Change[] = [];
  const actions: Action[] = [];
  const kept = nameIn(file);
  if (running !== name) changes.push({ path: "hostname", what: "running", before: running, after: name });
  if (kept !== name) changes.push({ path: FILE, what: "name", before: kept, after: name });
  if (changes.length > 0 && (use ?? (systemd ? "systemd" : "file")) === "systemd") {
    actions.push({ do: "run", argv: ["hostnamectl", "--static", "--transient", "set-hostname", name] });
  } else {
    if (kept !== name) actions.push({ do: "write", path: FILE, content: `${name}\n`, mode: 0o644 });
    if (running !== name) actions.push({ do: "run", argv: ["hostname", name] });
  }
  const keys = [`path:${FILE}`, `path:${RUNNING}`, "facts"];
  return {
    changes,
    actions,
    result: { name },
    ...(changes.length === 0 ? {} : { touches: keys.map((key) => ({ key })) }),
  };
}

/** The `hostname` module. */
export default defineModule<Args, State>({
  name: "hostname",
  summary: "The name of the host, now and after the next boot",
  args: schema,
  examples: [
    { name: "As the inventory has it", args: "name: gpu001.cluster.example" },
    { name: "Without systemd", args: "name: gpu001\nuse: file" },
  ],
  inspect,
  plan,
}) as Module<Args, State>;
