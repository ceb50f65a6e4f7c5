import { deepStrictEqual, ok } from "node:assert";
import waitFor from "../../../modules/wait_for/mod.ts";
import { apply, parseArgs, plan, testModule } from "./harness.ts";

testModule("wait_for", [
  {
    name: "a port that answers needs no wait",
    args: "port: 22",
    changes: [],
    result: { port: 22, elapsed: 0, state: "started" },
  },
  {
    name: "what is heard from a port",
    args: "port: 22\nsearch_regex: ^SSH-(\\d)\\.(?<minor>\\d)",
    result: { match_groups: ["2", "0"], match_groupdict: { minor: "0" } },
  },
  { name: "a port that is closed is stopped", args: "port: 9\nstate: stopped", result: { state: "stopped" } },
  { name: "a file that is there", args: "path: /etc/hostname", result: { path: "/etc/hostname" } },
  { name: "a file that is not there is absent", args: "path: /nowhere/at/all\nstate: absent" },
  {
    name: "what is in a file",
    prepare: "echo 'ready in 42 ms' > /root/log",
    args: "path: /root/log\nsearch_regex: ready in (\\d+) ms",
    result: { match_groups: ["42"] },
  },
  {
    name: "a file that comes later is waited for",
    prepare: "rm -f /root/later; (sleep 1; touch /root/later) >/dev/null 2>&1 &",
    args: "path: /root/later\ntimeout: 20\nsleep: 0.1",
    changes: [],
    verify: "test -e /root/later",
  },
  {
    name: "a port that nobody opens is given up, with the reason",
    args: "port: 9\ntimeout: 0.5\nsleep: 0.1",
    fails: /^timed out after 0\.5 s waiting for 127\.0\.0\.1:9 to be started: .*(refused|Connection)/i,
  },
  {
    name: "a file that stays is given up",
    args: "path: /etc/hostname\nstate: absent\ntimeout: 0.3\nsleep: 0.1",
    fails: /to be absent: it is still there$/,
  },
  {
    name: "the operator's message",
    args: "port: 9\ntimeout: 0.2\nsleep: 0.1\nmsg: nobody home",
    fails: /^nobody home$/,
  },
], async ({ host, machine }, t) => {
  await t.step("a port that opens later is waited for, from the host", async () => {
    await machine.write("/etc/systemd/system/late.socket", "[Socket]\nListenStream=127.0.0.1:9009\nAccept=yes\n");
    await machine.write("/etc/systemd/system/late@.service", "[Service]\nExecStart=/bin/cat\nStandardInput=socket\n");
    await machine.exec("(sleep 1; systemctl start late.socket) >/dev/null 2>&1 &", { mustSucceed: true });
    const args = parseArgs(waitFor, "port: 9009\ntimeout: 20\nsleep: 0.1");
    const planned = await plan(waitFor, host, args);
    deepStrictEqual([planned.changes.length, planned.actions.length], [0, 1]);
    const started = performance.now();
    await apply(waitFor, host, args);
    ok(performance.now() - started > 300, "it did not wait");
  });
  await t.step("delay waits even where all is well", async () => {
    const { result } = await apply(waitFor, host, parseArgs(waitFor, "port: 22\ndelay: 1"));
    ok(Number(result.elapsed) >= 1, JSON.stringify(result));
  });
});
