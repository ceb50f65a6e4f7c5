/**
 * Real hosts with systemd and sshd for tests, benches and people.
 *
 * @example
 * ```ts ignore
 * await using fleet = await Fleet.up({ hosts: 2 });
 * const [monitoring, node] = fleet.hosts;
 * await node.exec("systemctl stop ssh");
 * ```
 * @module
 */

import { run } from "./command.ts";
import { hostKey, prepareTree, startSupervisor } from "./boot.ts";
import { Host } from "./host.ts";
import { ensureImages, type ImageName } from "./images.ts";
import { fleetObstacle } from "./prerequisites.ts";
import { claimFleet, dismantleFleet, fleetFolder, type FleetState, listFleets, sweepAbandoned } from "./state.ts";

/** What fleet to bring up. */
export interface FleetOptions {
  /** How many hosts: 1 to 200. */
  hosts: number;
  /** Their image; bare unless said otherwise. */
  image?: ImageName;
  /** Keep the fleet when this process ends, until `deno task fleet down`. */
  detached?: boolean;
  /** Told what takes long, a line at a time. */
  say?: (line: string) => void;
}

/** A subnet with hosts on it, and this machine at its gateway address. */
export class Fleet implements AsyncDisposable {
  /** The fleet's name while it is up: f1, f2, … */
  readonly id: string;
  /** This machine's address on the fleet's bridge. */
  readonly gateway: string;
  /** The bridge. */
  readonly bridge: string;
  /** The hosts: node1 first. */
  readonly hosts: readonly Host[];
  readonly #state: FleetState;

  private constructor(state: FleetState) {
    this.#state = state;
    this.id = state.id;
    this.gateway = state.gateway;
    this.bridge = state.bridge;
    this.hosts = state.hosts.map((host) => new Host(state, host));
  }

  /**
   * Boots fresh hosts and waits until each answers. Sweeps up after dead processes first. The first fleet of a machine
   * also builds the images (a minute and a half).
   *
   * @throws {Error} where the machine cannot boot hosts, with what to install
   */
  static async up(options: FleetOptions): Promise<Fleet> {
    const { hosts, image = "bare", detached = false } = options;
    if (!Number.isInteger(hosts) || hosts < 1 || hosts > 200) throw new RangeError(`Not 1 to 200 hosts: ${hosts}`);
    const obstacle = await fleetObstacle();
    if (obstacle) {
      throw new Error(`No fleet here: ${obstacle.reason}${obstacle.aptLine ? `: ${obstacle.aptLine}` : ""}`);
    }
    const images = await ensureImages(options.say);
    await sweepAbandoned();
    const state = await claimFleet({ hosts, image, detached });
    try {
      await writeKeys(state);
      const fleet = new Fleet(state);
      await Promise.all(state.hosts.map(async (host, index) => {
        await prepareTree(images, state, host);
        await startSupervisor(images, state, host);
        await fleet.hosts[index].waitForBoot();
      }));
      await Deno.writeTextFile(fleet.inventoryFile, fleet.inventory());
      return fleet;
    } catch (error) {
      await dismantleFleet(state);
      throw error;
    }
  }

  /**
   * A fleet that is up already, also one of another process.
   *
   * @throws {Error} when there is none of that name
   */
  static async attach(id: string): Promise<Fleet> {
    const state = (await listFleets()).find((each) => each.id === id);
    if (state === undefined) throw new Error(`No such fleet: ${id}`);
    return new Fleet(state);
  }

  /** The folder of the fleet's keys and inventory. */
  get folder(): string {
    return fleetFolder(this.id);
  }

  /** The private key that every host takes for root, ops and opspw; no passphrase, mode 0600. */
  get privateKey(): string {
    return `${this.folder}/client_key`;
  }

  /** A known_hosts file with the key of every host, by name and by address. */
  get knownHosts(): string {
    return `${this.folder}/known_hosts`;
  }

  /** The path of the inventory below. */
  get inventoryFile(): string {
    return `${this.folder}/inventory.yml`;
  }

  /** An inventory in Ansible's YAML: node1 is `monitoring`, the others are `nodes`; everyone logs in as root. */
  inventory(): string {
    const [first, ...others] = this.hosts;
    return [
      "all:",
      "  vars:",
      "    ansible_user: root",
      `    ansible_ssh_private_key_file: ${this.privateKey}`,
      "  hosts:",
      ...this.hosts.flatMap((host) => [`    ${host.name}:`, `      ansible_host: ${host.address}`]),
      "  children:",
      "    monitoring:",
      "      hosts:",
      `        ${first.name}:`,
      "    nodes:",
      "      hosts:" + (others.length === 0 ? " {}" : ""),
      ...others.map((host) => `        ${host.name}:`),
      "",
    ].join("\n");
  }

  /** Makes a host what it was at first; under two seconds. Its address and its host key stay. */
  async reset(host: Host): Promise<void> {
    await host.reset();
  }

  /** Ends all hosts and removes everything of the fleet. Done twice, it does nothing. */
  async down(): Promise<void> {
    await dismantleFleet(this.#state);
  }

  /** The same as `down`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.down();
  }
}

/** The client's key, and the keys by which it knows the hosts. */
async function writeKeys(state: FleetState): Promise<void> {
  const folder = fleetFolder(state.id);
  await run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", `fleet ${state.id}`, "-f", `${folder}/client_key`]);
  const lines = await Promise.all(state.hosts.map(async (host) => {
    const [type, key] = (await Deno.readTextFile(`${await hostKey(host.address)}.pub`)).split(" ");
    return `${host.name},${host.address} ${type} ${key}\n`;
  }));
  await Deno.writeTextFile(`${folder}/known_hosts`, lines.join(""));
}
