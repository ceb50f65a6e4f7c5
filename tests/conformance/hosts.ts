/**
 * The hosts of the conformance tests: three of a fleet, with an area for the plays' files, and pictures of them.
 *
 * @module
 */

import { readIfThere } from "../fleet/command.ts";
import { Fleet } from "../fleet/fleet.ts";
import type { Host } from "../fleet/host.ts";
import { diffSnapshots, type Snapshot, snapshot } from "../fleet/snapshot.ts";
import type { Case } from "./case.ts";

/** The folder that plays work in on every host; there and empty beforehand. */
export const AREA = "/srv/area";

const NAMES = ["one", "two", "three"] as const;

/** Path → `TYPE MODE OWNER:GROUP CONTENT`. */
type Picture = Record<string, string>;

/** Three hosts that run one play at a time. */
export class Lane implements AsyncDisposable {
  #clean?: readonly Snapshot[];

  private constructor(readonly fleet: Fleet) {}

  /** Boots the hosts. */
  static async up(): Promise<Lane> {
    const fleet = await Fleet.up({ hosts: NAMES.length, image: "python" });
    const lane = new Lane(fleet);
    await Deno.writeTextFile(lane.inventory, lane.#inventoryText());
    return lane;
  }

  /** The path of the inventory: one, two in `web`, three in `db`. */
  get inventory(): string {
    return `${this.fleet.folder}/conformance.yml`;
  }

  #inventoryText(): string {
    const names = (...hosts: string[]) => ({ hosts: Object.fromEntries(hosts.map((name) => [name, {}])) });
    const hosts = Object.fromEntries(
      NAMES.map((name, index) => [name, { ansible_host: this.fleet.hosts[index].address }]),
    );
    const vars = {
      ansible_user: "root",
      ansible_ssh_private_key_file: this.fleet.privateKey,
      ansible_python_interpreter: "/usr/bin/python3",
    };
    return JSON.stringify(
      { all: { vars, hosts, children: { web: names("one", "two"), db: names("three") } } },
      null,
      2,
    );
  }

  /** Empties the area, and prepares the hosts for a case. */
  async prepare({ setup = "", system }: Case): Promise<void> {
    await Promise.all(
      this.fleet.hosts.map((host, index) =>
        host.exec(`rm -rf ${AREA}; mkdir ${AREA}; cd ${AREA}\n${setup}`, { args: [NAMES[index]], mustSucceed: true })
      ),
    );
    if (system) this.#clean = await Promise.all(this.fleet.hosts.map(snapshot));
  }

  /** What lies in the area of each host. */
  async files(): Promise<Record<string, Picture>> {
    const pictures = await Promise.all(this.fleet.hosts.map(pictureOf));
    return Object.fromEntries(NAMES.map((name, index) => [name, pictures[index]]));
  }

  /** What differs in packages, units and /etc since `prepare`. Empty for a case that does not act on those. */
  async system({ system }: Case): Promise<Record<string, string[]>> {
    if (!system || !this.#clean) return {};
    const now = await Promise.all(this.fleet.hosts.map(snapshot));
    return Object.fromEntries(
      NAMES.map((name, index) => [name, diffSnapshots(this.#clean![index], now[index]).filter(counts)]),
    );
  }

  /** Makes the hosts what they were where a case acted on more than the area. */
  async restore({ system }: Case): Promise<void> {
    if (system) await Promise.all(this.fleet.hosts.map((host) => host.reset()));
  }

  /** Ends the hosts. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.fleet.down();
  }
}

/** Whether a difference is of the play's making: not a cache, a lock, a backup copy, or a file with a date in it. */
function counts(line: string): boolean {
  if (/^(package|unit) /.test(line)) return true;
  return /^file (\/etc|\/home|\/opt|\/var\/spool\/cron)\//.test(line) &&
    !/^file \/etc\/((g?shadow|passwd|group|subuid|subgid)-|g?shadow|ld\.so\.cache|\.pwd\.lock)/.test(line) &&
    !/\/\.ssh\/authorized_keys |\/cron\/crontabs\//.test(line);
}

const SCRIPT = `cd ${AREA} && find . -mindepth 1 -printf '%P\\0%y %04m %u:%g\\0%l\\0' && printf '\\0' &&
  find . -type f -exec sh -c 'for file; do printf "%s\\0" "\${file#./}"; base64 -w0 "$file"; printf "\\0"; done' sh {} +`;

async function pictureOf(host: Host): Promise<Picture> {
  const { stdout } = await host.exec(SCRIPT, { mustSucceed: true });
  const words = stdout.split("\0");
  const picture: Picture = {};
  let at = 0;
  for (; words[at] !== "" && at + 2 < words.length; at += 3) {
    picture[words[at]] = [words[at + 1], words[at + 2]].filter(Boolean).join(" -> ");
  }
  for (at++; at + 1 < words.length; at += 2) {
    picture[words[at]] += ` ${JSON.stringify(new TextDecoder().decode(Uint8Array.fromBase64(words[at + 1])))}`;
  }
  return sorted(picture);
}

function sorted(picture: Picture): Picture {
  return Object.fromEntries(Object.entries(picture).sort(([one], [other]) => one < other ? -1 : 1));
}

/** What a play left on the controller, below `out/` beside it. */
export async function controllerFiles(folder: string): Promise<Picture> {
  const picture: Picture = {};
  const walk = async (path: string) => {
    for (const entry of await Array.fromAsync(Deno.readDir(path)).catch(() => [])) {
      const whole = `${path}/${entry.name}`;
      if (entry.isDirectory) await walk(whole);
      else picture[whole.slice(folder.length + 1)] = JSON.stringify(await readIfThere(whole));
    }
  };
  await walk(`${folder}/out`);
  return sorted(picture);
}
