/** Where a run begins, and what is left out of it while it goes. */
import assert from "node:assert/strict";
import { stepByStep } from "../../../cli/step.ts";
import { DiagnosticError } from "../../../engine/support/diagnostic.ts";
import { keepingTerminal } from "../../e2e/bad_input/driver.ts";
import { outline, play } from "./harness.ts";

const PLAYS = `
- hosts: all
  name: first
  tasks:
    - { name: one, debug: { msg: x } }
    - block:
        - { name: two, debug: { msg: x }, tags: t }
        - { name: three, command: "false" }
      rescue:
        - { name: rescue, debug: { msg: x } }
      always:
        - { name: always, debug: { msg: x } }
- hosts: all
  name: second
  roles: [ r ]
  tasks:
    - { name: last, debug: { msg: x }, changed_when: true, notify: handle }
  handlers:
    - { name: handle, debug: { msg: x } }
`;
const FILES = { "roles/r/tasks/main.yml": "- { name: inside, debug: { msg: x } }\n" };

const ran = async (options: Parameters<typeof play>[1]) =>
  outline(await play(PLAYS, { files: FILES, ...options })).map((line) => line.split(":").at(-2)!.trim());

Deno.test("--start-at-task begins at a task, also inside a block, of a later play or of a role", async () => {
  assert.deepEqual(await ran({ startAtTask: "three" }), [
    ...["three", "rescue", "always", "inside", "last", "handle"],
  ]);
  assert.deepEqual(await ran({ startAtTask: "al*" }), ["always", "inside", "last", "handle"]);
  assert.deepEqual(await ran({ startAtTask: "r : inside" }), ["inside", "last", "handle"]);
  assert.deepEqual(await ran({ startAtTask: "last" }), ["last", "handle"]);
});

Deno.test("--start-at-task takes no task that tags leave out, that only a failure brings, or that is nowhere", async () => {
  for (const options of [{ startAtTask: "one", tags: ["t"] }, { startAtTask: "rescue" }, { startAtTask: "thre" }]) {
    await assert.rejects(ran(options), DiagnosticError);
  }
  await assert.rejects(ran({ startAtTask: "thre" }), /there is no task 'thre'\n {2}help: did you mean 'three'\?/);
});

function answering(...answers: string[]) {
  const asked: string[] = [];
  const terminal = {
    ...keepingTerminal(),
    canAsk: true,
    ask: (question: string) => {
      asked.push(/TASK: (.*) \(N\)o/.exec(question)![1]);
      return Promise.resolve(answers.shift());
    },
  };
  return { asked, confirm: stepByStep(terminal) };
}

Deno.test("--step asks before each task and handler, once for all hosts; what is not wanted is left out", async () => {
  const { asked, confirm } = answering("y", "n", "n", "", "y", "yes", "y");
  const inventory = "a ansible_connection=local\nb ansible_connection=local\n";
  const { tasks } = await play(PLAYS, { files: FILES, confirm, inventory, lookahead: false });
  assert.deepEqual(asked, ["one", "two", "three", "always", "r : inside", "last", "handle"]);
  const expected = ["one", "r : inside", "last", "handle"].flatMap((name) => [`a ${name}`, `b ${name}`]);
  assert.deepEqual(tasks.map(({ host, name }) => `${host} ${name}`).sort(), expected.sort());
});

Deno.test("--step: c goes on without asking, and nothing more is run where nobody answers", async () => {
  const going = answering("n", "c");
  const { tasks } = await play(PLAYS, { files: FILES, confirm: going.confirm, lookahead: false });
  assert.deepEqual(tasks.map(({ name }) => name), ["two", "three", "rescue", "always", "r : inside", "last", "handle"]);
  assert.deepEqual(going.asked, ["one", "two"]);
  const silent = answering("y");
  assert.deepEqual((await play(PLAYS, { files: FILES, confirm: silent.confirm, lookahead: false })).tasks.length, 1);
});

Deno.test("--step needs a terminal", () => {
  assert.throws(() => stepByStep(keepingTerminal()), /--step: there is no terminal to ask on/);
});

Deno.test("--start-at-task begins inside what tasks include, which only begins there the first time", async () => {
  const playbook = `
- hosts: all
  tasks:
    - { name: one, debug: { msg: x } }
    - { name: outer, include_tasks: outer.yml, loop: [1, 2] }
    - { name: last, debug: { msg: x } }
`;
  const files = {
    "outer.yml": "- { name: two, debug: { msg: x } }\n- { name: inner, include_role: { name: r } }\n",
    "roles/r/tasks/main.yml": "- { name: three, debug: { msg: x } }\n- { name: four, debug: { msg: x } }\n",
  };
  const ran = async (startAtTask: string) =>
    (await play(playbook, { files, startAtTask })).tasks.filter(({ module }) => module === "debug").map((t) => t.name);
  assert.deepEqual(await ran("four"), ["r : four", "two", "r : three", "r : four", "last"]);
  assert.deepEqual(await ran("r : three"), ["r : three", "r : four", "two", "r : three", "r : four", "last"]);
  assert.deepEqual(await ran("two"), ["two", "r : three", "r : four", "two", "r : three", "r : four", "last"]);
  assert.deepEqual(await ran("last"), ["last"]);
});
