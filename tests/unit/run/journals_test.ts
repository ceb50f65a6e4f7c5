/** The folder of journals: who may read it, how many are kept, what a killed controller leaves in it. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { canBeResumed, Journals, type KnownRun } from "../../../engine/run/journals.ts";

const HEADER = { playbook: "/srv/site.yml", check: false, directory: "/srv", flags: {}, extraVars: [] };
const RECAP = { type: "recap", hosts: {}, exit: 0 } as const;
const fail = (error: unknown) => assert.fail(String(error));

async function withJournals(use: (journals: Journals) => void): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    use(new Journals(join(folder, "aami", "runs")));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function only(journals: Journals): KnownRun {
  const [run, ...others] = journals.list();
  assert.deepEqual(others, []);
  return run;
}

Deno.test("a journal is its owner's alone, and says how its run ended", () =>
  withJournals((journals) => {
    const open = journals.begin(HEADER, fail);
    assert.equal(only(journals).isUnderWay, true);
    assert.equal(canBeResumed(only(journals)), false);
    open.journal.event({ ...RECAP, exit: 2 });
    open.close();
    const run = only(journals);
    assert.deepEqual([run.isUnderWay, run.end?.exit, canBeResumed(run)], [false, 2, true]);
    assert.equal(Deno.statSync(run.path).mode! & 0o777, 0o600);
    assert.equal(Deno.statSync(journals.folder).mode! & 0o777, 0o700);
  }));

Deno.test("the last fifty runs are kept, and those that are under way", () =>
  withJournals((journals) => {
    const first = journals.begin(HEADER, fail);
    for (let index = 0; index < 60; index++) journals.begin(HEADER, fail).close();
    const ids = journals.list().map(({ header }) => header.id);
    assert.equal(ids.length, 51);
    assert.ok(ids.includes(first.journal.id));
    first.close();
  }));

Deno.test("a line that was not written to the end is taken off when the run goes on", () =>
  withJournals((journals) => {
    const open = journals.begin(HEADER, fail);
    open.journal.begun(1, "a", [0]);
    open.close();
    const run = only(journals);
    Deno.writeTextFileSync(run.path, '{"line":"begun","play":1,"ho', { append: true });
    assert.deepEqual(journals.read(only(journals)).map(({ line }) => line), ["run", "begun"]);
    const resumed = journals.resume(only(journals), fail);
    assert.deepEqual(resumed.lines.map(({ line }) => line), ["run", "begun"]);
    resumed.journal.event(RECAP);
    resumed.close();
    assert.deepEqual(journals.read(run).map(({ line }) => line), ["run", "begun", "resumed", "event", "end"]);
    assert.equal(only(journals).end?.exit, 0);
  }));

Deno.test("a run is resumed by one controller at a time", () =>
  withJournals((journals) => {
    const open = journals.begin(HEADER, fail);
    assert.throws(() => journals.resume(only(journals), fail), /it is still under way/);
    open.close();
    journals.resume(only(journals), fail).close();
  }));

Deno.test("files that are no journals are left alone", () =>
  withJournals((journals) => {
    journals.begin(HEADER, fail).close();
    for (const [name, text] of [["a.jsonl", ""], ["b.jsonl", "{}\n"], ["c.jsonl", "no json\n"], ["notes.txt", "x"]]) {
      Deno.writeTextFileSync(join(journals.folder, name), text);
    }
    assert.equal(journals.list().length, 1);
    assert.deepEqual(new Journals("/nonexistent").list(), []);
  }));

Deno.test("a disk that is full ends the journal, not the run", () =>
  withJournals((journals) => {
    let lost = 0;
    const open = journals.begin(HEADER, () => lost++);
    open.close();
    open.journal.event(RECAP);
    open.journal.event(RECAP);
    assert.equal(lost, 1);
  }));
