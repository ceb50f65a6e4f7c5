/** The reports of a run: all that a page or a program may be given is escaped, and nothing is lost. */
import assert from "node:assert/strict";
import { htmlPage } from "../../../cli/render/html.ts";
import { junitXml } from "../../../cli/render/junit.ts";
import { reportsOf, secondsOf } from "../../../cli/runs/report.ts";
import type { Event, TaskEvent } from "../../../engine/run/event.ts";

const NASTY = `<script>alert("1")</script> & 'x' \u0000\u001b[31m \ud800 ]]>`;

function task(name: string, host: string, more: Partial<TaskEvent> = {}): TaskEvent {
  return {
    ...{ type: "task", id: `1.${name}`, play: "Nodes", name, module: "command", host, status: "ok" },
    ...{ changes: [], result: {}, seconds: 0.5, at: "2026-11-20T13:00:01.000Z" },
    ...more,
  };
}

const zero = { ok: 0, changed: 0, unreachable: 0, failed: 0, skipped: 0, rescued: 0, ignored: 0, unknown: 0 };

const EVENTS: Event[] = [
  { type: "run", id: "3f2a91c4-0000-4000-8000-000000000000", playbook: "site.yml", check: false },
  { type: "play", name: "Nodes", hosts: ["a", "b", NASTY] },
  task("one", "a", {
    status: "changed",
    changes: [{ path: "/etc/x", what: "content", before: "old\n", after: `${NASTY}\n` }],
  }),
  task("one", "b", { status: "unreachable", result: { msg: "no route" } }),
  task("one", NASTY, { status: "skipped", result: { msg: "not here" } }),
  task("two", "a", {
    name: NASTY,
    status: "failed",
    place: "site.yml:7:5",
    result: { msg: NASTY, rc: 1, stderr: NASTY },
    at: "2026-11-20T13:00:03.000Z",
  }),
  { type: "notice", host: "a", message: NASTY },
  { type: "recap", hosts: { a: { ...zero, changed: 1, ok: 1, failed: 1 }, b: { ...zero, unreachable: 1 } }, exit: 4 },
];

Deno.test("JUnit: a case for each task on each host, with what failed", () => {
  assert.equal(
    junitXml(reportsOf(EVENTS.filter((event) => event.type !== "task" || !JSON.stringify(event).includes("script")))),
    `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="aami" tests="1" failures="0" errors="1" skipped="0" time="0.500">
  <testsuite name="site.yml: Nodes" tests="1" failures="0" errors="1" skipped="0" time="0.500" timestamp="2026-11-20T13:00:01">
    <testcase classname="Nodes.b" name="one [b]" time="0.500">
      <error message="no route" type="unreachable">reason: no route</error>
    </testcase>
  </testsuite>
</testsuites>
`,
  );
});

Deno.test("what stands in a report is text, whatever it holds", () => {
  for (const page of [junitXml(reportsOf(EVENTS)), htmlPage(reportsOf(EVENTS))]) {
    assert.doesNotMatch(page, /<script/);
    // deno-lint-ignore no-control-regex -- these are what is looked for
    assert.doesNotMatch(page, /[\x00-\x08\x0b\x0c\x0e-\x1f]/);
    assert.ok(page.isWellFormed());
    assert.match(page, /&lt;script&gt;alert\(&quot;1&quot;\)&lt;\/script&gt; &amp; &#39;x&#39;/);
  }
});

Deno.test("the page: what failed comes first, all hosts and tasks are there, nothing is fetched", () => {
  const page = htmlPage(reportsOf(EVENTS));
  const at = (text: string) => {
    const found = page.indexOf(text);
    assert.notEqual(found, -1, text);
    return found;
  };
  assert.ok(at("<h2>What failed</h2>") < at("<h2>Hosts</h2>") && at("<h2>Hosts</h2>") < at("<h2>Play: Nodes</h2>"));
  assert.match(page, /<td class="unreachable" title="one: unreachable, 0.5 s">U<\/td>/);
  assert.match(page, /<span class="removed">-old<\/span>/);
  assert.match(page, /hosts could not be reached/);
  assert.doesNotMatch(page, /https?:|src=|<link|@import|url\(/);
});

Deno.test("a run that was resumed is one report: the last word on each task counts", () => {
  const [before, again] = [EVENTS.slice(0, -1), [
    { ...EVENTS[1] },
    task("two", "a", { status: "changed", at: "2026-11-20T13:05:00.000Z" }),
  ]] as Event[][];
  const [report, ...others] = reportsOf([...before, ...again]);
  assert.deepEqual(others, []);
  assert.deepEqual(report.plays.map(({ tasks }) => tasks.map(({ id }) => id)), [["1.one", "1.two"]]);
  assert.deepEqual(report.failures.map(({ host }) => host), ["b"]);
  // Without a recap they are counted.
  assert.deepEqual(report.hosts.a, { ...zero, ok: 2, changed: 2 });
  assert.equal(secondsOf(report), 299.5);
});
