/** Runs as an operator meets them: interrupted, resumed, listed, shown, compared; and where no journal can be kept. */
import assert from "node:assert/strict";
import { waitUntil } from "../fleet/command.ts";
import { aami, aamiCommand, type Run, temporaryFolder } from "./aami.ts";

const SITE = `- name: Nodes
  hosts: nodes
  gather_facts: false
  tasks:
    - { name: Write, copy: { dest: "{{ playbook_dir }}/out-{{ inventory_hostname }}", content: "x" }, notify: restart }
    - { name: Gate, command: "test -e {{ playbook_dir }}/gate-{{ inventory_hostname }}", changed_when: false }
    - { name: Slow, command: "sleep {{ seconds }}", changed_when: false }
  handlers:
    - { name: restart, shell: "echo restarted >> {{ playbook_dir }}/log-{{ inventory_hostname }}" }
`;

/** A folder with a playbook for two local hosts. */
class Place implements AsyncDisposable {
  constructor(readonly folder: { path: string } & AsyncDisposable) {}

  static async make(): Promise<Place> {
    const place = new Place(await temporaryFolder());
    await Deno.mkdir(`${place.folder.path}/state/aami/runs`, { recursive: true });
    await place.write("site.yml", SITE);
    await place.write("hosts.ini", "[nodes]\na ansible_connection=local\nb ansible_connection=local\n");
    return place;
  }

  get settings() {
    return { cwd: this.folder.path, env: { XDG_STATE_HOME: `${this.folder.path}/state` } };
  }

  write(name: string, text: string): Promise<void> {
    return Deno.writeTextFile(`${this.folder.path}/${name}`, text);
  }

  read(name: string): Promise<string> {
    return Deno.readTextFile(`${this.folder.path}/${name}`);
  }

  aami(...args: string[]): Promise<Run> {
    return aami(args, this.settings);
  }

  async [Symbol.asyncDispose]() {
    await this.folder[Symbol.asyncDispose]();
  }
}

const PLAY = ["play", "site.yml", "-i", "hosts.ini"];
const recap = ({ stdout }: Run) => stdout.slice(stdout.indexOf("PLAY RECAP")).match(/ok=\d+ +changed=\d+/g);

Deno.test("an interrupt ends the run cleanly with 130 and says how to go on", async () => {
  await using place = await Place.make();
  await place.write("gate-a", "");
  await place.write("gate-b", "");
  const child = aamiCommand([...PLAY, "-e", "seconds=2"], place.settings).spawn();
  const journal = `${place.folder.path}/state/aami/runs`;
  await waitUntil("both are at the gate", async () => {
    for await (const { name } of Deno.readDir(journal)) {
      return (await place.read(`state/aami/runs/${name}`)).split('"name":"Gate"').length === 3;
    }
    return false;
  }, 20_000);
  child.kill("SIGINT");
  const { code, stderr } = await child.output();
  const said = new TextDecoder().decode(stderr);
  assert.equal(code, 130);
  assert.match(said, /^Interrupted: stopping after what is under way\. Again to stop now\.$/m);
  const [, short] = /^To go on: aami play site\.yml --resume ([0-9a-f]{8})$/m.exec(said)!;
  assert.match((await place.aami("runs", "list")).stdout, new RegExp(`^${short} .* interrupted +2 +site\\.yml$`, "m"));

  const resumed = await place.aami("play", "site.yml", "--resume", short, "-e", "seconds=0");
  assert.equal(resumed.code, 0, resumed.stdout + resumed.stderr);
  assert.match(resumed.stdout, new RegExp(`^RESUMED run ${short}: 6 tasks are done already$`, "m"));
  assert.doesNotMatch(resumed.stdout, /TASK/);
  assert.deepEqual(recap(resumed), ["ok=4    changed=2", "ok=4    changed=2"]);
  assert.equal(await place.read("log-a") + await place.read("log-b"), "restarted\nrestarted\n");
});

Deno.test("runs are listed, shown and compared; --limit @failed takes the hosts that failed", async () => {
  await using place = await Place.make();
  await place.write("gate-a", "");
  const flags = ["-e", "seconds=0", "--junit", "junit.xml", "--html", "report.html"];
  const failed = await place.aami(...PLAY, ...flags);
  assert.equal(failed.code, 2);
  assert.match(await place.read("junit.xml"), /<testsuites name="aami" tests="6" failures="1" /);
  assert.match(await place.read("report.html"), /<span class="bad">failed<\/span> Gate/);

  const shown = await place.aami("runs", "show");
  assert.match(
    shown.stdout,
    /: failed\n\na {26}: ok=4 .*\nb {26}: ok=1 .* failed=1 .*\n\nFAILED \[b\] Gate\n {2}task: +site/,
  );
  assert.match(shown.stderr, /^To go on: aami play site\.yml --resume [0-9a-f]{8}$/m);

  await place.write("gate-b", "");
  const again = await place.aami(...PLAY, "-e", "seconds=0", "--limit", "@failed");
  assert.equal(again.code, 0, again.stdout + again.stderr);
  assert.deepEqual(recap(again), ["ok=3    changed=0"]);

  const { runs } = JSON.parse((await place.aami("runs", "list", "-o", "json")).stdout);
  assert.deepEqual(runs.map(({ result, hosts }: { result: string; hosts: number }) => [result, hosts]), [
    ["ok", 1],
    ["failed", 2],
  ]);
  const difference = await place.aami("runs", "diff", runs[1].id, runs[0].id);
  assert.equal(difference.code, 3);
  assert.match(difference.stdout, /^Nodes: Gate\n {4}failed → ok: b\n {4}ok → not run: a$/m);
  assert.equal((await place.aami("runs", "diff", runs[0].id, runs[0].id)).code, 0);
  const page = await place.aami("runs", "show", runs[1].id.slice(0, 8), "--html", "again.html");
  assert.equal(page.code, 0);
  assert.match(await place.read("again.html"), /<span class="bad">failed<\/span> Gate/);
});

Deno.test("where no journal can be kept, that is said once and the run goes on", async () => {
  await using place = await Place.make();
  await place.write("gate-a", "");
  await place.write("gate-b", "");
  const { cwd } = place.settings;
  const run = await aami([...PLAY, "-e", "seconds=0"], { cwd, env: { XDG_STATE_HOME: "/proc/nothing" } });
  assert.equal(run.code, 0, run.stderr);
  const told = run.stderr.match(/^warning: no journal of this run is kept, so it cannot be resumed: .*/gm);
  assert.equal(told?.length, 1, run.stderr);
});
