/**
 * One host of a fleet: a systemd of its own in namespaces of its own.
 * @module
 */

import { type CommandResult, readIfThere, run, waitUntil } from "./command.ts";
import { ensureImages } from "./images.ts";
import { prepareTree, startSupervisor } from "./boot.ts";
import { fleetFolder, type FleetState, hostLink, type HostState, identify, stopHost, treesFolder } from "./state.ts";

/** How long a host may take to boot and answer, in milliseconds. */
const bootDeadline = 60_000;

/** How `exec` runs a script. */
export interface ExecOptions {
  /** Text for its standard input; none means an empty one. */
  stdin?: string;
  /** The script's `$1`, `$2`, … */
  args?: readonly string[];
  /** Throw where it exits other than 0. */
  mustSucceed?: boolean;
}

/** A host that can be looked into, written to, rebooted and reset by a test, none of it through sshd. */
export class Host {
  /** Its hostname and its name in the inventory: node1, node2, … */
  readonly name: string;
  /** Its IPv4 address; sshd listens there on port 22. */
  readonly address: string;
  /** Its name among this machine's processes, links and cgroups. */
  readonly machine: string;
  /** This machine's end of its network link. */
  readonly link: string;
  /** The bridge that the link hangs on. */
  readonly bridge: string;
  readonly #fleet: FleetState;
  readonly #state: HostState;

  /** Hosts are made by their fleet. */
  constructor(fleet: FleetState, state: HostState) {
    this.#fleet = fleet;
    this.#state = state;
    this.name = state.name;
    this.address = state.address;
    this.machine = state.machine;
    this.link = hostLink(state);
    this.bridge = fleet.bridge;
  }

  /** The folder of this host's file system on this machine: `upper`, `work` and `merged` of its overlay. */
  get tree(): string {
    return `${treesFolder(this.#fleet.id)}/${this.name}`;
  }

  /** What the host's console said, all boots since the last reset. */
  async console(): Promise<string> {
    return await readIfThere(`${fleetFolder(this.#fleet.id)}/${this.name}/console`) ?? "";
  }

  /**
   * Runs a script by sh as root in the host, entering its namespaces: independent of sshd and of the network.
   *
   * @throws {Error} when the host is down, or the script fails and `mustSucceed` is set
   */
  async exec(script: string, options: ExecOptions = {}): Promise<CommandResult> {
    const leader = await this.leader();
    if (leader === undefined) throw new Error(`The host is down: ${this.name}`);
    const clean = ["env", "-i", "HOME=/root", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"];
    const shell = ["sh", "-c", script, "sh", ...options.args ?? []];
    // nsenter must not be the parent: it stops itself when a shutdown stops its child, and the host could never end.
    const enter = ["nsenter", "-t", String(leader), "--all", "--no-fork", "--", "sh", "-c", '"$@"; exit $?', "sh"];
    return await run([...enter, ...clean, ...shell], {
      stdin: options.stdin,
      mayFail: !options.mustSucceed,
    });
  }

  /** The text of a file of the host. Throws where it cannot be read. */
  async read(path: string): Promise<string> {
    return (await this.exec('cat -- "$1"', { args: [path], mustSucceed: true })).stdout;
  }

  /** Writes a file of the host, making the folders above it; an existing file keeps its owner and mode. */
  async write(path: string, text: string): Promise<void> {
    const script = 'mkdir -p -- "$(dirname -- "$1")" && cat > "$1"';
    await this.exec(script, { args: [path], stdin: text, mustSucceed: true });
  }

  /** The number that this machine has for the host's PID 1; undefined while the host is down. */
  async leader(): Promise<number | undefined> {
    const pid = Number(await readIfThere(`${fleetFolder(this.#fleet.id)}/${this.name}/nspawn.pid`));
    if (!pid || !(await readIfThere(`/proc/${pid}/cmdline`).catch(() => ""))?.includes(this.machine)) return undefined;
    const children = await readIfThere(`/proc/${pid}/task/${pid}/children`).catch(() => "");
    for (const child of (children ?? "").split(" ").map(Number).filter((number) => number > 0)) {
      const status = await readIfThere(`/proc/${child}/status`).catch(() => "");
      if (/^NSpid:\t\d+\t1$/m.test(status ?? "") && await identify(child) !== undefined) return child;
    }
    return undefined;
  }

  /** Identifies the running boot; undefined while the host is down or on its way. */
  async bootId(): Promise<string | undefined> {
    try {
      const result = await this.exec("cat /proc/sys/kernel/random/boot_id");
      return result.stdout.trim() || undefined;
    } catch {
      return undefined;
    }
  }

  /** Reboots by the host's own systemd and waits until it is back and answers on port 22. */
  async reboot(): Promise<void> {
    const before = await this.bootId();
    await this.exec("systemctl reboot");
    await this.waitForBoot(before);
  }

  /** Cuts the power: every process of the host is gone when this returns. `start` brings it back. */
  async kill(): Promise<void> {
    await stopHost(this.#fleet, this.#state);
  }

  /** Boots a host that is down with the files that it has, and waits until it answers. */
  async start(): Promise<void> {
    const images = await ensureImages();
    await prepareTree(images, this.#fleet, this.#state);
    await startSupervisor(images, this.#fleet, this.#state);
    await this.waitForBoot();
  }

  /** Makes the host what it was at first: its image and nothing else. Its address and its host key stay. */
  async reset(): Promise<void> {
    await this.kill();
    await run(["rm", "-rf", "--one-file-system", this.tree]);
    await this.start();
  }

  /**
   * Waits until the host has booted and sshd greets.
   *
   * @param notThis the id of a boot that does not count
   */
  async waitForBoot(notThis?: string): Promise<void> {
    try {
      await waitUntil(`${this.name} has booted`, async () => {
        const boot = await this.bootId();
        if (boot === undefined || boot === notThis) return false;
        const state = await this.exec("systemctl is-system-running").catch(() => undefined);
        return /^(running|degraded)$/m.test(state?.stdout ?? "") && await this.#greets();
      }, bootDeadline);
    } catch (error) {
      throw new Error(`${error instanceof Error ? error.message : error}\n${(await this.console()).slice(-2000)}`);
    }
  }

  /** The ssh command line for this host, with the fleet's key and known_hosts, none of the user's settings. */
  sshCommand(user = "root"): string[] {
    const folder = fleetFolder(this.#fleet.id);
    const options = [`UserKnownHostsFile=${folder}/known_hosts`, "StrictHostKeyChecking=yes", "IdentitiesOnly=yes"];
    const flags = ["-F", "none", "-i", `${folder}/client_key`, ...options.flatMap((option) => ["-o", option])];
    return ["ssh", ...flags, `${user}@${this.address}`];
  }

  /** Runs a script over the system's ssh; for what has to go through sshd. ssh's own failures exit 255. */
  async ssh(script: string, user = "root"): Promise<CommandResult> {
    return await run([...this.sshCommand(user), script], { mayFail: true });
  }

  /** Whether sshd says who it is. */
  async #greets(): Promise<boolean> {
    try {
      using connection = await Deno.connect({ hostname: this.address, port: 22 });
      const buffer = new Uint8Array(4);
      const count = await connection.read(buffer);
      return count === 4 && new TextDecoder().decode(buffer) === "SSH-";
    } catch {
      return false;
    }
  }
}
