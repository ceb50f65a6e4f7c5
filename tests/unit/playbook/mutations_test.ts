/** Whatever an operator's hand does to a playbook: it loads, or it is told what is wrong. Never another error, never a hang. */
import assert from "node:assert/strict";
import { cpuUsage } from "node:process";
import * as fc from "fast-check";
import { calleesOf } from "../../../cli/callees.ts";
import { loadPlaybook } from "../../../engine/playbook/load_playbook.ts";
import { DiagnosticError } from "../../../engine/support/diagnostic.ts";
import { registry } from "../../../modules/registry.ts";

const RUNS = Number(Deno.env.get("AAMI_FUZZ_RUNS") ?? 10_000);
/** Milliseconds of this process's time that one playbook may take. */
const PATIENCE = 2000;

const PLAYBOOKS = [
  `# every keyword
- name: first
  hosts: gpu:&rack1
  become: true
  vars: { port: 9100, url: "http://{{ inventory_hostname }}:{{ port }}" }
  vars_files: [ [ "{{ site }}.yml" ] ]
  environment: { PATH: "/bin:{{ env('PATH') }}" }
  pre_tasks:
    - name: look {{ port }}
      stat: { path: /etc/motd }
      register: motd
      tags: [ look, always ]
  tasks:
    - when: motd.stat.exists && port > 1024
      block:
        - copy:
            content: |
              listen {{ url }}
                indented "quotes"
            dest: /etc/app.conf
            mode: "0644"
          notify: restart app
        - file: path=/var/lib/app state=directory mode=0755
      rescue:
        - debug: { msg: "{{ ansible_failed_result.msg }}" }
      always:
        - command: /bin/true
          args: { creates: /etc/x }
          changed_when: false
    - shell: echo {{ item.name }} >> /tmp/x
      loop: [ { name: a }, { name: b } ]
      loop_control: { label: "{{ item.name }}", index_var: i }
      until: result.rc == 0
      register: result
      retries: 3
      delay: 1
  handlers:
    - name: restart app
      systemd: { name: app, state: restarted }
      listen: [ app, "config" ]
`,
  `- hosts: all
  gather_facts: no
  tasks:
    - {assert: {that: [ansible_check_mode == false, "'a' in groups"], fail_msg: "two
        lines"}}
    - set_fact: &anchor
        list: "{{ [1, 2].map(x, x * 2) }}"
        text: 'it''s {{ "quoted" }} \\n'
    - set_fact: *anchor
    - uri: {url: "http://localhost:9090/-/ready", status_code: [200, 204]}
      ignore_errors: yes
    - prometheus_rules:
        path: /etc/prometheus/rules/a.yml
        groups:
          - name: nodes
            rules:
              - alert: Down
                expr: up{job="node"} == 0
                for: 5m
                annotations: { summary: "{{ $labels.instance }} is down" }
    - meta: flush_handlers
- hosts: [ a, b ]
  tasks: []
`,
];

const BITS = [
  ...[
    "\n",
    "  ",
    "\t",
    ":",
    ": ",
    "- ",
    "{{",
    "}}",
    "{",
    "}",
    "[",
    "]",
    '"',
    "'",
    "|",
    ">",
    "&a",
    "*a",
    "!raw ",
    "#",
    "%",
  ],
  ...[
    "{% if x %}",
    " is defined",
    " and ",
    "| default('x')",
    "\u0000",
    "\uFEFF",
    "é",
    "日本",
    "\r\n",
    "---\n",
    "<<: ",
    "!!binary ",
  ],
  ...[
    "null",
    "~",
    "0644",
    "1e999",
    "-0x10",
    ".inf",
    "__proto__: 1",
    "constructor: 2",
    "hosts",
    "when: ",
    "loop: ",
    "block: ",
  ],
];

type Mutation =
  | { kind: "delete" | "repeat"; at: number; length: number }
  | { kind: "insert"; at: number; text: string }
  | { kind: "swap"; first: number; second: number };

// As fast-check's unit "binary", whose table takes seconds to make.
const anyText = fc.array(fc.integer({ min: 0, max: 0x10f7ff }), { maxLength: 6 })
  .map((points) => String.fromCodePoint(...points.map((point) => point < 0xd800 ? point : point + 0x800)));
const place = fc.double({ min: 0, max: 0.9999, noNaN: true });
const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc.record({ kind: fc.constant("delete" as const), at: place, length: fc.nat(20) }),
  fc.record({ kind: fc.constant("repeat" as const), at: place, length: fc.nat(60) }),
  fc.record({
    kind: fc.constant("insert" as const),
    at: place,
    text: fc.oneof(fc.constantFrom(...BITS), anyText),
  }),
  fc.record({ kind: fc.constant("swap" as const), first: place, second: place }),
);

function mutate(text: string, change: Mutation): string {
  if (change.kind === "swap") {
    const lines = text.split("\n");
    const [a, b] = [Math.floor(change.first * lines.length), Math.floor(change.second * lines.length)];
    [lines[a], lines[b]] = [lines[b], lines[a]];
    return lines.join("\n");
  }
  const at = Math.floor(change.at * text.length);
  if (change.kind === "insert") return text.slice(0, at) + change.text + text.slice(at);
  const part = text.slice(at, at + change.length);
  return change.kind === "delete"
    ? text.slice(0, at) + text.slice(at + part.length)
    : text.slice(0, at) + part + text.slice(at);
}

const callees = calleesOf(registry);

/** Loads a text; gives the findings. */
async function load(path: string, text: string): Promise<string> {
  Deno.writeTextFileSync(path, text);
  const started = cpuUsage();
  try {
    await loadPlaybook(path, callees);
    return "";
  } catch (error) {
    if (!(error instanceof DiagnosticError)) throw error;
    for (const { message, span } of error.diagnostics) {
      assert.notEqual(message.trim(), "", "a finding without a message");
      assert.ok(!span || (span.start <= span.end && span.start <= span.source.text.length), "a span beyond the text");
    }
    return error.message;
  } finally {
    const { user, system } = cpuUsage(started);
    const took = (user + system) / 1000;
    assert.ok(took < PATIENCE, `took ${Math.round(took)} ms`);
  }
}

Deno.test("the playbooks that are changed are right as they stand", async () => {
  const path = await Deno.makeTempFile({ suffix: ".yml" });
  try {
    for (const text of PLAYBOOKS) assert.equal(await load(path, text), "");
  } finally {
    await Deno.remove(path);
  }
});

Deno.test("a playbook changed at random loads or is told what is wrong", async () => {
  const path = await Deno.makeTempFile({ suffix: ".yml" });
  try {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...PLAYBOOKS),
        fc.array(mutation, { minLength: 1, maxLength: 4 }),
        async (text, changes) => {
          await load(path, changes.reduce(mutate, text));
        },
      ),
      { numRuns: RUNS },
    );
  } finally {
    await Deno.remove(path);
  }
});

Deno.test("nesting without end is refused, in YAML, in blocks and in expressions", async () => {
  const path = await Deno.makeTempFile({ suffix: ".yml" });
  const blocks = (depth: number): string => depth === 0 ? "{ping: }" : `{block: [ ${blocks(depth - 1)} ]}`;
  try {
    const deep = 20_000;
    const lists = (depth: number) => `- hosts: all\n  vars: { a: ${"[".repeat(depth)}${"]".repeat(depth)} }\n`;
    assert.match(await load(path, lists(300)), /values nest deeper than 200 levels/);
    assert.notEqual(await load(path, lists(deep)), "");
    assert.match(await load(path, `- hosts: all\n  tasks: [ ${blocks(60)} ]\n`), /blocks nest deeper than 50 levels/);
    const brackets = `- hosts: all\n  vars: { a: "{{ ${"(".repeat(5000)}1${")".repeat(5000)} }}" }\n`;
    assert.match(await load(path, brackets), /the expression is too large/);
    const aliases = Array.from(
      { length: 30 },
      (_each, index) => `    a${index}: &a${index} [ ${index === 0 ? "x, x" : `*a${index - 1}, *a${index - 1}`} ]\n`,
    ).join("");
    assert.match(await load(path, `- hosts: all\n  vars:\n${aliases}`), /alias/);
  } finally {
    await Deno.remove(path);
  }
});
