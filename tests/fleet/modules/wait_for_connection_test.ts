import { deepStrictEqual, match, notStrictEqual } from "node:assert";
import { aami, events, temporaryFolder } from "../../e2e/aami.ts";
import { Fleet } from "../fleet.ts";
import { fleetObstacle } from "../prerequisites.ts";
import { testModule } from "./harness.ts";

testModule("wait_for_connection", [
  { name: "a host that answers needs no wait", args: "{}", changes: [], result: { elapsed: 0 } },
]);

/** What a play of some tasks came to, by the program itself. */
interface Played {
  readonly code: number;
  readonly statuses: readonly string[];
  readonly results: readonly { readonly msg?: unknown; readonly stdout?: unknown }[];
}

async function play(fleet: Fleet, ...tasks: string[]): Promise<Played> {
  await using folder = await temporaryFolder();
  const file = `${folder.path}/play.yml`;
  const text = tasks.map((task) => `    - ${task}\n`).join("");
  await Deno.writeTextFile(file, `- hosts: node1\n  gather_facts: false\n  tasks:\n${text}`);
  const args = ["play", file, "-i", fleet.inventoryFile, "-o", "jsonl"];
  const { code, stdout } = await aami(args, { env: { HOME: folder.path } });
  const done = events(stdout).filter((event) => event.type === "task");
  return { code, statuses: done.map(({ status }) => status), results: done.map(({ result }) => result) };
}

Deno.test({
  name: "wait_for_connection and reboot in a play",
  ignore: await fleetObstacle() !== undefined,
  async fn(t) {
    await using fleet = await Fleet.up({ hosts: 1 });
    const [machine] = fleet.hosts;
    await t.step("a host that is down at first is waited for; the tasks after it find it", async () => {
      await machine.kill();
      const wait = "wait_for_connection: { timeout: 120 }";
      const playing = play(fleet, wait, "command: uname -n", "stat: { path: /etc/hostname }");
      await new Promise((resolve) => setTimeout(resolve, 3000));
      await machine.start();
      const { code, statuses, results } = await playing;
      deepStrictEqual(statuses, ["ok", "changed", "ok"], JSON.stringify(results));
      deepStrictEqual([code, results[1].stdout], [0, "node1"]);
    });
    await t.step("a reboot between tasks: a new boot, and the play goes on", async () => {
      const before = await machine.bootId();
      const id = "command: cat /proc/sys/kernel/random/boot_id";
      const reboot = `reboot: { reboot_timeout: 90, msg: "it's time" }`;
      const { code, statuses, results } = await play(fleet, id, reboot, id, "stat: { path: /etc/hostname }");
      deepStrictEqual(statuses, ["changed", "changed", "changed", "ok"], JSON.stringify(results));
      deepStrictEqual([code, results[0].stdout, results[2].stdout], [0, before, await machine.bootId()]);
      notStrictEqual(results[0].stdout, results[2].stdout);
    });
    await t.step("a host that stays down is given up", async () => {
      await machine.kill();
      const { code, statuses, results } = await play(fleet, "wait_for_connection: { timeout: 3 }");
      deepStrictEqual([code, statuses], [2, ["failed"]]);
      match(String(results[0].msg), /^timed out after 3 s waiting for the connection: /);
    });
  },
});
