/** Names that a shell would run, as users, groups, units and packages of a real host: refused or taken, never run. */
import assert from "node:assert/strict";
import { HostError } from "../../../engine/host/host.ts";
import { type Module, ModuleError } from "../../../engine/module/module.ts";
import { registry } from "../../../modules/registry.ts";
import { canary, hostileTexts } from "../../unit/host/hostile_values.ts";
import { fleetObstacle } from "../prerequisites.ts";
import { type Bench, withBench } from "./harness.ts";

const obstacle = await fleetObstacle();
const signal = new AbortController().signal;

/** Plans and does what a module makes of the arguments; the message where it refuses. */
async function outcome({ host }: Bench, name: string, given: unknown): Promise<string | undefined> {
  const module = (await registry[name]()).default as Module;
  const parsed = module.args.safeParse(given);
  if (!parsed.success) return parsed.error.issues.map((issue) => issue.message).join("; ");
  try {
    const plan = module.plan(await module.inspect(host, parsed.data, signal), parsed.data);
    await module.apply(host, plan, parsed.data, signal);
    return undefined;
  } catch (error) {
    if (error instanceof ModuleError || error instanceof HostError) return error.message;
    throw error;
  }
}

Deno.test({
  name: "hostile names of users, groups, units and packages are refused or taken as they are, and never run",
  ignore: obstacle !== undefined,
  fn: () =>
    withBench(async (bench) => {
      const { machine } = bench;
      const { name: program, script } = canary("/root/trace");
      await machine.write(`/usr/local/bin/${program}`, script);
      await machine.exec(`chmod 755 /usr/local/bin/${program}; ${program}; test -s /root/trace && rm /root/trace`, {
        mustSucceed: true,
      });
      const taken: string[] = [];
      for (const name of hostileTexts(40, 7)) {
        if (await outcome(bench, "user", { name, create_home: false }) === undefined) taken.push(name);
        else assert.ok(await outcome(bench, "user", { name: "root", groups: [name] }), `group ${JSON.stringify(name)}`);
        for (const module of ["systemd", "service"]) {
          const said = await outcome(bench, module, { name, state: "started" });
          assert.ok(said, `${module} took ${JSON.stringify(name)}`);
        }
      }
      const names = hostileTexts(8, 8);
      assert.ok(await outcome(bench, "package", { name: names }), "packages of such names were installed");
      for (const name of taken) {
        assert.match((await machine.exec('getent passwd -- "$1"', { args: [name] })).stdout, /:/, name);
      }
      const { code } = await machine.exec("test -e /root/trace");
      assert.equal(code, 1, "a name was run");
    }),
});
