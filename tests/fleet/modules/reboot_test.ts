import { deepStrictEqual, match, notStrictEqual, ok } from "node:assert";
import { RemoteHost } from "../../../engine/host/remote_host.ts";
import type { Connection } from "../../../engine/transport/session.ts";
import { openSsh } from "../../../engine/transport/ssh.ts";
import reboot from "../../../modules/reboot/mod.ts";
import { apply, type Bench, parseArgs, plan, testModule } from "./harness.ts";

/** A host that can be connected to again, as the engine makes it. */
async function again({ fleet, machine, host }: Bench, opened: Connection[]): Promise<RemoteHost> {
  const open = async () => {
    const connection = await openSsh({
      ...{ host: machine.address, port: 22, user: "root", attempts: 1, connectTimeout: 3 },
      ...{ identities: [fleet.privateKey], identitiesOnly: true },
      ...{ knownHosts: [fleet.knownHosts], hostKeyChecking: "strict" },
    });
    opened.push(connection);
    return { connection, shell: await connection.shell() };
  };
  return new RemoteHost({ name: host.name, user: "root", ...await open(), reconnect: open });
}

testModule("reboot", [
  { name: "no such program", args: "search_paths: /opt", fails: /^there is no program 'shutdown' in \/opt$/ },
  {
    name: "a boot that cannot be told",
    args: "boot_time_command: 'false'",
    fails: /^cannot tell one boot from the next by 'false': it exits 1$/,
  },
], async (bench, t) => {
  const { machine } = bench;
  const opened: Connection[] = [];
  try {
    await t.step("check says so and leaves the host running", async () => {
      const before = await machine.bootId();
      const planned = await plan(reboot, bench.host, parseArgs(reboot, "{}"));
      deepStrictEqual(planned.changes, [{ path: "host", what: "boot", before, after: "another" }]);
      deepStrictEqual(await machine.bootId(), before);
    });
    await t.step("the host boots anew, and the task ends when it answers", async () => {
      const before = await machine.bootId();
      const host = await again(bench, opened);
      const args = parseArgs(reboot, "reboot_timeout: 90\ntest_command: test -d /run/systemd/system");
      const { result } = await apply(reboot, host, args);
      deepStrictEqual(result.rebooted, true);
      ok(Number(result.elapsed) < 90, JSON.stringify(result));
      const { stdout } = await host.probe(["cat", "/proc/sys/kernel/random/boot_id"]);
      notStrictEqual(stdout.trim(), before);
      deepStrictEqual(stdout.trim(), await machine.bootId());
    });
    await t.step("a command that fails ends the task, with what it said", async () => {
      const host = await again(bench, opened);
      const args = parseArgs(reboot, "reboot_command: /bin/sh -c 'echo not now >&2; exit 4'");
      const said = await apply(reboot, host, args).then(() => "", (error) => error.message);
      match(said, /failed with exit status 4: not now$/);
    });
    await t.step("a host that does not reboot is given up", async () => {
      const host = await again(bench, opened);
      const args = parseArgs(reboot, "reboot_command: /bin/true\nreboot_timeout: 2");
      const said = await apply(reboot, host, args).then(() => "", (error) => error.message);
      match(said, /^timed out after 2 s waiting for the host to reboot: it still runs as before$/);
    });
  } finally {
    for (const connection of opened) await connection.close();
  }
});
