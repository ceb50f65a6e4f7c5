/** Fixed events and the exact text they make. */
import assert from "node:assert/strict";
import type { Event, HostCounts, TaskEvent } from "../../../engine/run/event.ts";
import { changeLines } from "../../../cli/render/changes.ts";
import { makeRenderer } from "../../../cli/render/renderer.ts";
import { TextRenderer } from "../../../cli/render/text.ts";
import type { TextOptions } from "../../../cli/render/task_text.ts";
import { keepingTerminal } from "../../e2e/bad_input/driver.ts";

const PLAIN: TextOptions = { diff: false, check: false, verbosity: 0 };
const NO_COUNTS: HostCounts = {
  ...{ ok: 0, changed: 0, unreachable: 0, failed: 0, skipped: 0, rescued: 0, ignored: 0, unknown: 0 },
};

function task(id: string, host: string, status: TaskEvent["status"], more: Partial<TaskEvent> = {}): TaskEvent {
  return {
    ...{ type: "task", id, play: "p", name: `task ${id}`, module: "command", host, status, changes: [], result: {} },
    ...{ seconds: 0.1, at: "2026-01-01T00:00:00.000Z" },
    ...more,
  };
}

function rendered(events: readonly Event[], options: Partial<TextOptions> = {}, columns = 60): string[] {
  const terminal = { ...keepingTerminal(), columns, isTerminal: true };
  const renderer = new TextRenderer(terminal, { ...PLAIN, ...options });
  for (const event of events) renderer.take(event);
  return terminal.outs;
}

const start = (...hosts: string[]): Event[] => [
  { type: "run", id: "r", playbook: "site.yml", check: false },
  { type: "play", name: "p", hosts },
];

Deno.test("hosts with the same to say share a line, in the order of the play", () => {
  assert.deepEqual(
    rendered([...start("a", "b", "c"), task("1.1", "c", "ok"), task("1.1", "b", "changed"), task("1.1", "a", "ok")]),
    [
      "",
      "PLAY [p] 3 hosts ******************************************",
      "",
      "TASK [task 1.1]",
      "ok: a, c",
      "changed: b",
    ],
  );
});

Deno.test("a task's lines wait until each host has come past it", () => {
  const events = [...start("a", "b"), task("1.1", "a", "ok"), task("1.2", "a", "ok")];
  assert.equal(rendered(events).length, 2);
  assert.deepEqual(rendered([...events, task("1.1", "b", "failed", { result: { msg: "no" } })]).slice(2), [
    ...["", "TASK [task 1.1]", "ok: a", "failed: b  no", "", "TASK [task 1.2]", "ok: a"],
  ]);
});

Deno.test("what lookahead did stands at the end of the play, hosts with the same together", () => {
  const told = (host: string, used: number, thrown: { task: string; times: number }[]): Event => ({
    ...{ type: "lookahead", play: "p", host, ahead: 3, used, thrown },
  });
  const thrown = [{ task: "mode", times: 1 }, { task: "line", times: 2 }];
  const events = [told("a", 3, []), told("b", 0, thrown), told("c", 3, [])];
  const lines = rendered([...start("a", "b", "c"), ...events, { type: "play", name: "next", hosts: [] }]);
  assert.deepEqual(lines.slice(2, 6), [
    ...["", "LOOKAHEAD", "a, c: 3 read ahead, 3 used, 0 thrown away"],
    "b: 3 read ahead, 0 used, 3 thrown away: mode, line (2 times)",
  ]);
});

Deno.test("many hosts are folded and counted, and cut where they would fill the line", () => {
  const hosts = Array.from({ length: 120 }, (_each, index) => `gpu${String(index + 1).padStart(3, "0")}`);
  const all = rendered([...start(...hosts), ...hosts.map((host) => task("1.1", host, "ok"))]);
  assert.equal(all.at(-1), "ok: gpu[001-120] (120 hosts)");
  const odd = hosts.filter((_host, index) => index % 2 === 0);
  const some = rendered([...start(...odd), ...odd.map((host) => task("1.1", host, "ok"))]);
  assert.equal(some.at(-1), "ok: gpu[001,003,005,007,009,011,013,015,017,019,021,023,025,027,… (60 hosts)");
});

Deno.test("what changed is told where all hosts say the same, else where it is asked for", () => {
  const changes = (path: string) => ({ changes: [{ path, what: "mode", before: "0600", after: "0644" }] });
  const same = [
    ...start("a", "b"),
    task("1.1", "a", "changed", changes("/x")),
    task("1.1", "b", "changed", changes("/x")),
  ];
  assert.deepEqual(rendered(same).slice(-2), ["changed: a, b", "    /x: mode 0600 → 0644"]);
  const other = [
    ...start("a", "b"),
    task("1.1", "a", "changed", changes("/x")),
    task("1.1", "b", "changed", changes("/y")),
  ];
  assert.deepEqual(rendered(other).slice(-1), ["changed: a, b"]);
  assert.deepEqual(rendered(other, { diff: true }).slice(-4), [
    ...["changed: a", "    /x: mode 0600 → 0644", "changed: b", "    /y: mode 0600 → 0644"],
  ]);
});

Deno.test("each status has its word; check mode says what would change", () => {
  const statuses = [
    "ok",
    "changed",
    "predicted",
    "unknown",
    "skipped",
    "failed",
    "unreachable",
    "ignored",
    "rescued",
  ] as const;
  const events = [...start(...statuses), ...statuses.map((status) => task("1.1", status, status))];
  assert.deepEqual(rendered(events, { check: true }).slice(4), [
    ...[
      "ok: ok",
      "would change: changed",
      "predicted: predicted",
      "unknown until applied: unknown",
      "skipped: skipped",
    ],
    ...["failed: failed", "unreachable: unreachable", "failed, ignored: ignored", "failed, rescued: rescued"],
  ]);
});

Deno.test("debug shows its message, a value as JSON; a handler is called one", () => {
  const events = [
    ...start("a"),
    task("1.1", "a", "ok", { module: "debug", result: { msg: "one\ntwo" } }),
    task("1.2", "a", "ok", { module: "debug", result: { msg: { a: [1] } }, handler: true }),
  ];
  assert.deepEqual(rendered(events).slice(3), [
    ...["TASK [task 1.1]", "ok: a  one", "    two", "", "HANDLER [task 1.2]"],
    ...["ok: a", "    {", '      "a": [', "        1", "      ]", "    }"],
  ]);
});

Deno.test("items that changed or failed are named, with -v all", () => {
  const items = [
    { item: 1, label: "one", status: "ok" as const },
    { item: 2, label: "two", status: "changed" as const },
  ];
  const events = [...start("a"), task("1.1", "a", "changed", { items })];
  assert.deepEqual(rendered(events).slice(-1), ["    changed: item two"]);
  assert.deepEqual(rendered(events, { verbosity: 1 }).slice(-3), [
    "    ok: item one",
    "    changed: item two",
    "    {}",
  ]);
});

const recap = (hosts: Record<string, Partial<HostCounts>>, exit = 0): Event => ({
  type: "recap",
  hosts: Object.fromEntries(Object.entries(hosts).map(([name, counts]) => [name, { ...NO_COUNTS, ...counts }])),
  exit,
});

Deno.test("the recap has Ansible's form where there is room", () => {
  assert.deepEqual(
    rendered([...start("a"), recap({ node10: { ok: 12, changed: 3 }, node9: { ok: 1, failed: 1 } })], {}, 140).slice(4),
    [
      "node9                      : ok=1    changed=0    unreachable=0    failed=1    skipped=0    rescued=0    ignored=0",
      "node10                     : ok=12   changed=3    unreachable=0    failed=0    skipped=0    rescued=0    ignored=0",
    ],
  );
  assert.deepEqual(rendered([...start("a"), recap({ a: { ok: 1, unknown: 2 } })], { check: true }, 100).slice(4), [
    "a : ok=1    changed=0    unreachable=0    failed=0    skipped=0    rescued=0    ignored=0    unknown=2",
  ]);
});

Deno.test("the recap of more than a hundred hosts puts those with the same counts together", () => {
  const hosts = Object.fromEntries(
    Array.from({ length: 101 }, (_each, index) => [`gpu${index + 1}`, { ok: index < 100 ? 2 : 1 }]),
  );
  assert.deepEqual(rendered([...start("gpu1"), recap(hosts)], {}, 140).slice(4), [
    "100 hosts                  : ok=2    changed=0    unreachable=0    failed=0    skipped=0    rescued=0    ignored=0",
    "    gpu[1-100]",
    "gpu101                     : ok=1    changed=0    unreachable=0    failed=0    skipped=0    rescued=0    ignored=0",
  ]);
});

Deno.test("notices come after the recap, once; failures last, in full, once", () => {
  const failed = {
    place: "site.yml:3:7",
    result: { msg: "non-zero return code", cmd: ["echo", "a b"], rc: 3, stdout: "", stderr: "one\ntwo\n" },
  };
  const events: Event[] = [
    ...start("a", "b"),
    { type: "notice", host: "a", message: "look" },
    { type: "notice", host: "b", message: "look" },
    task("1.1", "a", "failed", failed),
    task("1.1", "b", "failed", failed),
    recap({ a: { failed: 1 }, b: { failed: 1 } }, 2),
  ];
  assert.deepEqual(
    rendered(events, {}, 140).slice(-10),
    [
      ...["", "NOTICE [a, b] look", "", "FAILED [a, b] task 1.1", "  task:    site.yml:3:7"],
      ...[
        "  reason:  non-zero return code",
        "  cmd:     echo 'a b'",
        "  rc:      3",
        "  stderr:  one",
        "           two",
      ],
    ].slice(-10),
  );
});

Deno.test("changes are sentences; content is a diff where it is asked for and may be seen", () => {
  const { paint } = keepingTerminal();
  const lines = (
    change: { what: string; before: string; after: string; sensitive?: boolean },
    options: Partial<TextOptions> = {},
  ) => changeLines([{ path: "/f", ...change }], { ...PLAIN, ...options }, { paint });
  assert.deepEqual(lines({ what: "mode", before: "0600", after: "0644" }), ["/f: mode 0600 → 0644"]);
  assert.deepEqual(lines({ what: "owner", before: "", after: "root" }), ["/f: owner will be root"]);
  assert.deepEqual(lines({ what: "link", before: "a", after: "" }), ["/f: link a goes"]);
  assert.deepEqual(lines({ what: "restarted", before: "", after: "" }), ["/f: restarted"]);
  assert.deepEqual(lines({ what: "password", before: "a", after: "b", sensitive: true }), [
    "/f: password changes (not shown)",
  ]);
  assert.deepEqual(lines({ what: "run", before: "", after: "make\nit" }), []);
  assert.deepEqual(lines({ what: "run", before: "", after: "make\nit" }, { check: true }), ["runs: make⏎it"]);
  const content = { what: "content", before: "a\nb\n", after: "a\nc\n" };
  assert.deepEqual(lines(content), []);
  assert.deepEqual(lines({ ...content, sensitive: true }, { diff: true }), [
    "/f: content changes (not shown: it is secret, or others may not read it)",
  ]);
  assert.deepEqual(lines(content, { diff: true }), ["--- /f", "@@ -1,2 +1,2 @@", " a", "-b", "+c"]);
});

Deno.test("-o jsonl prints each event as a line with the schema; -o json the run as one document", () => {
  const events: Event[] = [...start("a"), task("1.1", "a", "ok"), recap({ a: { ok: 1 } })];
  const lines = keepingTerminal();
  const jsonl = makeRenderer("jsonl", lines, PLAIN);
  for (const event of events) jsonl.take(event);
  jsonl.end();
  assert.deepEqual(lines.outs.map((line) => JSON.parse(line)), events.map((event) => ({ schema: 1, ...event })));
  const whole = keepingTerminal();
  const json = makeRenderer("json", whole, PLAIN);
  for (const event of events) json.take(event);
  json.end();
  assert.equal(whole.outs.length, 1);
  const document = JSON.parse(whole.outs[0]);
  assert.deepEqual(Object.keys(document), ["schema", "runs", "plays", "tasks", "notices", "hosts", "exit"]);
  assert.deepEqual([document.exit, document.tasks.length, Object.keys(document.hosts)], [0, 1, ["a"]]);
});
