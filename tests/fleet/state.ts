/**
 * What is written down about running fleets, so that any process can find them and take them down: also those whose
 * maker has died.
 * @module
 */

import { cacheFolder, type ImageName } from "./images.ts";
import { exists, readIfThere, run, waitUntil, withLock } from "./command.ts";

/** Where the state of all fleets lives, a folder each; emptied by a boot of the machine, as its processes are. */
export const stateRoot = "/run/aami-fleet";

/** A process that cannot be mistaken for a later one of the same number. */
export interface ProcessIdentity {
  /** Its number. */
  pid: number;
  /** Its start, in clock ticks since the machine booted. */
  start: string;
}

/** What is known of one host of a fleet before it is booted. */
export interface HostState {
  /** Its hostname and its name in the inventory. */
  name: string;
  /** Its IPv4 address. */
  address: string;
  /** Its name among the processes, links and cgroups of this machine. */
  machine: string;
}

/** One fleet as its `state.json` has it. */
export interface FleetState {
  /** Tells this fleet from earlier and later ones of the same name. */
  key: string;
  /** The fleet's name, unique while it is up. */
  id: string;
  /** Its bridge. */
  bridge: string;
  /** This machine's address on the bridge. */
  gateway: string;
  /** The image of its hosts. */
  image: ImageName;
  /** Who takes it down; a fleet of somebody who is dead is waste. None: it stays until `down`. */
  owner?: ProcessIdentity;
  /** Its hosts. */
  hosts: HostState[];
}

/** The state folder of a fleet: state.json, keys, and a folder for each host. */
export function fleetFolder(id: string): string {
  return `${stateRoot}/${id}`;
}

/** The folder of a fleet's file systems, on the disk of the cache. */
export function treesFolder(id: string): string {
  return `${cacheFolder()}/fleets/${id}`;
}

/** Identifies a running process; undefined where it is gone or a zombie. */
export async function identify(pid: number): Promise<ProcessIdentity | undefined> {
  let stat: string | undefined;
  try {
    stat = await readIfThere(`/proc/${pid}/stat`);
  } catch {
    // It went while it was read: ESRCH.
  }
  const fields = stat?.slice(stat.lastIndexOf(")") + 2).split(" ");
  if (fields === undefined || fields[0] === "Z" || fields[0] === "X") return undefined;
  return { pid, start: fields[19] };
}

/** The fleets that are written down, whoever owns them. */
export async function listFleets(): Promise<FleetState[]> {
  const states: FleetState[] = [];
  if (!await exists(stateRoot)) return states;
  for await (const entry of Deno.readDir(stateRoot)) {
    const text = entry.isDirectory && !entry.name.startsWith(".")
      ? await readIfThere(`${stateRoot}/${entry.name}/state.json`)
      : undefined;
    if (text !== undefined) states.push(JSON.parse(text));
  }
  return states.sort((a, b) => a.id.localeCompare(b.id, "en", { numeric: true }));
}

/** Whether nobody will take this fleet down any more: it has an owner and that one is dead. */
export async function isAbandoned(state: FleetState): Promise<boolean> {
  if (state.owner === undefined) return false;
  return (await identify(state.owner.pid))?.start !== state.owner.start;
}

/** What to claim a fleet for. */
export interface Claim {
  /** How many hosts. */
  hosts: number;
  /** Their image. */
  image: ImageName;
  /** Keep the fleet when this process ends. */
  detached: boolean;
}

/**
 * Takes the first free 10.77.x.0/24 with a bridge of its own and writes the fleet down. Safe among any number of
 * processes that do the same.
 *
 * @throws {Error} when none of the subnets is free
 */
export async function claimFleet(claim: Claim): Promise<FleetState> {
  return await withLock(`${stateRoot}/lock`, async () => {
    const taken = (await run(["ip", "-4", "addr"])).stdout + (await run(["ip", "-4", "route"])).stdout;
    for (let x = 1; x < 255; x++) {
      const id = `f${x}`;
      if (taken.includes(`10.77.${x}.`) || await exists(`${fleetFolder(id)}/state.json`)) continue;
      const state: FleetState = {
        key: crypto.randomUUID(),
        id,
        bridge: `aami-${id}`,
        gateway: `10.77.${x}.1`,
        image: claim.image,
        owner: claim.detached ? undefined : await identify(Deno.pid),
        hosts: Array.from({ length: claim.hosts }, (_, i) => ({
          name: `node${i + 1}`,
          address: `10.77.${x}.${i + 11}`,
          machine: `aami${id}n${i + 1}`,
        })),
      };
      await Deno.mkdir(fleetFolder(id), { recursive: true });
      await Deno.writeTextFile(`${fleetFolder(id)}/state.json`, JSON.stringify(state, null, 2));
      await run(["ip", "link", "add", state.bridge, "type", "bridge"]);
      await run(["ip", "addr", "add", `${state.gateway}/24`, "dev", state.bridge]);
      await run(["ip", "link", "set", state.bridge, "up"]);
      return state;
    }
    throw new Error("No free subnet for a fleet in 10.77.0.0/16: `deno task fleet list` shows who has them");
  });
}

/**
 * Takes down everything of a fleet: processes, mounts, links, cgroups, files. Does nothing where it is down already, even
 * if another fleet has its name by now.
 */
export async function dismantleFleet(state: FleetState): Promise<void> {
  await withLock(`${stateRoot}/${state.id}.lock`, async () => {
    const text = await readIfThere(`${fleetFolder(state.id)}/state.json`);
    if (text === undefined || (JSON.parse(text) as FleetState).key !== state.key) return;
    await Promise.all(state.hosts.map((host) => stopHost(state, host)));
    await run(["ip", "link", "del", state.bridge], { mayFail: true });
    for (const hierarchy of await cgroupHierarchies()) await removeCgroup(`${hierarchy}/aami-fleet/${state.id}`);
    await run(["rm", "-rf", "--one-file-system", treesFolder(state.id)]);
    // The name is free from the moment that the folder is moved away, so it is moved last.
    const away = `${stateRoot}/.${state.key}`;
    await Deno.rename(fleetFolder(state.id), away);
    await Deno.remove(away, { recursive: true });
  });
}

/** Takes down the fleets whose owner has died. */
export async function sweepAbandoned(): Promise<void> {
  for (const state of await listFleets()) {
    if (await isAbandoned(state)) await dismantleFleet(state);
  }
}

/**
 * Ends a host at once, as a power cut does, and takes away its mount and its link; its files stay. What runs in the
 * cgroups that were made for this host is this host's, and nothing else is killed.
 */
export async function stopHost(state: FleetState, host: HostState): Promise<void> {
  await killHostProcesses(state.id, host);
  await run(["ip", "link", "del", hostLink(host)], { mayFail: true });
  await run(["umount", "-l", `${treesFolder(state.id)}/${host.name}/merged`], { mayFail: true });
  // nspawn wants to remove this one itself, and does not dare to where /run is not a tmpfs.
  await Deno.remove(`/run/systemd/nspawn/propagate/${host.machine}`).catch(() => {});
}

/** Kills the processes of a host, its supervisor included, and waits until they are gone. */
export async function killHostProcesses(fleet: string, host: HostState): Promise<void> {
  await waitUntil(`the processes of ${host.name} are gone`, async () => {
    const left = await hostProcesses(fleet, host.name);
    for (const pid of left) {
      try {
        Deno.kill(pid, "SIGKILL");
      } catch (error) {
        if (!(error instanceof Deno.errors.NotFound)) throw error;
      }
    }
    return left.length === 0;
  }, 20_000);
}

/** This machine's end of a host's network link. */
export function hostLink(host: HostState): string {
  return `vb-${host.machine}`;
}

/** The processes of a host as this machine numbers them. */
export async function hostProcesses(fleet: string, host: string): Promise<number[]> {
  const pids = new Set<number>();
  const collect = async (folder: string): Promise<void> => {
    try {
      const text = await Deno.readTextFile(`${folder}/cgroup.procs`);
      for (const line of text.split("\n")) if (Number(line) > 0) pids.add(Number(line));
      for await (const entry of Deno.readDir(folder)) if (entry.isDirectory) await collect(`${folder}/${entry.name}`);
    } catch {
      // Its last process went, and the host's systemd removed it, while it was read.
    }
  };
  for (const hierarchy of await cgroupHierarchies()) await collect(`${hierarchy}/aami-fleet/${fleet}/${host}`);
  return [...pids];
}

/** The cgroup trees in which systemd keeps its units: one on a machine of cgroup v2, two on one of v1. */
export async function cgroupHierarchies(): Promise<string[]> {
  if (await exists("/sys/fs/cgroup/cgroup.procs")) return ["/sys/fs/cgroup"];
  const found: string[] = [];
  for (const name of ["systemd", "unified"]) {
    if (await exists(`/sys/fs/cgroup/${name}/cgroup.procs`)) found.push(`/sys/fs/cgroup/${name}`);
  }
  return found;
}

/** Removes an empty cgroup and those in it. */
async function removeCgroup(folder: string): Promise<void> {
  if (!await exists(folder)) return;
  await run(["find", folder, "-depth", "-type", "d", "-exec", "rmdir", "{}", "+"], { mayFail: true });
}
