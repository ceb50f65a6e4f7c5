import { strict as assert } from "node:assert";
import { exists, run } from "./command.ts";
import { DelayProxy } from "./delay_proxy.ts";
import {
  changeHostKey,
  cutLink,
  cutPower,
  dropSessions,
  fillDisk,
  freezeSshd,
  makeReadOnly,
  stopSshd,
} from "./faults.ts";
import { Fleet } from "./fleet.ts";
import { ensureImages } from "./images.ts";
import { Mirror } from "./mirror.ts";
import { fleetObstacle } from "./prerequisites.ts";
import { upstreamVersion } from "./releases.ts";
import { diffSnapshots, snapshot } from "./snapshot.ts";
import { claimFleet, dismantleFleet, fleetFolder, hostProcesses, treesFolder } from "./state.ts";

const obstacle = await fleetObstacle();
if (obstacle) console.error(`No fleet: ${obstacle.reason}. ${obstacle.aptLine ?? ""}`);

/** A test that needs real hosts. */
function fleetTest(name: string, body: (t: Deno.TestContext) => Promise<void>): void {
  Deno.test({ name, ignore: obstacle !== undefined, fn: body });
}

Deno.test("upstreamVersion() drops epoch, revision and repacking mark", () => {
  assert.equal(upstreamVersion("2.42.0+ds-5+deb12u1"), "2.42.0");
  assert.equal(upstreamVersion("1:1.5.0-1+b6"), "1.5.0");
});

fleetTest("a fleet of two hosts boots, reboots, breaks as told, and leaves nothing", async (t) => {
  const fleet = await Fleet.up({ hosts: 2 });
  const [one, two] = fleet.hosts;
  try {
    await t.step("hosts are bare, know each other, and take the key", async () => {
      assert.equal((await one.exec("command -v python3 curl wget xz unzip crontab")).stdout, "");
      assert.equal((await one.ssh("hostname; getent hosts node2")).stdout, `node1\n${two.address}      node2\n`);
      assert.equal((await two.ssh("sudo -n id -u", "ops")).stdout, "0\n");
      assert.notEqual((await two.ssh("sudo -n id -u", "opspw")).code, 0);
      assert.equal((await two.ssh("echo correct horse | sudo -S -p '' id -u", "opspw")).stdout, "0\n");
    });
    await t.step("a written file outlives a reboot and not a reset", async () => {
      await one.write("/etc/aami/note", "héllo\n");
      const boot = await one.bootId();
      await one.reboot();
      assert.notEqual(await one.bootId(), boot);
      assert.equal(await one.read("/etc/aami/note"), "héllo\n");
      await fleet.reset(one);
      assert.notEqual((await one.exec("test -e /etc/aami/note")).code, 0);
      assert.equal((await one.ssh("true")).code, 0);
    });
    await t.step("a snapshot sees content, mode, packages and units, and no login", async () => {
      const before = await snapshot(two);
      assert.equal((await two.ssh("cat /etc/motd; sudo -n systemctl status ssh", "ops")).code, 0);
      assert.deepEqual(diffSnapshots(before, await snapshot(two)), []);
      await two.exec("echo more >> /etc/motd; chmod 600 /etc/issue; systemctl mask e2scrub@.service");
      const changed = diffSnapshots(before, await snapshot(two)).map((line) => line.split(":")[0]);
      assert.deepEqual(changed, [
        "file /etc/issue changed",
        "file /etc/motd changed",
        "file /etc/systemd/system/e2scrub@.service is new",
        "unit e2scrub@.service changed",
      ]);
      await two.exec("apt-get install -y fleet-probe=1.0");
      const installed = diffSnapshots(before, await snapshot(two));
      assert.ok(installed.includes("package fleet-probe:all is new: 1.0 ii"), installed.join("\n"));
    });
    await t.step("faults come and go", async () => {
      await faults(one);
    });
    await t.step("a delaying proxy holds back and counts round trips", async () => {
      await using proxy = DelayProxy.listen({ target: { hostname: one.address, port: 22 }, delay: 50 });
      const started = performance.now();
      const here = ["-p", String(proxy.address.port), "-o", `HostKeyAlias=${one.name}`, "-o", "HostName=127.0.0.1"];
      const result = await run(["ssh", ...here, ...one.sshCommand().slice(1), "hostname"], { mayFail: true });
      assert.equal(result.stdout, "node1\n", result.stderr);
      assert.ok(proxy.connections === 1 && proxy.roundTrips > 3, result.stderr);
      assert.ok(performance.now() - started > (proxy.roundTrips - 1) * 96, `${proxy.roundTrips} round trips`);
    });
    await t.step("the mirror serves what its sums say, and what a fault asks for", async () => {
      await mirror(fleet.gateway);
    });
  } finally {
    await fleet.down();
  }
  await assertNothingLeft(fleet);
});

fleetTest("two fleets at once have subnets of their own, and a dead process' fleet is swept", async () => {
  const script = `import { Fleet } from ${JSON.stringify(import.meta.resolve("./fleet.ts"))};
    console.log((await Fleet.up({ hosts: 1, image: "python" })).id); Deno.kill(Deno.pid, "SIGKILL");`;
  const [died, alive] = await Promise.all([
    run([Deno.execPath(), "eval", script], { mayFail: true }),
    Fleet.up({ hosts: 1, image: "python" }),
  ]);
  try {
    assert.match((await alive.hosts[0].exec("python3 -c 'import apt; print(1)'")).stdout, /^1$/m);
    const id = died.stdout.trim();
    assert.match(id, /^f\d+$/, died.stderr);
    assert.notEqual(id, alive.id);
    await (await Fleet.up({ hosts: 1 })).down();
    assert.deepEqual(await hostProcesses(id, "node1"), []);
  } finally {
    await alive.down();
  }
});

fleetTest("taking a fleet down twice, or one that never booted, is no error", async () => {
  const state = await claimFleet({ hosts: 3, image: "bare", detached: false });
  await dismantleFleet(state);
  await dismantleFleet(state);
  assert.equal(await exists(fleetFolder(state.id)), false);
});

/** Each fault is there, and gone after its repair. */
async function faults(host: Fleet["hosts"][number]): Promise<void> {
  const reachable = async () => {
    const argv = host.sshCommand();
    return (await run([...argv.slice(0, -1), "-o", "ConnectTimeout=1", argv.at(-1) ?? "", "true"], { mayFail: true }))
      .code;
  };
  for (const breakIt of [cutLink, freezeSshd, stopSshd, changeHostKey, cutPower]) {
    {
      await using _fault = await breakIt(host);
      assert.equal(await reachable(), 255, breakIt.name);
    }
    assert.equal(await reachable(), 0, `after ${breakIt.name}`);
  }
  {
    await using _full = await fillDisk(host, "/etc/ssh", 8192);
    const write = "head -c 8192 /dev/zero > /etc/ssh/fits && ! head -c 4097 /dev/zero > /etc/ssh/more 2>/dev/null";
    assert.equal((await host.exec(`${write} && cat /etc/ssh/sshd_config | wc -l`)).code, 0);
  }
  assert.notEqual((await host.exec("test -e /etc/ssh/fits")).code, 0);
  {
    await using _readOnly = await makeReadOnly(host, "/etc/ssh");
    assert.match((await host.exec("touch /etc/ssh/x")).stderr, /Read-only file system/);
  }
  assert.equal((await host.exec("touch /etc/ssh/x")).code, 0);
  const session = host.ssh("touch /tmp/in; sleep 60");
  await host.exec("until [ -e /tmp/in ]; do sleep 0.01; done");
  await dropSessions(host);
  assert.equal((await session).code, 255);
}

/** The mirror's answers with and without faults. */
async function mirror(hostname: string): Promise<void> {
  await using mirror = Mirror.serve({ releases: (await ensureImages()).releases, hostname });
  const releases = await mirror.releases();
  const names = releases.map((release) => release.project.split("/")[1]);
  assert.deepEqual(names.sort(), ["alertmanager", "node_exporter", "prometheus"]);
  const release = releases.find((each) => each.project === "prometheus/node_exporter");
  assert.ok(release);
  const get = async () => {
    const body = await (await fetch(mirror.url + release.path)).bytes();
    return new Uint8Array(await crypto.subtle.digest("SHA-256", body)).toHex();
  };
  assert.equal(await get(), release.sha256);
  mirror.fault = "corrupt";
  assert.notEqual(await get(), release.sha256);
  mirror.fault = "hang";
  await assert.rejects(fetch(mirror.url + release.path, { signal: AbortSignal.timeout(200) }), {
    name: "TimeoutError",
  });
  assert.deepEqual(mirror.requests.map((request) => request.status), [200, 200, 0]);
}

/** No process, mount, link, cgroup or file of the fleet. */
async function assertNothingLeft(fleet: Fleet): Promise<void> {
  for (const host of fleet.hosts) assert.deepEqual(await hostProcesses(fleet.id, host.name), []);
  assert.doesNotMatch(await Deno.readTextFile("/proc/self/mounts"), new RegExp(`aami${fleet.id}n|${fleet.folder}/`));
  assert.doesNotMatch((await run(["ip", "link"])).stdout, new RegExp(`${fleet.bridge}:|vb-aami${fleet.id}n`));
  for (const path of [fleet.folder, treesFolder(fleet.id), `/sys/fs/cgroup/systemd/aami-fleet/${fleet.id}`]) {
    assert.equal(await exists(path), false, path);
  }
}
