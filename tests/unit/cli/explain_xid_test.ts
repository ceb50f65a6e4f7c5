import assert from "node:assert/strict";
import { runProgram } from "../../../cli/program.ts";
import { registry } from "../../../modules/registry.ts";
import { keepingTerminal } from "../../e2e/bad_input/driver.ts";

async function aami(...args: string[]) {
  const terminal = keepingTerminal();
  const exit = await runProgram(args, { terminal, registry });
  return { exit, out: terminal.outs.join("\n"), talk: terminal.talks.join("\n") };
}

Deno.test("explain xid tells what a code means and what to do", async () => {
  const { exit, out } = await aami("explain", "xid", "79");
  assert.equal(exit, 0);
  assert.match(out, /^Xid 79: GPU has fallen off the bus/);
  assert.match(out, /Severity: critical/);
  assert.match(out, /immediate RESTART_BM, then CONTACT_SUPPORT/);
  assert.match(out, /https:\/\/docs\.nvidia\.com/);
});

Deno.test("every code of the catalogues has a page", async () => {
  for (let code = 1; code <= 176; code++) assert.equal((await aami("explain", "xid", String(code))).exit, 0);
  for (let code = 1; code <= 30; code++) assert.equal((await aami("explain", "afid", String(code))).exit, 0);
});

Deno.test("--json and -o json print the entry with the action", async () => {
  const [short, long] = [
    await aami("explain", "xid", "94", "--json"),
    await aami("explain", "xid", "94", "-o", "json"),
  ];
  assert.equal(short.out, long.out);
  const { code, bucket, action } = JSON.parse(short.out);
  assert.deepEqual([code, bucket, action], [94, "RESTART_APP", "restart_application"]);
  assert.equal(JSON.parse((await aami("explain", "xid", "list", "--json")).out).length, 176);
  assert.equal(JSON.parse((await aami("explain", "afid", "list", "--json")).out).length, 30);
  assert.equal(JSON.parse((await aami("explain", "afid", "30", "--json")).out).severity, "Fatal");
});

Deno.test("the lists have a line for each code", async () => {
  assert.equal((await aami("explain", "xid", "list")).out.split("\n").length, 176);
  assert.equal((await aami("explain", "afid", "list")).out.split("\n").length, 30);
});

Deno.test("a code that is none is told so", async () => {
  for (const code of ["0", "177", "-1", "seventy", "7.9", "79x"]) {
    const { exit, talk } = await aami("explain", "xid", "--", code);
    assert.equal(exit, 1);
    assert.match(talk, new RegExp(`there is no Xid '${code}'`));
  }
  assert.match((await aami("explain", "xid")).talk, /needs a code/);
  assert.match((await aami("explain", "xid", "79", "--log", "x")).talk, /exclude each other/);
  assert.match((await aami("explain", "xid", "--log", "no-such-file")).talk, /cannot read the log 'no-such-file'/);
  assert.match((await aami("explain", "afid", "31")).talk, /there is no AFID '31'/);
});

const LOG = `Mar  3 08:15:44 n1 kernel: NVRM: Xid (PCI:0000:3b:00): 45, pid=4711, name=train.py, Ch 0000001f
Mar  3 08:15:42 n1 kernel: NVRM: GPU at PCI:0000:3b:00: GPU-0a1b2c3d-1111-2222-3333-444455556666
Mar  3 08:15:42 n1 kernel: NVRM: Xid (PCI:0000:3b:00): 79, pid=4711, name=train.py, GPU has fallen off the bus.
Mar  3 08:20:00 n2 kernel: NVRM: Xid (PCI:0000:3b:00): 13, pid=99, name=solver, Graphics Exception: ESR 0x50ce48=0x100000
`;

Deno.test("explain xid --log tells what happened to which GPU, and what to do about it", async () => {
  const path = await Deno.makeTempFile({ prefix: "aami-kernel-" });
  try {
    await Deno.writeTextFile(path, LOG);
    const { exit, out } = await aami("explain", "xid", "--log", path);
    assert.equal(exit, 0);
    assert.equal(
      out,
      `Mar  3 08:15:42  n1 0000:3b:00  Xid 79 GPU has fallen off the bus, by train.py (4711)
                   GPU has fallen off the bus.
Mar  3 08:15:44  n1 0000:3b:00  Xid 45 Preemptive channel teardown, by train.py (4711)
                   Ch 0000001f
Mar  3 08:20:00  n2 0000:3b:00  Xid 13 Graphics Engine Exception, by solver (99)
                   Graphics Exception: ESR 0x50ce48=0x100000

What to do
  n1 0000:3b:00 GPU-0a1b2c3d-1111-2222-3333-444455556666: Xid 79, Xid 45
    Drain the node and reboot it.
  n2 0000:3b:00: Xid 13
    Restart the affected application; the GPU needs no reset.`,
    );
    const events = JSON.parse((await aami("explain", "xid", "--log", path, "--json")).out);
    assert.deepEqual(events.map((event: { code: number; action: string }) => [event.code, event.action]), [
      [79, "reboot_node"],
      [45, "none"],
      [13, "restart_application"],
    ]);
  } finally {
    await Deno.remove(path);
  }
});

Deno.test("a log without errors says so", async () => {
  const path = await Deno.makeTempFile({ prefix: "aami-kernel-" });
  try {
    const { exit, out } = await aami("explain", "xid", "--log", path);
    assert.deepEqual([exit, out], [0, "No Xid errors in this log."]);
  } finally {
    await Deno.remove(path);
  }
});
