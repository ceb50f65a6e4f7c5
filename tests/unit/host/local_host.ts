/**
 * Real hosts for these tests: this machine through the local transport, or with nothing but busybox.
 *
 * @module
 */

import type { Connection, ExecOptions, ExecResult, Shell } from "../../../engine/transport/session.ts";
import { openLocal } from "../../../engine/transport/local.ts";
import { RemoteHost, type RemoteHostOptions } from "../../../engine/host/remote_host.ts";

/** A host and an empty directory on it. */
export interface Place {
  readonly host: RemoteHost;
  readonly directory: string;
  readonly connection: Connection;
}

/** Runs a test on this machine, in a directory that is removed afterwards. */
export async function onThisMachine(
  test: (place: Place) => Promise<void>,
  options: Partial<RemoteHostOptions> = {},
): Promise<void> {
  const connection = openLocal({ commandTimeout: 60 });
  const directory = await Deno.makeTempDir({ prefix: "aami host's " });
  await Deno.chmod(directory, 0o755);
  try {
    const shell = options.shell ?? await connection.shell();
    const host = new RemoteHost({ name: "here", user: "root", connection, ...options, shell });
    await test({ host, directory, connection });
  } finally {
    await connection.close();
    await Deno.remove(directory, { recursive: true });
  }
}

/** A shell that starts a process for each script; `path` is all that it finds programs in. */
export class ProcessShell implements Shell {
  constructor(private readonly program: readonly string[], private readonly path: string) {}

  async exec(script: string, options: ExecOptions = {}): Promise<ExecResult> {
    const child = new Deno.Command(this.program[0], {
      args: [...this.program.slice(1), "-c", script],
      clearEnv: true,
      env: { PATH: this.path },
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const { stdin = new Uint8Array(0) } = options;
    const body = stdin instanceof Uint8Array ? new Blob([stdin as Uint8Array<ArrayBuffer>]).stream() : stdin;
    const [{ code, stdout, stderr }] = await Promise.all([child.output(), body.pipeTo(child.stdin).catch(() => {})]);
    return { code, stdout, stderr };
  }
}

let busybox: Promise<Shell | string> | undefined;

/** A shell that has nothing but busybox, or why there is none. Made once a test file. */
export function busyboxShell(): Promise<Shell | string> {
  return busybox ??= makeBusyboxShell();
}

async function makeBusyboxShell(): Promise<Shell | string> {
  const directory = await Deno.makeTempDir({ prefix: "aami-busybox-" });
  globalThis.addEventListener("unload", () => Deno.removeSync(directory, { recursive: true }));
  const program = await findBusybox(directory);
  if (!program) return "busybox is not installed and apt-get does not bring it";
  const applets = `${directory}/applets`;
  await Deno.mkdir(applets);
  await new Deno.Command(program, { args: ["--install", "-s", applets] }).output();
  return new ProcessShell([program, "sh"], applets);
}

async function findBusybox(directory: string): Promise<string | undefined> {
  for (const path of [Deno.env.get("AAMI_BUSYBOX"), "/usr/bin/busybox", "/bin/busybox"]) {
    if (path && await Deno.stat(path).then((stat) => stat.isFile, () => false)) return path;
  }
  const unpack = "timeout 30 apt-get download busybox-static && dpkg -x busybox-static_*.deb .";
  const { success } = await new Deno.Command("sh", {
    args: ["-c", unpack],
    cwd: directory,
    stdout: "null",
    stderr: "null",
  })
    .output();
  return success ? `${directory}/bin/busybox` : undefined;
}

/** Bytes of a text. */
export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** Whether this process may mount file systems, and is root at all. */
export async function mayMount(): Promise<boolean> {
  const directory = await Deno.makeTempDir();
  const script = 'mount -t tmpfs -o size=64k tmpfs "$1" && umount "$1"';
  const { success } = await new Deno.Command("sh", { args: ["-c", script, "sh", directory], stderr: "null" }).output();
  await Deno.remove(directory);
  return success;
}
