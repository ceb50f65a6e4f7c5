/**
 * The one file for sites without internet: built here, run where there is neither Deno nor Node nor a network.
 *
 * @module
 */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { versionOf } from "../../tools/compile.ts";
import { waitUntil } from "../fleet/command.ts";
import { Fleet } from "../fleet/fleet.ts";
import type { Host } from "../fleet/host.ts";
import { fleetObstacle } from "../fleet/prerequisites.ts";
import { recapOf } from "./aami.ts";
import { BARE_TOOLS, isolationObstacle, output, SingleFile, timed } from "./single_file.ts";

const obstacle = await isolationObstacle();
if (obstacle) console.log(`left out: the one file without network: ${obstacle}`);
const noMounts = obstacle ?? (Deno.uid() === 0 ? undefined : "mounting needs root");
const fleetless = await fleetObstacle();
if (fleetless) console.log(`left out: the one file on a real host: ${fleetless.reason} ${fleetless.aptLine ?? ""}`);

Deno.test({ name: "the one file", ignore: obstacle !== undefined }, async (t) => {
  await using file = await SingleFile.build();
  const { size, unpacked } = file.made;
  console.log(`size: ${megabytes(size)}, unpacked ${megabytes(unpacked)}; built in ${seconds(file.took)}`);
  await t.step("says its version with an empty home and bare tools", () => saysVersion(file));
  await t.step("starts", () => startsQuickly(file));
  await t.step("loads what a command needs, and no more", () => loadsLittle(file));
  await t.step("plays a playbook with a template", () => playsTemplate(file));
  await t.step("the operator's files win", () => operatorWins(file));
  await t.step("a finding in a built-in file points into it", () => pointsIntoBuiltin(file));
  await t.step("two first starts at once", () => startsTwice(file));
  await t.step("a damaged file is refused", () => refusesDamage(file));
  await t.step("ends with 130 when it is interrupted", () => isInterrupted(file));
  await t.step({ name: "a home that runs nothing", ignore: noMounts !== undefined, fn: () => noexecHome(file) });
  await t.step({ name: "a root that is read-only", ignore: noMounts !== undefined, fn: () => readOnlyRoot(file) });
  await t.step("built again elsewhere it is the same, byte for byte", async () => {
    strictEqual((await file.again()).sha256, file.made.sha256);
  });
  await t.step({
    name: "installs the stack from a real host",
    ignore: fleetless !== undefined,
    fn: () => onHost(file),
  });
});

async function saysVersion(file: SingleFile): Promise<void> {
  const env = { PATH: await file.path(BARE_TOOLS), HOME: await file.newFolder("home") };
  const start = performance.now();
  const first = await file.aami(["version"], env);
  console.log(`first start: ${seconds(performance.now() - start)}`);
  deepStrictEqual(first, { code: 0, stdout: `${versionOf(file.origin)}\n`, stderr: "" });
  deepStrictEqual(await file.aami(["--version"], env), first);
  const names = [...Deno.readDirSync(env.HOME), ...Deno.readDirSync(`${env.HOME}/.cache`)].map(({ name }) => name);
  deepStrictEqual(names, [".cache", "aami"]);
  const homeless = await file.aami(["version"], { PATH: env.PATH, XDG_CACHE_HOME: `${env.HOME}/.cache` });
  deepStrictEqual(homeless, first);
}

async function startsQuickly(file: SingleFile): Promise<void> {
  const env = { PATH: await file.path(BARE_TOOLS), HOME: await file.newFolder("home") };
  for (let run = 0; run < 2; run++) strictEqual((await file.aami(["--help"], env)).code, 0);
  const empty = `${file.folder}/empty.js`;
  await Deno.writeTextFile(empty, "");
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  const aami = ["/usr/bin/env", "-i", ...variables, file.made.path, "--help"];
  const [help, bare] = await timed([aami, [Deno.execPath(), "run", empty]], 21);
  const times = (helped: number, bared: number) => `${(helped / bared).toFixed(1)} times`;
  console.log(
    `aami --help: ${help.middle} ms (least ${help.least}); a bare deno run: ${bare.middle} ms (least ${bare.least}): ` +
      `${times(help.middle, bare.middle)} (least by least ${times(help.least, bare.least)}; the aim is 4)`,
  );
}

/** What the entry imports, directly or not, without what is loaded later. */
async function loadsLittle(file: SingleFile): Promise<void> {
  const seen = new Set(["main.js"]);
  let texts = "";
  for (const name of seen) {
    const text = await Deno.readTextFile(`${file.folder}/work/program/${name}`);
    texts += text;
    for (const [, other] of text.matchAll(/^(?:\} from|import(?: .* from)?) "\.\/([^"]+)";$/gm)) seen.add(other);
  }
  const packages = new Set([...texts.matchAll(/\bnpm\/((?:@[^/]+\/)?[^/]+)\//g)].map(([, name]) => name));
  console.log(
    `at the start: ${seen.size} files, ${Math.round(texts.length / 1000)} kB, of ${[...packages].join(", ")}`,
  );
  deepStrictEqual([...packages].sort(), ["commander"]);
}

const SITE = `
- hosts: localhost
  tasks:
    - template: { src: greeting.hbs, dest: "{{ playbook_dir }}/greeting" }
    - shell: echo "\${DENO_DIR-none} \${DENO_NO_UPDATE_CHECK-none}" > {{ playbook_dir }}/environment
`;

async function playsTemplate(file: SingleFile): Promise<void> {
  const env = { PATH: await file.path(), HOME: await file.newFolder("home") };
  const site = await file.newFolder("site");
  await Deno.mkdir(`${site}/templates`);
  await Deno.writeTextFile(`${site}/site.yml`, SITE);
  await Deno.writeTextFile(
    `${site}/templates/greeting.hbs`,
    "{{upper inventory_hostname}} of {{join groups.all ','}}\n",
  );
  const ran = await file.aami(["play", "site.yml"], env, site);
  strictEqual(ran.code, 0, ran.stdout + ran.stderr);
  strictEqual(await Deno.readTextFile(`${site}/greeting`), "LOCALHOST of localhost\n");
  // What the file sets for its own Deno is not seen by what it starts.
  strictEqual(await Deno.readTextFile(`${site}/environment`), "none none\n");
}

async function operatorWins(file: SingleFile): Promise<void> {
  const env = { PATH: await file.path(), HOME: await file.newFolder("home") };
  const site = await file.newFolder("site");
  await Deno.mkdir(`${site}/roles/stack_source/tasks`, { recursive: true });
  await Deno.writeTextFile(`${site}/roles/stack_source/tasks/main.yml`, "- fail: { msg: the operator's role }\n");
  const role = await file.aami(["play", "install-stack", "--check"], env, site);
  strictEqual(role.code, 2, role.stderr);
  match(role.stdout, /the operator's role/);
  match(role.stdout, /\broles\/stack_source\/tasks\/main\.yml:1:3/);
  await Deno.writeTextFile(
    `${site}/install-stack.yml`,
    "- hosts: all\n  tasks: [{ debug: { msg: the operator's play } }]\n",
  );
  await Deno.mkdir(`${site}/inventory`);
  await Deno.writeTextFile(`${site}/inventory/default.yml`, "all: { hosts: { own: { ansible_connection: local } } }\n");
  const play = await file.aami(["play", "install-stack", "--check"], env, site);
  strictEqual(play.code, 0, play.stderr);
  match(play.stdout, /own[\s\S]*the operator's play/);
  const copied = await file.aami(["playbooks", "--copy", "copy"], env, site);
  strictEqual(copied.code, 0, copied.stderr);
  for (const name of ["playbooks/roles/prometheus/templates/prometheus.yml.hbs", "inventory/examples/cluster.yml"]) {
    strictEqual(await Deno.readTextFile(`${site}/copy/${name}`), await Deno.readTextFile(name));
  }
  const refused = await file.aami(["playbooks", "--copy", "copy"], env, site);
  strictEqual(refused.code, 1);
  match(refused.stderr, /^error: 'copy\/playbooks\/install-stack\.yml' is there already\n {2}help:/);
}

async function pointsIntoBuiltin(file: SingleFile): Promise<void> {
  const env = { PATH: await file.path(), HOME: await file.newFolder("home") };
  const wrong = await file.aami(["play", "install-stack", "--check", "-e", "install_from=disrto"], env);
  strictEqual(wrong.code, 2, wrong.stderr);
  match(wrong.stdout, /builtin:playbooks\/roles\/stack_source\/tasks\/main\.yml:3:3/);
}

async function startsTwice(file: SingleFile): Promise<void> {
  const env = { PATH: await file.path(BARE_TOOLS), AAMI_CACHE: await file.newFolder("cache") };
  const runs = await Promise.all([1, 2].map(() => file.aami(["version"], env)));
  deepStrictEqual(runs, [1, 2].map(() => ({ code: 0, stdout: `${versionOf(file.origin)}\n`, stderr: "" })));
  const left = [...Deno.readDirSync(`${env.AAMI_CACHE}/aami`)].map(({ name }) => name);
  strictEqual(left.length, 1, left.join());
  const inside = [...Deno.readDirSync(`${env.AAMI_CACHE}/aami/${left[0]}`)].map(({ name }) => name);
  deepStrictEqual(inside.sort(), ["cache", "deno", "program"]);
}

async function refusesDamage(file: SingleFile): Promise<void> {
  const damaged = `${file.folder}/damaged`;
  const content = (await Deno.readFile(file.made.path)).subarray(0, -1000);
  await Deno.writeFile(damaged, content, { mode: 0o755 });
  const cache = await file.newFolder("cache");
  for (const tools of [BARE_TOOLS, [...BARE_TOOLS, "sha256sum"]]) {
    const env = { PATH: await file.path(tools), AAMI_CACHE: cache };
    const ran = await output(file.isolated([damaged, "version"], env));
    strictEqual(ran.code, 1);
    match(ran.stderr, /^aami: .*damaged (?:is damaged|could not be unpacked)/m);
    deepStrictEqual([...Deno.readDirSync(`${cache}/aami`)], []);
  }
}

async function isInterrupted(file: SingleFile): Promise<void> {
  const env = { PATH: await file.path(), HOME: await file.newFolder("home") };
  const site = await file.newFolder("site");
  await Deno.writeTextFile(`${site}/site.yml`, "- hosts: localhost\n  tasks: [{ shell: touch begun; sleep 3 }]\n");
  const [program, ...args] = file.isolated([file.made.path, "play", "site.yml"], env);
  const child = new Deno.Command(program, { args, cwd: site, stdin: "null", stdout: "null", stderr: "null" }).spawn();
  await waitUntil("the task has begun", () => Deno.stat(`${site}/begun`).then(() => true, () => false), 30_000, 50);
  // unshare, env and the script have each become the next: it is this very process that is asked to stop.
  child.kill("SIGINT");
  strictEqual((await child.status).code, 130);
}

async function noexecHome(file: SingleFile): Promise<void> {
  const home = await file.newFolder("home");
  const path = await file.path();
  const script = `mount -t tmpfs -o noexec,size=300m tmpfs ${home} && exec "$@"`;
  const run = (env: Record<string, string>) =>
    output(["unshare", "-n", "-m", "sh", "-c", script, "sh", ...file.isolated([file.made.path, "version"], env)]);
  deepStrictEqual(await run({ PATH: path, HOME: home }), {
    code: 1,
    stdout: "",
    stderr: `aami: no program may be run below ${home}/.cache (is it mounted noexec?)\n` +
      `  help: say where else with AAMI_CACHE=DIRECTORY; it takes ${Math.ceil(file.made.unpacked / 1e6)} MB\n`,
  });
  const told = await run({ PATH: path, HOME: home, AAMI_CACHE: await file.newFolder("cache") });
  strictEqual(told.stdout, `${versionOf(file.origin)}\n`, told.stderr);
}

async function readOnlyRoot(file: SingleFile): Promise<void> {
  const root = await file.newFolder("root");
  const script = `mount --bind / "$0" && mount -o remount,bind,ro "$0" && mount --rbind /proc "$0/proc" &&
    mount --rbind /dev "$0/dev" && mount -t tmpfs tmpfs "$0/run" && mount --bind -o ro ${file.folder} "$0/mnt" &&
    exec chroot "$0" "$@"`;
  const path = "/usr/sbin:/usr/bin:/sbin:/bin";
  const run = (...env: string[]) => {
    const aami = [
      "/usr/bin/env",
      "-i",
      `PATH=${path}`,
      ...env,
      "/mnt/out/" + file.made.path.split("/").at(-1),
      "version",
    ];
    return output(["unshare", "-n", "-m", "sh", "-c", script, root, ...aami]);
  };
  const refused = await run("HOME=/root");
  strictEqual(refused.code, 1);
  match(
    refused.stderr,
    /^aami: nothing can be unpacked into \/root\/\.cache: it may not be written\n {2}help: .*AAMI_CACHE/,
  );
  const told = await run("AAMI_CACHE=/run");
  strictEqual(told.stdout, `${versionOf(file.origin)}\n`, told.stderr);
}

async function onHost(file: SingleFile): Promise<void> {
  await using fleet = await Fleet.up({ hosts: 1 });
  const [host] = fleet.hosts;
  await carry(file, host);
  strictEqual((await host.exec("command -v deno node python3")).stdout, "");
  const aami = (args: string) => host.exec(`unshare -n sh -c 'ip link set lo up; exec aami ${args}'`);
  strictEqual((await aami("version")).stdout, `${versionOf(file.origin)}\n`);
  const check = await aami("play install-stack --check -o jsonl");
  strictEqual(check.code, 0, check.stdout.slice(-3000) + check.stderr);
  const start = performance.now();
  const real = await host.exec("aami play install-stack -e install_from=distro -o jsonl");
  strictEqual(real.code, 0, real.stdout.slice(-3000) + real.stderr);
  console.log(`install-stack on the host by itself: ${seconds(performance.now() - start)}`, recapOf(real.stdout).hosts);
  const ready = await fetch(`http://${host.address}:9090/-/ready`);
  match(await ready.text(), /Ready/);
  const again = await host.exec("aami play install-stack -e install_from=distro --check --detailed-exitcode");
  strictEqual(again.code, 0, again.stdout.slice(-3000));
  // A template of the operator's lies over the built-in role.
  await host.write("/root/site/roles/prometheus/templates/prometheus.yml.hbs", "# the operator's\n");
  const over = await host.exec("cd /root/site && aami play install-stack -e install_from=distro --check --diff");
  strictEqual(over.code, 0, over.stdout.slice(-3000));
  match(over.stdout, /^ *\+# the operator's$/m);
  await overSsh(file, fleet);
}

/** The file reaches hosts as the checkout does. */
async function overSsh(file: SingleFile, fleet: Fleet): Promise<void> {
  const env = [`PATH=${await file.path()}`, `HOME=${await file.newFolder("home")}`];
  await Deno.writeTextFile(`${file.folder}/ping.yml`, "- hosts: all\n  tasks: [{ ping: }]\n");
  const flags = ["-i", fleet.inventoryFile, "--host-key-checking", "off", "-o", "jsonl"];
  const ran = await output(["/usr/bin/env", "-i", ...env, file.made.path, "play", `${file.folder}/ping.yml`, ...flags]);
  strictEqual(ran.code, 0, ran.stdout + ran.stderr);
  strictEqual(recapOf(ran.stdout).hosts.node1.ok, 1);
}

/** Copies the file to a host, as a person would. */
async function carry(file: SingleFile, host: Host): Promise<void> {
  const script = 'file=$1; shift; exec "$@" <"$file"';
  const receive = "cat > /usr/local/bin/aami && chmod 755 /usr/local/bin/aami";
  const sent = await output(["sh", "-c", script, "sh", file.made.path, ...host.sshCommand(), receive]);
  ok(sent.code === 0, sent.stderr);
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}
