import { deepStrictEqual, doesNotMatch, match, ok, strictEqual, throws } from "node:assert";
import { FakeCluster } from "../../../../cluster/simulate/cluster.ts";
import { parseFault } from "../../../../cluster/simulate/faults.ts";
import { FAKE_EXPORTERS, type FakeExporter } from "../../../../cluster/simulate/models.ts";
import { EXPORTERS } from "../../../../cluster/alerts/rule.ts";

const cluster = (exporters: readonly FakeExporter[] = ["dcgm"], seed = 1) =>
  new FakeCluster({ nodes: exporters.length, gpus: 4, exporters, seed, start: 1_800_000_000 });

/** The value of a series, by the start of its name and a part of its labels. */
function valueOf(text: string, name: string, part: string): number | undefined {
  const line = text.split("\n").find((each) => each.startsWith(`${name}{`) && each.includes(part));
  return line === undefined ? undefined : Number(line.slice(line.lastIndexOf(" ")));
}

const whole = (fake: FakeCluster) =>
  fake.nodes.map((node) => fake.gpuMetrics(node) + fake.hostMetrics(node)).join("") + fake.slurmMetrics();

Deno.test("the same seed gives the same values, however time goes on", () => {
  const [one, two, other] = [cluster(FAKE_EXPORTERS), cluster(FAKE_EXPORTERS), cluster(FAKE_EXPORTERS, 2)];
  one.advance(300);
  for (let second = 1; second <= 300; second += 7) two.advance(second);
  two.advance(300);
  other.advance(300);
  strictEqual(whole(one), whole(two));
  ok(whole(one) !== whole(other));
});

Deno.test("the exporters are those of the alert catalogue, and all that they say is called fake", () => {
  for (const exporter of FAKE_EXPORTERS) ok(exporter in EXPORTERS);
  const fake = cluster(FAKE_EXPORTERS);
  fake.advance(30);
  for (const line of whole(fake).split("\n")) if (line.startsWith("# HELP")) match(line, /\(fake, by aami simulate\)$/);
  for (const node of fake.nodes) match(fake.gpuMetrics(node), /\(fake\)"/);
});

Deno.test("dcgm-exporter's generations say the same in other names and units", () => {
  const [old, since] = [cluster(["dcgm"]), cluster(["dcgm-4.9"])];
  for (const fake of [old, since]) fake.advance(200);
  const [before, after] = [old.gpuMetrics(old.nodes[0]), since.gpuMetrics(since.nodes[0])];
  const pairs: [string, string, number][] = [
    ["DCGM_FI_DEV_GPU_TEMP", "DCGM_FI_DEV_GPU_TEMP_CELSIUS", 1],
    ["DCGM_FI_DEV_FB_USED", "DCGM_FI_DEV_FB_USED_BYTES", 1048576],
    ["DCGM_FI_DEV_GPU_UTIL", "DCGM_FI_DEV_GPU_UTIL_RATIO", 0.01],
    ["DCGM_FI_DEV_SM_CLOCK", "DCGM_FI_DEV_SM_CLOCK_HERTZ", 1e6],
    ["DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION", "DCGM_FI_DEV_GPU_ENERGY_JOULES_TOTAL", 0.001],
  ];
  for (const [name, later, factor] of pairs) {
    const [a, b] = [valueOf(before, name, 'gpu="2"'), valueOf(after, later, 'gpu="2"')];
    ok(a !== undefined && a > 0, name);
    strictEqual(b, Number((a * factor).toPrecision(12)), later);
  }
  match(before, /Hostname="fake1"/);
  match(after, /hostname="fake1"/);
  const sizes = ["USED", "FREE", "RESERVED"].map((part) => valueOf(before, `DCGM_FI_DEV_FB_${part}`, 'gpu="0"')!);
  strictEqual(sizes.reduce((sum, size) => sum + size), 81559);
});

Deno.test("counters only rise, and a healthy cluster stays within its bounds for hours", () => {
  const fake = cluster(FAKE_EXPORTERS);
  const energy = fake.nodes.map((node) => node.gpus[0].counters.energy);
  for (let second = 60; second <= 4 * 3600; second += 60) {
    fake.advance(second);
    for (const [index, node] of fake.nodes.entries()) {
      const [gpu] = node.gpus;
      ok(gpu.counters.energy > energy[index]);
      energy[index] = gpu.counters.energy;
      // The thresholds of the catalogue's warnings.
      ok(gpu.temperature < (node.exporter.startsWith("dcgm") ? 75 : 90), `${gpu.temperature} °C`);
      ok(gpu.memoryUsed < 0.9 * gpu.model.memory && gpu.memoryFree >= 0);
      ok(gpu.power >= gpu.model.power[0] && gpu.power < 1.05 * gpu.model.power[1]);
    }
  }
});

Deno.test("each fault shows while it lasts, on its GPU alone, and is gone after", () => {
  const fake = cluster(["dcgm", "amd-mi3xx"]);
  const [nvidia, amd] = fake.nodes;
  const looks: [string, () => number | undefined, (value?: number) => boolean][] = [
    ["xid13:fake1/gpu1", () => valueOf(fake.gpuMetrics(nvidia), "DCGM_FI_DEV_XID_ERRORS", 'gpu="1"'), (v) => v === 13],
    ["xid79:fake1/gpu1", () => valueOf(fake.gpuMetrics(nvidia), "DCGM_FI_DEV_GPU_TEMP", 'gpu="1"'), (v) => !v],
    ["thermal:fake1/gpu1", () => valueOf(fake.gpuMetrics(nvidia), "DCGM_FI_DEV_GPU_TEMP", 'gpu="1"'), (v) => v! > 90],
    ["dbe:fake1/gpu1", () => valueOf(fake.gpuMetrics(nvidia), "DCGM_FI_DEV_ECC_DBE_VOL_TOTAL", 'gpu="1"'), (v) => !!v],
    [
      "nvlink:fake1/gpu1",
      () => valueOf(fake.gpuMetrics(nvidia), "DCGM_FI_DEV_NVLINK_CRC_FLIT_ERROR_COUNT_TOTAL", 'gpu="1"'),
      (v) => v! > 100,
    ],
    [
      "memory-leak:fake1/gpu1",
      () => valueOf(fake.gpuMetrics(nvidia), "DCGM_FI_DEV_FB_FREE", 'gpu="1"'),
      (v) => v! < 900,
    ],
    ["afid30:fake2/gpu1", () => valueOf(fake.gpuMetrics(amd), "gpu_afid_errors", 'gpu_id="1"'), (v) => v === 30],
    [
      "thermal:fake2/gpu1",
      () => valueOf(fake.gpuMetrics(amd), "gpu_junction_temperature", 'gpu_id="1"'),
      (v) => v! > 100,
    ],
    ["dbe:fake2/gpu1", () => valueOf(fake.gpuMetrics(amd), "gpu_health", 'gpu_id="1"'), (v) => v === 0],
    ["node-loss:fake2", () => fake.nodes[1].answers ? 0 : 1, (v) => v === 1],
  ];
  for (const [text, look, shows] of looks) {
    ok(!shows(look()), `${text} before`);
    const fault = fake.addFault(parseFault(text, "test"), "test");
    fake.advance(fake.second + 60);
    ok(shows(look()), `${text}: ${look()}`);
    doesNotMatch(fake.gpuMetrics(nvidia), /gpu="0".*err_code="[1-9]/);
    strictEqual(fake.endFault(fault.id)?.state, "ended");
    fake.advance(fake.second + 60);
    ok(!shows(look()), `${text} after: ${look()}`);
  }
});

Deno.test("faults begin and end by script", () => {
  const fake = cluster();
  const fault = fake.addFault(parseFault("xid79@60s+2m:fake1/gpu3", "test"), "test");
  const states = [59, 60, 179, 180].map((second) => {
    fake.advance(second);
    return [fault.state, fake.nodes[0].gpus[3].lost];
  });
  deepStrictEqual(states, [["planned", false], ["active", true], ["active", true], ["ended", false]]);
});

Deno.test("a fault that makes no sense is told at its place", () => {
  const fake = cluster(["dcgm", "amd-mi3xx"]);
  const add = (text: string) => () => fake.addFault(parseFault(text, "--fault"), "--fault");
  const cases: [string, RegExp][] = [
    ["xid:fake1/gpu0", /--fault:1:1: error: 'xid' needs a code/],
    ["xod79:fake1/gpu0", /--fault:1:1: error: there is no fault 'xod'[^]*did you mean 'xid'/],
    ["thermal3:fake1/gpu0", /--fault:1:8: error: 'thermal' takes no code/],
    ["thermal:fake1", /--fault:1:9: error: 'thermal' is of one GPU[^]*fake1\/gpu0/],
    ["node-loss:fake1/gpu0", /--fault:1:16: error: 'node-loss' is of a whole node/],
    ["thermal:fake9/gpu0", /--fault:1:9: error: there is no fake node 'fake9'[^]*fake1 to fake2/],
    ["thermal:fake1/gpu9", /--fault:1:15: error: fake1 has no gpu9[^]*gpu0 to gpu3/],
    ["xid79:fake2/gpu0", /--fault:1:1: error: 'xid' is of NVIDIA's GPUs, and fake2 has AMD's/],
    ["afid30:fake1/gpu0", /'afid' is of AMD's GPUs/],
    ["thermal@soon:fake1/gpu0", /is no fault[^]*KIND\[@START\]/],
    ["", /is no fault/],
  ];
  for (const [text, message] of cases) throws(add(text), { message });
});
