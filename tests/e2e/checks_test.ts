/**
 * Checks of a site on real hosts, from a configuration: each kind of script, those that fail and hang, groups, what is
 * taken away.
 *
 * @module
 */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert";
import { waitUntil } from "../fleet/command.ts";
import { Fleet } from "../fleet/fleet.ts";
import type { Host } from "../fleet/host.ts";
import { fleetObstacle } from "../fleet/prerequisites.ts";
import { diffSnapshots, snapshot } from "../fleet/snapshot.ts";
import { aami, events, temporaryFolder } from "./aami.ts";
import { expectFine, expectNoChange, expectParity, type Ran, tasksOf } from "./stack.ts";

const obstacle = await fleetObstacle();

const CHECKS = `checks:
  - name: mounts
    check: mount_point
    interval: 1s
    timeout: 1s
    config:
      paths: [/, /models]
  - name: clock
    check: ntp
  - name: slots
    file: slots.py
    groups: [training]
    interval: 1s
    timeout: 1s
    config: {queue: "it's {{ x }} $(id)", limits: {low: 3}}
  - name: fails
    interval: 1s
    timeout: 1s
    script: |
      #!/bin/sh
      echo no licence >&2
      exit 3
  - name: hangs
    interval: 2s
    timeout: 1s
    script: |
      #!/bin/sh
      sleep 1000 & sleep 1000
  - name: broken
    script: |
      #!/bin/sh
      echo "free slots 3"
`;

/** The site's own script, no Python in spite of its name: prints what it was given. */
const SLOTS = `#!/bin/sh
printf 'slots{queue="%s",low="%s"} 1\\n' "$CHECK_QUEUE" "$(sed 's/.*"low":\\([0-9]*\\).*/\\1/')"
`;

function configuration({ hosts: [first, second], privateKey }: Fleet, checks: string): string {
  return `cluster: {name: fleet}
ssh: {user: root, key: ${privateKey}}
install: {from: distro, components: [node_exporter]}
groups: {gpu: {}, training: {parent: gpu}}
alerts: {presets: [checks]}
nodes:
  - {name: ${first.name}, ip: ${first.address}, groups: [training]}
  - {name: ${second.name}, ip: ${second.address}, groups: [gpu, monitoring]}
${checks}`;
}

/** The metrics of a host's textfile directory without comments, by file. */
async function textfiles(host: Host): Promise<Map<string, string[]>> {
  const { stdout } = await host.exec("cd /var/lib/node_exporter/textfile && grep -H '^[^#]' *.prom || true", {
    mustSucceed: true,
  });
  const files = new Map<string, string[]>();
  for (const line of stdout.split("\n").filter((line) => line !== "")) {
    const colon = line.indexOf(":");
    files.set(line.slice(0, colon), [...files.get(line.slice(0, colon)) ?? [], line.slice(colon + 1)]);
  }
  return files;
}

Deno.test({
  name: `checks on real hosts${obstacle ? ` (${obstacle.reason ?? obstacle.missing.join(" ")})` : ""}`,
  ignore: obstacle !== undefined,
  async fn(t) {
    await using fleet = await Fleet.up({ hosts: 2 });
    await using folder = await temporaryFolder();
    const [first, second] = fleet.hosts;
    const file = `${folder.path}/aami.yaml`;
    await Deno.writeTextFile(`${folder.path}/slots.py`, SLOTS);
    const write = (checks: string) => Deno.writeTextFile(file, configuration(fleet, checks));
    const play = async (playbook: string, ...args: string[]): Promise<Ran> => {
      const { code, stdout, stderr } = await aami(
        ["play", playbook, "--config", file, "--host-key-checking", "off", "-o", "jsonl", ...args],
      );
      return { code, events: events(stdout), stderr, took: 0 };
    };
    const before = await Promise.all(fleet.hosts.map(snapshot));

    await t.step("check foretells the run, and writes nothing", async () => {
      await write(CHECKS);
      const check = await play("install-stack", "--check");
      expectFine(check);
      for (const [index, host] of fleet.hosts.entries()) {
        deepStrictEqual(diffSnapshots(before[index], await snapshot(host)), [], host.name);
      }
      const apply = await play("install-stack");
      expectFine(apply);
      expectParity(check, apply);
    });
    await t.step("again: nothing changes", async () => {
      expectNoChange(await play("install-stack"));
      expectNoChange(await play("install-stack", "--check"));
    });
    await t.step("what each check prints is in the textfile directory", async () => {
      const names = ["broken", "clock", "fails", "hangs", "mounts", "slots"].map((name) => `aami-check-${name}.prom`);
      const files = await waitUntil("every check has run", async () => {
        const found = await textfiles(first);
        return names.every((name) => found.has(name)) && found;
      }, 20_000);
      deepStrictEqual([...files.keys()].sort(), names);
      const success = (name: string) => files.get(`aami-check-${name}.prom`)!.find((line) => /_success/.test(line));
      deepStrictEqual(files.get("aami-check-mounts.prom")!.slice(0, 3), [
        'mount_status{path="/"} 1',
        'mount_status{path="/models"} 0',
        'aami_check_success{check="mounts"} 1',
      ]);
      strictEqual(files.get("aami-check-slots.prom")![0], `slots{queue="it's {{ x }} $(id)",low="3"} 1`);
      match(files.get("aami-check-clock.prom")![0], /^aami_ntp_synchronized [01]$/);
      for (const name of ["fails", "hangs", "broken"]) {
        strictEqual(success(name), `aami_check_success{check="${name}"} 0`);
      }
    });
    await t.step("node_exporter gives them to Prometheus", async () => {
      const response = await fetch(`http://${first.address}:9100/metrics`);
      const text = await response.text();
      match(text, /^mount_status\{path="\/models"\} 0$/m);
      match(text, /^node_textfile_scrape_error 0$/m);
      match(text, /^aami_check_interval_seconds\{check="broken"\} 60$/m);
    });
    await t.step("the journal tells why", async () => {
      const { stdout } = await first.exec("journalctl -o cat -u 'aami-check*'", { mustSucceed: true });
      match(stdout, /no licence\nthe check fails ends with status 3\n/);
      match(stdout, /the check hangs takes longer than 1 s\n/);
      match(stdout, /the check broken prints what is no metric: line 1 has a value that is no number: free slots 3\n/);
      strictEqual((await first.exec("systemctl --failed --plain --no-legend 'aami-check*'")).stdout, "");
    });
    await t.step("a check that hangs runs again, and leaves nothing running", async () => {
      const last = async () =>
        (await textfiles(first)).get("aami-check-hangs.prom")!.find((line) => /last_run/.test(line));
      const was = await last();
      await waitUntil("it runs again", async () => await last() !== was, 20_000);
      // One run at a time, of which each has two.
      const { stdout } = await first.exec(
        "cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' ' ' | grep -o '[s]leep 1000' | wc -l",
      );
      ok(Number(stdout) <= 2, stdout);
    });
    await t.step("a group's check is on its nodes alone", async () => {
      strictEqual((await textfiles(second)).has("aami-check-slots.prom"), false);
      strictEqual((await second.exec("ls /etc/aami/checks")).stdout, "broken\nclock\nfails\nhangs\nmounts\n");
    });
    await t.step("what changes counts at once; what is no more goes", async () => {
      await write(CHECKS.slice(0, CHECKS.indexOf("  - name: slots")).replace("/models", "/var"));
      const ran = await play("install-stack");
      expectFine(ran);
      const handlers = tasksOf(ran).filter((task) => task.handler && task.host === first.name).map(({ name }) => name);
      deepStrictEqual(handlers, [
        "checks : Read the units of checks again",
        "checks : Start the timers of checks anew",
      ]);
      await waitUntil("the new path is told", async () => {
        const found = await textfiles(first);
        return found.get("aami-check-mounts.prom")?.[1] === 'mount_status{path="/var"} 0' && found.size === 2;
      }, 20_000);
      const { stdout } = await first.exec(
        "ls /etc/systemd/system | grep aami; systemctl list-timers --plain --no-legend 'aami*' | grep -o 'aami[^ ]*timer' | sort",
      );
      strictEqual(
        stdout,
        "aami-check-clock.timer\naami-check-mounts.timer\naami-check@.service\naami-check-clock.timer\naami-check-mounts.timer\n",
      );
      expectNoChange(await play("install-stack"));
    });
    await t.step("without checks nothing of them is left", async () => {
      await write("");
      expectFine(await play("install-stack"));
      const { stdout } = await first.exec(
        "ls -d /etc/aami/checks /usr/local/lib/aami/* /etc/systemd/system/*aami* /var/lib/node_exporter/textfile/* 2>/dev/null",
      );
      strictEqual(stdout, "");
      expectNoChange(await play("install-stack"));
    });
    await t.step("uninstall-stack takes away what there is", async () => {
      await write(CHECKS);
      expectFine(await play("install-stack"));
      expectFine(await play("uninstall-stack", "-e", "remove_data=true"));
      const { stdout } = await first.exec(
        "ls -d /etc/aami /usr/local/lib/aami /etc/systemd/system/*aami* /var/lib/node_exporter 2>/dev/null",
      );
      strictEqual(stdout, "");
    });
  },
});
