/**
 * Switches for what goes wrong with real hosts. Each returns the way back: dispose it, or leave it to the host's end.
 *
 * @example
 * ```ts ignore
 * await using _full = await fillDisk(host, "/etc/prometheus");
 * ```
 * @module
 */

import { run } from "./command.ts";
import type { Host } from "./host.ts";

/** Takes a fault back. Done twice, it does nothing. */
export type Repair = AsyncDisposable;

/** Takes the host off the network without a sign: its link stays up, packets vanish both ways, sessions hang. */
export async function cutLink(host: Host): Promise<Repair> {
  await run(["ip", "link", "set", host.link, "nomaster"]);
  return repair(async () => void await run(["ip", "link", "set", host.link, "master", host.bridge], { mayFail: true }));
}

/** Cuts the host's power. Repair: it boots again with the files that it had. */
export async function cutPower(host: Host): Promise<Repair> {
  await host.kill();
  return repair(() => host.start());
}

/** Freezes sshd's listener: a connection is accepted by the kernel and no greeting comes. Sessions go on. */
export async function freezeSshd(host: Host): Promise<Repair> {
  await host.exec('kill -STOP "$(cat /run/sshd.pid)"', { mustSucceed: true });
  return repair(async () => void await host.exec('kill -CONT "$(cat /run/sshd.pid)"'));
}

/** Stops sshd: connections are refused. Sessions go on, as Debian's unit has it. */
export async function stopSshd(host: Host): Promise<Repair> {
  await host.exec("systemctl stop ssh", { mustSucceed: true });
  return repair(async () => void await host.exec("systemctl start ssh"));
}

/** Kills every sshd session: both ends see their connection closed at once, in the middle of what they did. */
export async function dropSessions(host: Host): Promise<void> {
  await host.exec(
    'main=$(cat /run/sshd.pid); for pid in $(pgrep -x sshd); do [ "$pid" = "$main" ] || kill -9 "$pid"; done',
  );
}

/**
 * Mounts a small disk over a folder of the host, which is made where it is missing, with what was in the folder, and
 * fills it up. Repair: the folder as it was.
 *
 * @param free bytes left on it, counted in pages of 4 KiB
 */
export async function fillDisk(host: Host, path: string, free = 0): Promise<Repair> {
  const script = `set -e; mkdir -p -- "$1"; disk=$(mktemp -d -p /run)
    mount -t tmpfs -o "mode=$(stat -c %a -- "$1"),size=$(($(du -s -B4096 -- "$1" | cut -f1) * 4096 + $2 + 1048576))" full "$disk"
    cp -a -- "$1/." "$disk/"; mount --bind "$disk" "$1"; umount "$disk"; rmdir "$disk"
    spare=$(($(stat -f -c %a -- "$1") - $2 / 4096)); head -c $((spare * 4096)) /dev/zero > "$1/.fill"`;
  await host.exec(script, { args: [path, String(free)], mustSucceed: true });
  return repair(async () => void await host.exec('umount -l -- "$1"', { args: [path] }));
}

/** Makes a folder of the host read-only, by a bind mount on itself. */
export async function makeReadOnly(host: Host, path: string): Promise<Repair> {
  const script = 'mkdir -p -- "$1" && mount --bind -- "$1" "$1" && mount -o remount,bind,ro -- "$1"';
  await host.exec(script, { args: [path], mustSucceed: true });
  return repair(async () => void await host.exec('umount -l -- "$1"', { args: [path] }));
}

/** Hides a host from this machine; its neighbours still reach it, so it can stand behind a jump host. */
export async function hideFromController(host: Host, controller: string): Promise<Repair> {
  await host.exec('ip route add blackhole "$1/32"', { args: [controller], mustSucceed: true });
  return repair(async () => void await host.exec('ip route del blackhole "$1/32"', { args: [controller] }));
}

/** Gives the host another ssh host key, as a reinstall or a man in the middle does. Repair: the old one. */
export async function changeHostKey(host: Host): Promise<Repair> {
  const key = "/etc/ssh/ssh_host_ed25519_key";
  const script = `cp -p ${key} ${key}.old && cp -p ${key}.pub ${key}.pub.old && rm ${key} ${key}.pub &&
    ssh-keygen -q -t ed25519 -N '' -f ${key} && systemctl restart ssh`;
  await host.exec(script, { mustSucceed: true });
  return repair(async () => {
    await host.exec(`mv ${key}.old ${key} && mv ${key}.pub.old ${key}.pub && systemctl restart ssh`);
  });
}

/** Makes a function run once at most. */
function repair(undo: () => Promise<void>): Repair {
  let done: Promise<void> | undefined;
  return { [Symbol.asyncDispose]: () => done ??= undo() };
}
