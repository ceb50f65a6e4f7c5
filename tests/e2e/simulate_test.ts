/** `aami simulate` as people meet it: wrong input, its pages, its configuration for Prometheus. @module */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert";
import { findPromtool, promtool } from "../promtool.ts";
import { aami, temporaryFolder } from "./aami.ts";
import { FakeClusterProcess } from "./fake_cluster.ts";

Deno.test("wrong input of simulate is one message at its place, and nothing listens", async () => {
  const cases: [string[], RegExp][] = [
    [["--nodes", "0"], /error: --nodes needs a whole number from 1 to 1000, got '0'/],
    [["--gpus", "many"], /error: --gpus needs a whole number from 1 to 64, got 'many'/],
    [["--port", "65535"], /error: --port needs a whole number from 0 to 65532, got '65535'/],
    [["--seed", "-1"], /error: --seed needs a whole number of at least 0, got '-1'/],
    [["--exporter", "dcgm-4.8"], /error: --exporter: there is no 'dcgm-4\.8' to fake[^]*did you mean 'dcgm-4\.9'/],
    [["--fault", "xid79:fake9/gpu0"], /--fault:1:7: error: there is no fake node 'fake9'/],
    [["--listen", "192.0.2.1"], /error: this machine has no address 192\.0\.2\.1/],
    [["--nods", "3"], /error: there is no option '--nods'[^]*did you mean '--nodes'/],
  ];
  const ran = await Promise.all(cases.map(([args]) => aami(["simulate", "--port", "0", ...args])));
  for (const [index, [args, message]] of cases.entries()) {
    match(ran[index].stderr, message, args.join(" "));
    deepStrictEqual([ran[index].code, ran[index].stdout], [1, ""], args.join(" "));
  }
});

Deno.test("a port that is taken is told", async () => {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, () => new Response());
  const { code, stderr } = await aami(["simulate", "--port", String(server.addr.port)]);
  await server.shutdown();
  strictEqual(code, 1);
  match(stderr, new RegExp(`error: something else listens on 127\\.0\\.0\\.1:${server.addr.port}[^]*--port`));
});

Deno.test("a fake cluster tells what it has, takes faults and refuses what it cannot do", async () => {
  await using fake = await FakeClusterProcess.start("127.0.0.1", "--nodes", "2", "--gpus", "2");
  const say = async (path: string, init?: RequestInit) => {
    const response = await fetch(path.startsWith("/") ? fake.url + path : path, init);
    return { status: response.status, text: await response.text() };
  };
  match((await say("/")).text, /^A fake GPU cluster, by aami simulate\. Nothing here is real\.\n/);
  const [target] = await fake.targets("dcgm") as { targets: string[]; labels: Record<string, string> }[];
  deepStrictEqual(target.labels, { node: "fake1", group: "gpu", fake: "true" });
  deepStrictEqual(await fake.targets("rocm"), []);
  strictEqual((await fake.targets("node")).length, 2);
  const exporter = `http://${target.targets[0]}/metrics`;
  match((await say(exporter)).text, /^DCGM_FI_DEV_GPU_TEMP\{gpu="1",UUID="GPU-fake[^}]*Hostname="fake1"[^}]*\} \d+$/m);
  const id = await fake.begin("node-loss:fake1");
  strictEqual((await say(exporter)).status, 503);
  await fake.end(id);
  strictEqual((await say(exporter)).status, 200);
  deepStrictEqual(JSON.parse((await say("/fault")).text).map(({ state }: { state: string }) => state), ["ended"]);
  const refused = await say("/fault", { method: "POST", body: "thermal:fake1" });
  strictEqual(refused.status, 400);
  match(refused.text, /fault:1:9: error: 'thermal' is of one GPU/);
  strictEqual((await say("/fault/7", { method: "DELETE" })).status, 404);
  strictEqual((await say("/nothing")).status, 404);
  const tool = await findPromtool();
  if (tool) {
    await using folder = await temporaryFolder();
    await Deno.writeTextFile(`${folder.path}/fake.yml`, (await say("/prometheus.yml")).text);
    const { code, text } = await promtool(tool, "check", "config", `${folder.path}/fake.yml`);
    strictEqual(code, 0, text);
  }
  const { code, talk } = await fake.stop();
  strictEqual(code, 0);
  ok(talk.includes("fake fault 1 begins: node-loss:fake1") && talk.includes("fake fault 1 is over: node-loss:fake1"));
});
