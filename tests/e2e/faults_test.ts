/**
 * What goes wrong with real hosts, and what aami makes of it: the exit status, the task's status and message, the files.
 *
 * Beside these: a host that was never there, one that dies at once and a changed host key are in fleet_play_test.ts; a
 * rule file that Prometheus refuses, and the old rules that go on, in install_stack_test.ts.
 */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { fileURLToPath } from "node:url";
import type { TaskEvent } from "../../engine/run/event.ts";
import { run as command, waitUntil } from "../fleet/command.ts";
import { cutLink, fillDisk, freezeSshd, makeReadOnly } from "../fleet/faults.ts";
import { Fleet } from "../fleet/fleet.ts";
import { ensureImages } from "../fleet/images.ts";
import { Mirror } from "../fleet/mirror.ts";
import { fleetObstacle } from "../fleet/prerequisites.ts";
import { accounts } from "../fleet/recipe.ts";
import { aami, events, recapOf, temporaryFolder } from "./aami.ts";

const obstacle = await fleetObstacle();
if (obstacle) console.log(`left out: faults of real hosts: ${obstacle.reason} ${obstacle.aptLine ?? ""}`);

/** A run of a playbook. */
interface Ran {
  readonly code: number;
  readonly seconds: number;
  /** The task events of node2, or of the host that was asked for. */
  readonly tasks: readonly TaskEvent[];
  readonly hosts: ReturnType<typeof recapOf>["hosts"];
  /** The last task's status and message. */
  readonly end: { readonly status: string; readonly message: string };
}

/** A fleet of three: node1 is well, node2 gets the faults, node3 loses its link. */
class Bench {
  constructor(readonly fleet: Fleet, readonly folder: string) {}

  get sick() {
    return this.fleet.hosts[1];
  }

  /** The arguments of a playbook of these tasks. */
  async arguments(tasks: string): Promise<string[]> {
    const file = `${this.folder}/${crypto.randomUUID()}.yml`;
    await Deno.writeTextFile(file, `- hosts: all\n  tasks:\n${tasks.replace(/^(?=.)/gm, "    ")}`);
    return ["play", file, "-i", this.fleet.inventoryFile, "-o", "jsonl"];
  }

  /** Plays tasks on node2 unless the flags say otherwise. */
  async play(tasks: string, flags: readonly string[] = ["-l", "node2"], of = "node2"): Promise<Ran> {
    const start = performance.now();
    const { code, stdout, stderr } = await aami([...await this.arguments(tasks), ...flags]);
    const all = events(stdout).filter((event) => event.type === "task");
    const own = all.filter((event) => event.host === of);
    const last = own.at(-1);
    ok(last, stderr);
    return {
      code,
      seconds: (performance.now() - start) / 1000,
      tasks: own,
      hosts: recapOf(stdout).hosts,
      end: { status: last.status, message: String(last.result.msg ?? "") },
    };
  }
}

const OLD = "the old content\n";

/** Runs the steps with one fleet. */
async function withBench(body: (bench: Bench) => Promise<void>): Promise<void> {
  await using fleet = await Fleet.up({ hosts: 3 });
  await using folder = await temporaryFolder();
  await body(new Bench(fleet, folder.path));
}

Deno.test({
  name: "faults of real hosts, each with its outcome",
  ignore: obstacle !== undefined,
  fn: (t) =>
    withBench(async (bench) => {
      // This one waits longest, and has a host of its own.
      const silent = silentHost(bench);
      silent.catch(() => {});
      for (const [name, step] of Object.entries(STEPS)) await t.step(name, () => step(bench));
      await t.step(
        "a host that falls silent in the middle of a task is lost within 15 s, the others go on",
        async () => {
          await silent;
        },
      );
    }),
});

async function silentHost(bench: Bench): Promise<void> {
  const [well, , lost] = bench.fleet.hosts;
  const tasks = "- shell: touch /root/started; sleep 100\n  when: inventory_hostname == 'node3'\n" +
    "- copy: {dest: /root/done, content: done}\n";
  const running = bench.play(tasks, ["-l", "node1,node3"], "node3");
  await waitUntil("the task has begun", async () => (await lost.exec("test -e /root/started")).code === 0, 30_000);
  const cut = performance.now();
  await using _cut = await cutLink(lost);
  const { code, end, hosts } = await running;
  ok(performance.now() - cut < 15_000 + 2_000, `${performance.now() - cut} ms, with the end of the program`);
  deepStrictEqual([code, end.status], [4, "unreachable"]);
  match(end.message, /^root@10\.\S+:22: the connection was lost: the host no longer answers$/);
  deepStrictEqual([hosts.node1.unreachable, hosts.node1.failed, hosts.node3.unreachable], [0, 0, 1]);
  strictEqual(await well.read("/root/done"), "done");
}

const STEPS: Readonly<Record<string, (bench: Bench) => Promise<void>>> = {
  "a wrong key is refused at the first attempt": async (bench) => {
    const key = `${bench.folder}/wrong`;
    await command(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key]);
    const { code, end, seconds } = await bench.play("- ping:\n", [
      ...["-l", "node2", "-e", `ansible_ssh_private_key_file=${key}`],
    ]);
    deepStrictEqual([code, end.status], [4, "unreachable"]);
    match(
      end.message,
      /^root@10\.\S+: the login was refused: tried \S+\/wrong \(SHA256:\S+\); the host takes publickey/,
    );
    const seen = async () => {
      // By identifier: a line of a process that ended before the journal looked belongs to no unit.
      const log = await bench.sick.exec("journalctl -t sshd --no-pager");
      // A connection may be told in two lines, by one process.
      return new Set(Array.from(log.stdout.matchAll(/sshd\[(\d+)\].* authenticating user root /g), ([, pid]) => pid))
        .size;
    };
    await waitUntil("sshd has logged it", async () => await seen() > 0, 10_000);
    strictEqual(await seen(), 1);
    ok(seconds < 10);
  },

  "sshd that does not answer is told, within the timeout, and the others go on": async (bench) => {
    await using _frozen = await freezeSshd(bench.sick);
    const { code, end, hosts } = await bench.play("- ping:\n", ["-l", "node1,node2", "-T", "1"]);
    deepStrictEqual([code, end.status, hosts.node1.ok], [4, "unreachable", 1]);
    match(end.message, /^root@10\.\S+: connected, but no SSH server answered within 1 s$/);
  },

  "sudo that refuses fails the task and says what to do": async (bench) => {
    await bench.sick.exec("mv /etc/sudoers.d/fleet /root/");
    const asOps = ["-l", "node2", "-b", "-e", `ansible_user=${accounts.ops}`];
    const { code, end } = await bench.play("- ping:\n", asOps);
    deepStrictEqual([code, end.status], [2, "failed"]);
    match(end.message, /^sudo cannot become root on 10\.\S+: it asks for a password; give one \(-K, /);
    await bench.sick.exec("mv /root/fleet /etc/sudoers.d/");
  },

  "a full disk: the old file stays and no other is left, for small and for large content": async (bench) => {
    await bench.sick.write("/srv/full/file", OLD);
    await Deno.writeFile(`${bench.folder}/big`, new Uint8Array(3_000_000).fill(65));
    await using _full = await fillDisk(bench.sick, "/srv/full", 8192);
    for (const content of [`content: "${"x".repeat(30_000)}"`, `src: ${bench.folder}/big`]) {
      const { code, end } = await bench.play(`- copy:\n    dest: /srv/full/file\n    ${content}\n`);
      deepStrictEqual([code, end.status], [2, "failed"]);
      match(end.message, /^cannot write \/srv\/full\/file: .*No space left on device/);
      strictEqual(await bench.sick.read("/srv/full/file"), OLD);
      strictEqual((await bench.sick.exec("ls -A /srv/full")).stdout, ".fill\nfile\n");
    }
  },

  "a read-only file system: the old file stays": async (bench) => {
    await bench.sick.write("/srv/fixed/file", OLD);
    await using _fixed = await makeReadOnly(bench.sick, "/srv/fixed");
    const { code, end } = await bench.play("- copy: {dest: /srv/fixed/file, content: new}\n");
    deepStrictEqual([code, end.status], [2, "failed"]);
    match(end.message, /^cannot write \/srv\/fixed\/file: .*Read-only file system/);
    strictEqual(await bench.sick.read("/srv/fixed/file"), OLD);
  },

  "a download that is not what was expected, or never comes: the old file stays": async (bench) => {
    const { releases } = await ensureImages();
    await using mirror = Mirror.serve({ releases, hostname: bench.fleet.gateway });
    const [release] = await mirror.releases();
    await bench.sick.write("/srv/get/archive", OLD);
    const task = `- get_url:\n    url: ${mirror.url}${release.path}\n    dest: /srv/get/archive\n` +
      `    checksum: sha256:${release.sha256}\n    timeout: 2\n`;
    mirror.fault = "corrupt";
    const corrupt = await bench.play(task);
    deepStrictEqual([corrupt.code, corrupt.end.status], [2, "failed"]);
    match(
      corrupt.end.message,
      /is not what was expected: its sha256 is \w{64}, not \w{64}; \/srv\/get\/archive is unchanged$/,
    );
    mirror.fault = "hang";
    const hanging = await bench.play(task);
    deepStrictEqual([hanging.code, hanging.end.status], [2, "failed"]);
    match(hanging.end.message, /^cannot download: .*2 s/);
    ok(hanging.seconds < 20);
    strictEqual(await bench.sick.read("/srv/get/archive"), OLD);
    strictEqual((await bench.sick.exec("ls -A /srv/get")).stdout, "archive\n");
  },

  "a clock that is twenty years off changes nothing": async (bench) => {
    await bench.sick.exec("apt-get -q install -y libfaketime", { mustSucceed: true });
    const library = (await bench.sick.exec("ls /usr/lib/*/faketime/libfaketime.so.1")).stdout.trim();
    await bench.sick.write("/etc/ssh/sshd_config.d/clock.conf", `SetEnv LD_PRELOAD=${library} FAKETIME=-20y\n`);
    await bench.sick.exec("systemctl restart ssh", { mustSucceed: true });
    const tasks = "- command: date +%Y\n  register: year\n- assert:\n    that: int(year.stdout) < 2020\n" +
      "- copy: {dest: /srv/clock/file, content: new}\n- file: {path: /srv/clock/file, mode: '0600'}\n";
    await bench.sick.exec("mkdir -p /srv/clock");
    const first = await bench.play(tasks);
    deepStrictEqual([first.code, first.tasks.map(({ status }) => status)], [0, [
      "changed",
      "ok",
      "changed",
      "changed",
    ]]);
    const again = await bench.play(tasks);
    deepStrictEqual([again.code, again.tasks.map(({ status }) => status)], [0, ["changed", "ok", "ok", "ok"]]);
    await bench.sick.exec("rm /etc/ssh/sshd_config.d/clock.conf; systemctl restart ssh", { mustSucceed: true });
  },

  "a profile that prints garbage is not taken for an answer": async (bench) => {
    await bench.sick.exec("cp -p /root/.bashrc /root/bashrc.kept");
    await bench.sick.write(
      "/root/.bashrc",
      "printf 'Welcome!\\n\\001\\002 \\377\\n'; echo 'quota exceeded' >&2; head -c 100000 /dev/urandom | base64\n",
    );
    const { code, tasks } = await bench.play("- command: echo clean\n- shell: cat\n  args: {stdin: in}\n");
    strictEqual(code, 0);
    deepStrictEqual(tasks.map(({ result }) => [result.stdout, result.stderr]), [["clean", ""], ["in", ""]]);
    await bench.sick.exec("mv /root/bashrc.kept /root/.bashrc");
  },

  "a login shell that is none says so; one that greets and is not /bin/sh will do": async (bench) => {
    const keys =
      "install -d -m 700 -o odd /home/odd/.ssh; install -m 600 -o odd /root/.ssh/authorized_keys /home/odd/.ssh/";
    await bench.sick.exec(`useradd -m -s /bin/cat odd; ${keys}`, { mustSucceed: true });
    const asOdd = ["-l", "node2", "-e", "ansible_user=odd"];
    const cat = await bench.play("- ping:\n", asOdd);
    deepStrictEqual([cat.code, cat.end.status], [4, "unreachable"]);
    match(cat.end.message, /: the login shell of odd did not run sh: .*cat/);
    await bench.sick.exec("usermod -s /usr/sbin/nologin odd", { mustSucceed: true });
    const none = await bench.play("- ping:\n", asOdd);
    deepStrictEqual([none.code, none.end.status], [4, "unreachable"]);
    match(none.end.message, /: the login shell of odd did not run sh: This account is currently not available\.$/);
    await bench.sick.write("/usr/local/bin/greeter", '#!/bin/bash\necho "Hello, $USER"\nexec /bin/bash --posix "$@"\n');
    await bench.sick.exec("chmod 755 /usr/local/bin/greeter; usermod -s /usr/local/bin/greeter odd", {
      mustSucceed: true,
    });
    const greets = await bench.play("- command: id -un\n", asOdd);
    deepStrictEqual([greets.code, greets.tasks[0].result.stdout], [0, "odd"]);
  },

  "a controller that is killed in the middle of a write: the old file stays, and no other is left": async (bench) => {
    await bench.sick.write("/srv/kill/file", OLD);
    const big = `${bench.folder}/large`;
    await command(["truncate", "-s", "256M", big]);
    const args = await bench.arguments(`- copy: {dest: /srv/kill/file, src: ${big}}\n`);
    const main = fileURLToPath(new URL("../../main.ts", import.meta.url));
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", "--config", main.replace("main.ts", "deno.json"), main, ...args, "-l", "node2"],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    const temporary = "/srv/kill/.file.aami-*";
    await waitUntil("the write is under way", async () => {
      return Number((await bench.sick.exec(`stat -c %s ${temporary}`)).stdout) > 1_000_000;
    }, 30_000);
    child.kill("SIGKILL");
    await child.status;
    strictEqual(await bench.sick.read("/srv/kill/file"), OLD);
    await waitUntil("the host has cleaned up", async () => {
      return (await bench.sick.exec("ls -A /srv/kill")).stdout === "file\n";
    }, 10_000);
    strictEqual(await bench.sick.read("/srv/kill/file"), OLD);
  },
};
