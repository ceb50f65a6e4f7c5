/** A host that prints without end takes no time from the others. */
import assert from "node:assert/strict";
import type { TaskEvent } from "../../../engine/run/event.ts";
import { type Played, Site } from "./harness.ts";

const QUIET = ["q1", "q2", "q3", "q4"];
const TASKS = 20;

/** Prints 1,000 lines ten times a second and more, until the others are done. */
const NOISE = "while ! test -e DIR/stop; do seq 1000; sleep 0.05; done";

const playbook = `
- hosts: all
  gather_facts: false
  tasks:
    - { name: noise, shell: "${NOISE}", when: "inventory_hostname == 'noisy'" }
${
  Array.from({ length: TASKS }, (_each, index) => `
    - { name: write ${index}, copy: { content: "${index}", dest: "DIR/out/{{ inventory_hostname }}" } }
    - { name: look ${index}, command: "cat DIR/out/{{ inventory_hostname }}" }`).join("")
}
`;

/** Runs the play; tells when the last quiet host was done, in seconds. */
async function run(site: Site, hosts: readonly string[]): Promise<{ played: Played; seconds: number }> {
  const started = performance.now();
  let seconds = Infinity;
  const open = new Set(QUIET);
  let stopped = Promise.resolve();
  const stop = () => void (stopped = site.write("stop", ""));
  // A quiet host that gets no turn must not let the noise go on for ever.
  const late = setTimeout(stop, 60_000);
  const played = await site.play({
    inventory: hosts.map((host) => `${host} ansible_connection=local\n`).join(""),
    watch(event) {
      if (event.type !== "task" || event.name !== `look ${TASKS - 1}` || !open.delete(event.host)) return;
      if (open.size > 0) return;
      seconds = (performance.now() - started) / 1000;
      stop();
    },
  });
  clearTimeout(late);
  await stopped;
  return { played, seconds };
}

Deno.test("a host that prints 10,000 lines a second does not hold up the others", async () => {
  await Site.with({ "out/.keep": "", "site.yml": playbook }, async (site) => {
    const alone = await run(site, QUIET);
    await Deno.remove(site.path("stop"));
    const beside = await run(site, ["noisy", ...QUIET]);
    assert.equal(beside.played.exit, 0);
    assert.ok(beside.seconds < 60, "the quiet hosts were done while the noise went on");
    const noise = beside.played.tasks.find((task) => task.name === "noise" && task.host === "noisy")!;
    assert.ok(linesOf(noise) / noise.seconds > 5000, `${linesOf(noise)} lines in ${noise.seconds} s`);
    // In about the time they take anyhow; what the machine does besides is not the engine's.
    const usual = alone.seconds;
    assert.ok(beside.seconds < 3 * usual + 1, `${beside.seconds} s beside the noise, ${usual} s without`);
  });
});

function linesOf({ result }: TaskEvent): number {
  return String(result.stdout).split("\n").length;
}
