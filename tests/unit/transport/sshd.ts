/**
 * A real OpenSSH server on loopback for tests. It runs in a mount namespace of its own where that is possible, with users
 * and a sudo that the machine itself does not have; nothing on the machine changes.
 *
 * @module
 */

import { join } from "node:path";

/** What {@linkcode startSshd} starts. */
export interface SshdOptions {
  /** More lines for sshd_config, ahead of the defaults (the first line of a keyword counts). */
  readonly config?: readonly string[];
  /** The port; a free one if not given. */
  readonly port?: number;
  /** The folder of an earlier server, whose keys are used again. */
  readonly keysFrom?: Sshd;
  /** Whether `sudo` is needed: users `ops` (no password) and `opspw` (password `sesame`) may use it. */
  readonly sudo?: boolean;
}

/** A running server. Its keys let `root`, and where {@linkcode hasUsers} says so `ops` and `opspw`, log in. */
export interface Sshd extends AsyncDisposable {
  readonly port: number;
  readonly dir: string;
  /** A private key that is let in; `keyPath + ".pub"` is its public half. */
  readonly keyPath: string;
  /** A known_hosts file that holds the server's key. */
  readonly knownHosts: string;
  /** Whether the users `ops` and `opspw` exist. */
  readonly hasUsers: boolean;
  /** What the server has logged. */
  log(): string;
  /** Kills the server and every connection at once. */
  kill(): void;
}

const cacheDir = join(Deno.env.get("XDG_CACHE_HOME") ?? join(Deno.env.get("HOME") ?? "/tmp", ".cache"), "aami-tests");

/** Runs a command and gives what it printed; throws when it fails. */
export async function sh(script: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command("sh", { args: ["-c", script, "sh", ...args] }).output();
  if (code !== 0) throw new Error(`${script}: ${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout);
}

/** Unpacks a Debian package, and libraries that it needs, into the cache, without installing it. */
async function unpacked(name: string, ...libraries: string[]): Promise<string | undefined> {
  const dir = join(cacheDir, name);
  if (await exists(join(dir, ".done"))) return dir;
  if (Deno.uid() !== 0) return undefined;
  const temp = `${dir}.${crypto.randomUUID()}`;
  try {
    await Deno.mkdir(temp, { recursive: true });
    const get =
      'cd "$1"; shift; apt-get download -qq "$@"; for deb in *.deb; do dpkg -x "$deb" .; done; rm ./*.deb; : > .done';
    await sh(`set -e; ${get}`, temp, name, ...libraries);
    await Deno.rename(temp, dir).catch(() => {}); // Another test was first.
  } catch {
    return undefined;
  } finally {
    await Deno.remove(temp, { recursive: true }).catch(() => {});
  }
  return await exists(dir) ? dir : undefined;
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

async function findSshd(): Promise<string | undefined> {
  if (Deno.build.os !== "linux" || Deno.uid() !== 0) return undefined;
  if (await exists("/usr/sbin/sshd")) return "/usr/sbin/sshd";
  const dir = await unpacked("openssh-server", "libwrap0");
  return dir && join(dir, "usr/sbin/sshd");
}

/** The server's binary, looked up once; undefined with a line that says why tests are left out. */
export const sshdPath: string | undefined = await findSshd();
if (!sshdPath) {
  console.log("left out: tests over SSH need root on Linux and /usr/sbin/sshd (apt-get install openssh-server)");
}

const canUnshare: boolean = Deno.uid() === 0 &&
  await sh("unshare -m true").then(() => true, () => false);

/** Whether the servers can have users and a sudo of their own. */
export const hasNamespaces: boolean = canUnshare;

async function sudoFolder(): Promise<string | undefined> {
  if (await exists("/usr/bin/sudo")) return "";
  return await unpacked("sudo");
}

/** Starts a server; dispose it with `await using`. */
export async function startSshd(options: SshdOptions = {}): Promise<Sshd> {
  const dir = await Deno.makeTempDir({ prefix: "aami-sshd-" });
  const port = options.port ?? freePort();
  await makeKeys(dir, options.keysFrom?.dir);
  const knownHosts = join(dir, "known_hosts");
  const hostKey = (await Deno.readTextFile(join(dir, "host_key.pub"))).split(" ").slice(0, 2).join(" ");
  await Deno.writeTextFile(knownHosts, `[127.0.0.1]:${port} ${hostKey}\n`);
  await Deno.writeTextFile(join(dir, "sshd_config"), config(dir, port, options.config ?? []));
  // Only for a server that was unpacked into the cache.
  const libraries = join(sshdPath ?? "", "../../lib", `${Deno.build.arch}-linux-gnu`);
  const command = `LD_LIBRARY_PATH=${libraries} exec ${sshdPath} -D -e -f ${dir}/sshd_config`;
  const args = canUnshare
    ? ["unshare", "-m", "--propagation", "private", "sh", "-c", `${await namespace(dir, options.sudo)}\n${command}`]
    : ["sh", "-c", command];
  const child = new Deno.Command(args[0], {
    args: args.slice(1),
    stdin: "null",
    stdout: "null",
    stderr: "piped",
    detached: true,
  }).spawn();
  let log = "";
  const reading = readLog(child.stderr, (text) => log += text);
  const server = new SshdProcess(dir, port, knownHosts, child, () => log, reading);
  try {
    await server.listening();
  } catch (error) {
    await server[Symbol.asyncDispose]();
    throw error;
  }
  return server;
}

class SshdProcess implements Sshd {
  readonly keyPath: string;
  readonly hasUsers: boolean = canUnshare;

  constructor(
    readonly dir: string,
    readonly port: number,
    readonly knownHosts: string,
    private readonly child: Deno.ChildProcess,
    readonly log: () => string,
    private readonly reading: Promise<void>,
  ) {
    this.keyPath = join(dir, "user_key");
  }

  async listening(): Promise<void> {
    let ended = false;
    this.child.status.then(() => ended = true);
    for (let tries = 0; !this.log().includes("Server listening"); tries++) {
      if (ended || tries > 1000) throw new Error(`sshd did not start: ${this.log()}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  kill(): void {
    for (const pid of processTree(this.child.pid)) {
      try {
        Deno.kill(pid, "SIGKILL");
      } catch {
        // It has ended already.
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.kill();
    await this.child.status;
    await this.reading;
    await Deno.remove(this.dir, { recursive: true });
  }
}

/** A process and all below it; sshd puts each connection into a session of its own, so its group is not enough. */
function processTree(root: number): number[] {
  const parents = new Map<number, number>();
  for (const { name } of Deno.readDirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = Deno.readTextFileSync(`/proc/${name}/stat`);
      parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]));
    } catch {
      // It has ended meanwhile.
    }
  }
  const tree = [root];
  for (const above of tree) for (const [pid, parent] of parents) if (parent === above) tree.push(pid);
  return tree;
}

/** A port that nothing listens on. */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

async function makeKeys(dir: string, from?: string): Promise<void> {
  for (const name of ["host_key", "user_key"]) {
    if (from) await sh('cp -p "$1/$3" "$1/$3.pub" "$2/"', from, dir, name);
    else await sh('ssh-keygen -q -t ed25519 -N "" -C "$2" -f "$1/$2"', dir, name);
  }
  await Deno.copyFile(join(dir, "user_key.pub"), join(dir, "authorized_keys"));
}

function config(dir: string, port: number, lines: readonly string[]): string {
  return [
    ...lines,
    `Port ${port}`,
    "ListenAddress 127.0.0.1",
    `HostKey ${dir}/host_key`,
    `AuthorizedKeysFile ${dir}/authorized_keys`,
    `PidFile ${dir}/sshd.pid`,
    "StrictModes no",
    "UsePAM no",
    "PermitRootLogin yes",
    "LogLevel DEBUG",
    "MaxStartups 500:30:1000",
    "UseDNS no",
    "",
  ].join("\n");
}

/** Shell lines that give the server's namespace its users and, if asked for, sudo. */
async function namespace(dir: string, sudo = false): Promise<string> {
  const etc = join(dir, "etc");
  await Deno.mkdir(join(etc, "sudoers.d"), { recursive: true });
  await Deno.mkdir(join(etc, "pam.d"));
  const password = (await sh(`perl -e 'print crypt("sesame", "\\$6\\$aami\\$")'`)).trim();
  const users = (await Deno.readTextFile("/etc/passwd")).split("\n").filter((line) =>
    !/^(sshd|ops|opspw|root):|^$/.test(line)
  );
  const shadow = (await Deno.readTextFile("/etc/shadow")).split("\n").filter((line) =>
    !/^(sshd|ops|opspw|root):|^$/.test(line)
  );
  const ours = ["root:x:0:0::/root", "ops:x:61001:61001::/tmp", "opspw:x:61002:61002::/tmp"].map((line) =>
    `${line}:/bin/sh`
  );
  const all = [...ours, "sshd:x:61022:65534::/run/sshd:/usr/sbin/nologin", ...users];
  await Deno.writeTextFile(join(etc, "passwd"), all.join("\n") + "\n");
  const hashes = ["root", "ops", "opspw"].map((user) => `${user}:${password}:19000:0:99999:7:::`);
  await Deno.writeTextFile(join(etc, "shadow"), [...hashes, "sshd:!:19000::::::", ...shadow].join("\n") + "\n", {
    mode: 0o600,
  });
  const lines = ["set -e", "umask 022"];
  const folder = sudo ? await sudoFolder() : "";
  if (folder) {
    await Deno.copyFile(join(folder, "etc/pam.d/sudo"), join(etc, "pam.d/sudo"));
    lines.push(`mount -t overlay overlay -o lowerdir=${folder}/usr:/usr /usr`);
  }
  const sudoers = "root ALL=(ALL) ALL\nops ALL=(ALL) NOPASSWD: ALL\nopspw ALL=(ALL) ALL\n";
  await Deno.writeTextFile(join(etc, "sudoers"), sudoers, { mode: 0o440 });
  await Deno.chmod(dir, 0o755);
  lines.push(`mount -t overlay overlay -o lowerdir=${etc}:/etc /etc`);
  lines.push("mkdir -p /run/sshd && mount -t tmpfs -o mode=755 tmpfs /run/sshd");
  return lines.join("\n");
}

async function readLog(stream: ReadableStream<Uint8Array>, add: (text: string) => void): Promise<void> {
  const decoder = new TextDecoder();
  for await (const chunk of stream) add(decoder.decode(chunk, { stream: true }));
}
