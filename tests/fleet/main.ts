/**
 * `deno task fleet up 4 [--image python] | ssh 2 [COMMAND…] | list | mirror | down [FLEET]`
 *
 * Results go to standard output, talk to standard error.
 * @module
 */

import { Fleet } from "./fleet.ts";
import type { ImageName } from "./images.ts";
import { dismantleFleet, type FleetState, isAbandoned, listFleets } from "./state.ts";

const usage = `Usage:
  deno task fleet up [HOSTS] [--image bare|python]   boot hosts that stay; prints the path of an inventory
  deno task fleet ssh [FLEET/]HOST [COMMAND…]        a shell on a host (2 or node2), or one command
  deno task fleet list                               what is up
  deno task fleet down [FLEET]                       end one, or all that stay and all whose owner is dead`;

/** A mistake of the caller's: the message is all there is to say. */
class UsageError extends Error {}

/** Runs one command and gives the exit status. */
async function main(args: readonly string[]): Promise<number> {
  const [command, ...rest] = args;
  if (command === "up") return await up(rest);
  if (command === "ssh") return await ssh(rest);
  if (command === "list") return await list();
  if (command === "down") return await down(rest);
  throw new UsageError(usage);
}

/** Boots a fleet that outlives this process. */
async function up(args: readonly string[]): Promise<number> {
  const words = [...args];
  const flag = words.findIndex((word) => word === "--image" || word.startsWith("--image="));
  const image = flag < 0 ? "bare" : words.splice(flag, words[flag].includes("=") ? 1 : 2).join("=").split("=")[1];
  if (!isImage(image) || words.length > 1) throw new UsageError(usage);
  const hosts = Number(words[0] ?? 4);
  const started = performance.now();
  const fleet = await Fleet.up({ hosts, image, detached: true, say: (line) => console.error(line) });
  console.error(`Fleet ${fleet.id}: ${hosts} hosts in ${((performance.now() - started) / 1000).toFixed(1)} s`);
  for (const host of fleet.hosts) console.error(`  ${host.name}  ${host.address}`);
  console.log(fleet.inventoryFile);
  return 0;
}

/** Hands the terminal to ssh. */
async function ssh(args: readonly string[]): Promise<number> {
  const [target, ...command] = args;
  const match = /^(?:(f\d+)\/)?(?:node)?(\d+)$/.exec(target ?? "");
  if (match === null) throw new UsageError(usage);
  const id = match[1] ?? (await listFleets()).filter((state) => state.owner === undefined).at(-1)?.id;
  if (id === undefined) throw new UsageError("No fleet is up: deno task fleet up 4");
  const host = (await Fleet.attach(id)).hosts[Number(match[2]) - 1];
  if (host === undefined) throw new UsageError(`No such host in fleet ${id}: ${target}`);
  const argv = [...host.sshCommand(), ...command];
  const child = new Deno.Command(argv[0], { args: argv.slice(1) }).spawn();
  return (await child.status).code;
}

/** A line for each fleet. */
async function list(): Promise<number> {
  for (const state of await listFleets()) {
    const hosts = `${state.hosts[0].address} … ${state.hosts.at(-1)?.address}`;
    console.log(`${state.id}\t${state.hosts.length} ${state.image}\t${hosts}\t${await describeOwner(state)}`);
  }
  return 0;
}

/** Who takes the fleet down. */
async function describeOwner(state: FleetState): Promise<string> {
  if (state.owner === undefined) return "stays until down";
  return await isAbandoned(state) ? "abandoned" : `owned by process ${state.owner.pid}`;
}

/** Never takes a fleet from a living owner unless it is named. */
async function down(args: readonly string[]): Promise<number> {
  const all = await listFleets();
  const named = args.length === 0 ? undefined : all.filter((state) => args.includes(state.id));
  if (named !== undefined && named.length < args.length) throw new UsageError(`No such fleet: ${args.join(" ")}`);
  for (const state of named ?? all) {
    if (named === undefined && state.owner !== undefined && !await isAbandoned(state)) continue;
    await dismantleFleet(state);
    console.error(`Fleet ${state.id} is down`);
  }
  return 0;
}

/** Narrows a word to an image's name. */
function isImage(word: string | undefined): word is ImageName {
  return word === "bare" || word === "python";
}

if (import.meta.main) {
  try {
    Deno.exitCode = await main(Deno.args);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(error.message);
    Deno.exitCode = 1;
  }
}
