/**
 * The hosts of the benchmark: one sshd on loopback each, with a port and a folder of its own. As root each also has a
 * mount namespace of its own, with a service in /etc/init.d that only it sees.
 * @module
 */

import { exists, run, waitUntil } from "../fleet/command.ts";

/** One host. */
export interface Target {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  /** The folder that the tasks work in; empty before a first run. */
  readonly work: string;
  /** Stands in the files; names that share a server share it. */
  readonly label: string;
}

/** How to start hosts. */
export interface TargetOptions {
  readonly count: number;
  /** Addresses that each sshd listens on; more than one where an sshd stands for several hosts. */
  readonly addresses?: readonly string[];
}

const SSHD = "/usr/sbin/sshd";

/** The name of the service that each host has. */
export const SERVICE = "aami-bench";

/** Running hosts. */
export class Targets implements AsyncDisposable {
  /** HOME of the controller: keys, known_hosts, what tools cache. */
  readonly home: string;
  readonly key: string;
  readonly knownHosts: string;

  private constructor(
    readonly folder: string,
    readonly hosts: readonly Target[],
    /** Whether each host has an init script of its own. */
    readonly hasService: boolean,
    private readonly processes: readonly Deno.ChildProcess[],
    private readonly keep: boolean,
  ) {
    this.home = `${folder}/home`;
    this.key = `${folder}/home/.ssh/id_ed25519`;
    this.knownHosts = `${folder}/home/.ssh/known_hosts`;
  }

  /** Starts the hosts. */
  static async start({ count, addresses = ["127.0.0.1"] }: TargetOptions, keep = false): Promise<Targets> {
    const folder = await Deno.makeTempDir({ prefix: "aami-bench-" });
    await Deno.chmod(folder, 0o755);
    await makeKeys(folder);
    const hasService = Deno.uid() === 0 && await exists("/etc/init.d") &&
      (await run(["unshare", "-m", "true"], { mayFail: true })).code === 0;
    const hosts: Target[] = [];
    const processes: Deno.ChildProcess[] = [];
    const ports = freePorts(count);
    for (const [index, port] of ports.entries()) {
      const server = `${folder}/hosts/${index + 1}`;
      await layOut(server, folder, port, addresses);
      processes.push(spawnServer(server, hasService));
      for (const [which, address] of addresses.entries()) {
        const number = String(which * count + index + 1).padStart(String(count * addresses.length).length, "0");
        hosts.push({ name: `node${number}`, address, port, work: `${server}/work`, label: `server${index + 1}` });
      }
    }
    hosts.sort((one, other) => one.name < other.name ? -1 : 1);
    const targets = new Targets(folder, hosts, hasService, processes, keep);
    await targets.#knowHosts();
    await Promise.all(ports.map((port) => listening(port)));
    return targets;
  }

  /** Empties the hosts' folders, so that the next run is a first one. */
  async reset(): Promise<void> {
    for (const work of new Set(this.hosts.map((host) => host.work))) {
      await run(["rm", "-rf", work]);
      await Deno.mkdir(work, { mode: 0o700 });
    }
  }

  /** Adds names for ports that lead to the hosts, a proxy's for instance. */
  async know(ports: readonly number[]): Promise<void> {
    const key = (await Deno.readTextFile(`${this.folder}/host_key.pub`)).split(" ").slice(0, 2).join(" ");
    const lines = ports.map((port) => `[127.0.0.1]:${port} ${key}\n`);
    await Deno.writeTextFile(this.knownHosts, lines.join(""), { append: true });
  }

  async #knowHosts(): Promise<void> {
    const key = (await Deno.readTextFile(`${this.folder}/host_key.pub`)).split(" ").slice(0, 2).join(" ");
    const lines = this.hosts.map(({ address, port }) => `[${address}]:${port} ${key}\n`);
    await Deno.writeTextFile(this.knownHosts, lines.join(""));
  }

  /** Ends the hosts. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const process of this.processes) {
      try {
        process.kill("SIGTERM");
      } catch {
        // It has ended.
      }
    }
    await Promise.all(this.processes.map((process) => process.status));
    if (this.keep) console.error(`kept: ${this.folder}`);
    else await run(["rm", "-rf", this.folder]);
  }
}

async function makeKeys(folder: string): Promise<void> {
  await Deno.mkdir(`${folder}/home/.ssh`, { recursive: true, mode: 0o700 });
  const make = (path: string) => run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "aami-bench", "-f", path]);
  await make(`${folder}/host_key`);
  await make(`${folder}/home/.ssh/id_ed25519`);
  await Deno.copyFile(`${folder}/home/.ssh/id_ed25519.pub`, `${folder}/authorized_keys`);
  // So that the machine's own /etc/ansible has no say.
  await Deno.writeTextFile(`${folder}/ansible.cfg`, "[defaults]\n");
}

/** Writes what one server is made of. */
async function layOut(server: string, folder: string, port: number, addresses: readonly string[]): Promise<void> {
  await Deno.mkdir(`${server}/work`, { recursive: true });
  const config = [
    `Port ${port}`,
    ...addresses.map((address) => `ListenAddress ${address}`),
    `HostKey ${folder}/host_key`,
    `AuthorizedKeysFile ${folder}/authorized_keys`,
    `PidFile ${server}/sshd.pid`,
    "StrictModes no",
    "UsePAM no",
    "UseDNS no",
    "PrintMotd no",
    "PrintLastLog no",
    "PermitRootLogin prohibit-password",
    "LogLevel ERROR",
    "MaxStartups 200:30:400",
    "Subsystem sftp internal-sftp",
  ];
  await Deno.writeTextFile(`${server}/sshd_config`, config.join("\n") + "\n");
  await Deno.writeTextFile(`${server}/service`, serviceScript(`${server}/work/running`), { mode: 0o755 });
}

/** An init script whose service runs while a file is there. */
function serviceScript(mark: string): string {
  return `#!/bin/sh
# aami-bench: stands for a daemon
case $1 in
  start) : > ${mark} ;;
  stop) rm -f ${mark} ;;
  status) if [ -e ${mark} ]; then echo running; exit 0; fi; echo stopped; exit 3 ;;
esac
`;
}

function spawnServer(server: string, own: boolean): Deno.ChildProcess {
  const serve = `exec ${SSHD} -D -e -f ${server}/sshd_config`;
  // An empty home: what this machine's root has in its .bashrc runs at each login and is no host's business.
  const mount = `mkdir -p /run/sshd && mount -t tmpfs -o mode=755,size=1m tmpfs /etc/init.d && ` +
    `cp -p ${server}/service /etc/init.d/${SERVICE} && mount -t tmpfs -o mode=700,size=64m tmpfs /root`;
  // A benchmark that is killed takes its servers along.
  const along = ["setpriv", "--pdeathsig", "TERM", "--"];
  const argv = own
    ? [...along, "unshare", "-m", "--propagation", "private", "sh", "-c", `${mount} && ${serve}`]
    : [...along, "sh", "-c", serve];
  return new Deno.Command(argv[0], { args: argv.slice(1), stdin: "null", stdout: "null", stderr: "null" }).spawn();
}

/** Ports that nothing listens on, all different. */
function freePorts(count: number): number[] {
  const listeners = Array.from({ length: count }, () => Deno.listen({ hostname: "127.0.0.1", port: 0 }));
  const ports = listeners.map((listener) => listener.addr.port);
  for (const listener of listeners) listener.close();
  return ports;
}

async function listening(port: number): Promise<void> {
  await waitUntil(
    `sshd listens on port ${port}`,
    async () => {
      try {
        (await Deno.connect({ hostname: "127.0.0.1", port })).close();
        return true;
      } catch {
        return false;
      }
    },
    30_000,
    50,
  );
}
