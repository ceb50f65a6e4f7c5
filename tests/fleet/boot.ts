/**
 * Lays out a host's file system and starts its systemd-nspawn.
 * @module
 */

import { exists, run, withLock } from "./command.ts";
import { cacheFolder, type Images } from "./images.ts";
import { accounts } from "./recipe.ts";
import { cgroupHierarchies, fleetFolder, type FleetState, type HostState, treesFolder } from "./state.ts";

/** Run by sh in a chroot of a fresh host; $1: the client's public key. */
const firstSetup = `
for user in root ${accounts.ops} ${accounts.opspw}; do
  home=$(getent passwd $user | cut -d: -f6)
  install -d -m 0700 -o $user -g $user $home/.ssh
  printf '%s\\n' "$1" > $home/.ssh/authorized_keys
  chmod 0600 $home/.ssh/authorized_keys
  chown $user:$user $home/.ssh/authorized_keys
done`;

/** Run by sh, detached; $1: the host's state folder, $2: its cgroups, one a line, then nspawn's command line. */
const supervisor = `
folder=$1; cgroups=$2; shift 2
echo $$ > "$folder/supervisor.pid"
for cgroup in $cgroups; do mkdir -p "$cgroup"; echo $$ > "$cgroup/cgroup.procs"; done
while :; do
  sh -c 'echo $$ > "$0/nspawn.pid"; exec "$@"' "$folder" "$@" </dev/null >>"$folder/console" 2>&1
  [ $? = 133 ] || exit
done`;

/**
 * The host key of an address: made once and kept in the cache, so that a known_hosts file that has met an earlier
 * fleet on this address is still right.
 *
 * @returns the path of the private key; the public one is beside it with `.pub`
 */
export async function hostKey(address: string): Promise<string> {
  const path = `${cacheFolder()}/host_keys/${address}`;
  if (!await exists(`${path}.pub`)) {
    await withLock(`${cacheFolder()}/host_keys/lock`, async () => {
      if (await exists(`${path}.pub`)) return;
      await Deno.remove(path).catch(() => {});
      await run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", address, "-f", path]);
    });
  }
  return path;
}

/** Mounts a host's overlay; a fresh one also gets its name, address, keys and neighbours. */
export async function prepareTree(images: Images, fleet: FleetState, host: HostState): Promise<void> {
  const tree = `${treesFolder(fleet.id)}/${host.name}`;
  const fresh = !await exists(tree);
  for (const name of ["upper", "merged"]) await Deno.mkdir(`${tree}/${name}`, { recursive: true, mode: 0o755 });
  // A volatile overlay spares every fsync and may not be mounted again with the same work folder.
  await run(["rm", "-rf", `${tree}/work`]);
  await Deno.mkdir(`${tree}/work`);
  const layers = `lowerdir=${images.layers[fleet.image].join(":")},upperdir=${tree}/upper,workdir=${tree}/work`;
  const mount = ["mount", "-t", "overlay", `aami-fleet-${host.machine}`, `${tree}/merged`, "-o"];
  await run([...mount, `${layers},volatile`]);
  if (fresh) await writeIdentity(`${tree}/merged`, fleet, host);
}

/** What tells one host from another. */
async function writeIdentity(root: string, fleet: FleetState, host: HostState): Promise<void> {
  const neighbours = fleet.hosts.map((each) => `${each.address} ${each.name}`);
  const hosts = ["127.0.0.1 localhost", "::1 localhost ip6-localhost", `${fleet.gateway} controller`, ...neighbours];
  const network = ["[Match]", "Name=host0", "[Network]", `Address=${host.address}/24`, "LinkLocalAddressing=ipv6"];
  await Deno.writeTextFile(`${root}/etc/hostname`, `${host.name}\n`);
  await Deno.writeTextFile(`${root}/etc/hosts`, hosts.join("\n") + "\n");
  await Deno.writeTextFile(`${root}/etc/systemd/network/10-host0.network`, network.join("\n") + "\n");
  const key = await hostKey(host.address);
  await Deno.copyFile(key, `${root}/etc/ssh/ssh_host_ed25519_key`);
  await Deno.chmod(`${root}/etc/ssh/ssh_host_ed25519_key`, 0o600);
  await Deno.copyFile(`${key}.pub`, `${root}/etc/ssh/ssh_host_ed25519_key.pub`);
  const publicKey = (await Deno.readTextFile(`${fleetFolder(fleet.id)}/client_key.pub`)).trim();
  await run(["chroot", root, "sh", "-euc", firstSetup, "sh", publicKey], { env: { PATH: "/usr/sbin:/usr/bin" } });
}

/**
 * Starts the process that keeps a host's nspawn running through reboots, in a session and in cgroups of its own: hosts
 * that share a cgroup would meet in each other's units.
 */
export async function startSupervisor(images: Images, fleet: FleetState, host: HostState): Promise<void> {
  const folder = `${fleetFolder(fleet.id)}/${host.name}`;
  await Deno.mkdir(folder, { recursive: true });
  const cgroups = (await cgroupHierarchies()).map((root) => `${root}/aami-fleet/${fleet.id}/${host.name}`);
  const nspawn = [
    "systemd-nspawn",
    "--quiet",
    "--keep-unit",
    "--register=no",
    "--boot",
    `--directory=${treesFolder(fleet.id)}/${host.name}/merged`,
    `--machine=${host.machine}`,
    `--hostname=${host.name}`,
    `--network-bridge=${fleet.bridge}`,
    "--link-journal=no",
    "--resolv-conf=off",
    "--timezone=off",
    `--bind-ro=${images.repository}:/srv/repo`,
    "--console=pipe",
  ];
  const supervise = ["setsid", "--fork", "sh", "-c", supervisor, "aami-fleet", folder, cgroups.join("\n"), ...nspawn];
  const started = await new Deno.Command(supervise[0], {
    args: supervise.slice(1),
    stdin: "null",
    stdout: "null",
    stderr: "null",
    // /tmp stays a folder of the disk, as it is on Debian.
    env: { SYSTEMD_NSPAWN_TMPFS_TMP: "0" },
  }).output();
  if (!started.success) throw new Error(`Could not start the supervisor of ${host.name}`);
}
