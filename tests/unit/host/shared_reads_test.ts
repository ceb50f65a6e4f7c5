import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert";
import { packagesScript, parsePackage, splitPackages } from "../../../engine/host/package_queries.ts";
import { RemoteHost } from "../../../engine/host/remote_host.ts";
import { Together } from "../../../engine/host/together.ts";
import { splitUnits } from "../../../engine/host/unit_queries.ts";
import { type ExecOptions, type ExecResult, OutputLimitError, type Shell } from "../../../engine/transport/session.ts";
import { busyboxShell, onThisMachine, type Place } from "./local_host.ts";

/** A shell that keeps what it is given. */
class Counted implements Shell {
  readonly scripts: string[] = [];
  constructor(private readonly shell: Shell) {}

  exec(script: string, options?: ExecOptions): Promise<ExecResult> {
    this.scripts.push(script);
    return this.shell.exec(script, options);
  }
}

/** A host that reads together with others, one that reads alone, and what the first sent. */
async function both(
  test: (together: RemoteHost, alone: RemoteHost, sent: string[], place: Place) => Promise<void>,
  of: (place: Place) => Promise<Shell | string> = ({ connection }) => connection.shell(),
): Promise<void> {
  await onThisMachine(async (place) => {
    const shell = await of(place);
    if (typeof shell === "string") return console.log(`left out: ${shell}`);
    const counted = new Counted(shell);
    const options = { name: "here", user: "me", connection: place.connection };
    const alone = new RemoteHost({ ...options, shell, signal: new AbortController().signal });
    await test(new RemoteHost({ ...options, shell: counted }), alone, counted.scripts, place);
  });
}

const NAMES = [
  ...["file", "dir", "fifo", "to file", "to dir", "nowhere", "loop", "secret", "secret/x", "dir/in it", "missing"],
  ...["missing/x/y", "file/x", "to dir/in it", "to dir/../file", "-n", "a\\b", "new\nline", "it's *", "", "é☃"],
];

async function populate(directory: string): Promise<void> {
  for (const name of ["dir", "secret"]) await Deno.mkdir(`${directory}/${name}`);
  for (const name of ["file", "dir/in it", "secret/x", "-n", "a\\b", "new\nline", "it's *", "é☃"]) {
    await Deno.writeTextFile(`${directory}/${name}`, name);
  }
  const links = { "to file": "file", "to dir": "dir", nowhere: "../no such", loop: "loop" };
  for (const [name, target] of Object.entries(links)) await Deno.symlink(target, `${directory}/${name}`);
  await new Deno.Command("mkfifo", { args: [`${directory}/fifo`] }).output();
  await Deno.chmod(`${directory}/secret`, 0o600);
  await Deno.chmod(`${directory}/a\\b`, 0);
  await Deno.chmod(`${directory}/-n`, 0);
}

/** Everything that can be asked of the paths; what a read throws is its message. */
function questions(host: RemoteHost, directory: string): Promise<unknown>[] {
  const caught = (reading: Promise<unknown>) => reading.catch((error) => `${error.name}: ${error.message}`);
  return ["/", "/etc/passwd", ...NAMES.map((name) => `${directory}/${name}`)].flatMap((path) => {
    const options = [{}, { follow: true }, { sha256: true }, { follow: true, sha256: true }];
    const stats = options.map((each) => {
      return caught(host.stat(path, each).then((stat) => stat && { ...stat, atime: 0, realPath: stat.realPath }));
    });
    return [...stats, caught(host.hash(path)), caught(host.read(path)), caught(host.list(path))];
  });
}

async function agree(together: RemoteHost, alone: RemoteHost, sent: string[], { directory }: Place): Promise<void> {
  await populate(directory);
  const shared = await Promise.all(questions(together, directory));
  const apart: unknown[] = [];
  for (const question of questions(alone, directory)) apart.push(await question);
  deepStrictEqual(shared, apart);
  ok(sent.length < 130, `${sent.length} scripts`);
  const realPaths = (host: RemoteHost) => NAMES.map((name) => host.realPathOf(`${directory}/${name}`));
  deepStrictEqual(realPaths(together), realPaths(alone));
}

Deno.test("what is looked at together is what each look alone tells", () => both(agree));

Deno.test("what is looked at together is what each look alone tells (busybox)", () => both(agree, busyboxShell));

Deno.test("what is looked at together is what each look alone tells (not root)", () =>
  both(agree, async ({ connection }) => {
    try {
      const shell = await connection.shell({ user: "nobody", method: "su" });
      await shell.exec("true");
      return shell;
    } catch (error) {
      return `su does not make us nobody: ${error}`;
    }
  }));

Deno.test("looks of one turn go as one script, and equal reads are one", () =>
  both(async (together, _, sent, { directory }) => {
    await populate(directory);
    const stats = NAMES.slice(0, 6).map((name) => together.stat(`${directory}/${name}`, { sha256: true }));
    const reads = [1, 2, 3].map(() => together.read(`${directory}/file`));
    await Promise.all([...stats, ...reads]);
    strictEqual(sent.length, 2);
    await Promise.all(["sh", "no such program", "env"].map((name) => together.which(name)));
    strictEqual(sent.length, 3);
    await rejects(together.which("a/b"), /not the name of a program/);
  }));

Deno.test("a read that fails leaves those beside it alone", () =>
  both(async (_, __, ___, { directory, connection }) => {
    await populate(directory);
    const shell = await connection.shell();
    const exec = (script: string, options?: ExecOptions) =>
      script.includes("secret") ? Promise.reject(new OutputLimitError("too much")) : shell.exec(script, options);
    const host = new RemoteHost({ name: "here", user: "me", connection, shell: { exec } });
    const reads = ["secret/x", "file"].map((name) => host.read(`${directory}/${name}`));
    const looks = ["secret/x", "file"].map((name) => host.stat(`${directory}/${name}`));
    const settled = await Promise.allSettled([...reads, ...looks]);
    deepStrictEqual(settled.map(({ status }) => status), ["rejected", "fulfilled", "rejected", "fulfilled"]);
  }));

Deno.test("what was asked before a change is sent before it", () =>
  both(async (together, _, __, { directory }) => {
    const path = `${directory}/x`;
    const before = [together.stat(path), together.stat(directory)];
    const change = together.perform({ do: "write", path, content: "x" });
    strictEqual((await Promise.all(before))[0], undefined);
    await change;
    strictEqual((await together.stat(path))?.size, 1);
  }));

Deno.test("packages are read together, each as it would be alone", () =>
  both(async (together, alone) => {
    const names = ["dpkg", "bash", "no-such-package", "dpkg:all", "base-files"];
    const ask = (host: RemoteHost) =>
      Promise.all(names.map((name) => host.package(name, { candidate: false }).catch(String)));
    deepStrictEqual(await ask(together), await ask(alone));
  }));

Deno.test("splitPackages() parts dpkg's lines by name, and other managers' answers", () => {
  const read = (output: string) =>
    splitPackages(["tar", "tar-doc", "x"], output).map(({ code, stdout }) => parsePackage(code, stdout));
  const version = { installed: true, version: "1.34" };
  deepStrictEqual(read("dpkg\ntar ii |1.34\n"), [version, { installed: false }, { installed: false }]);
  const rpm = ["rpm\n=1.34\n--\n", "rpm\npackage tar-doc is not installed\n--\n", "rpm\n--\n"];
  deepStrictEqual(read(rpm.map((text) => `${text}\0${0}\0`).join("")), [
    version,
    { installed: false },
    { installed: false },
  ]);
  ok(packagesScript(["tar", "x"]).includes("-- tar x "));
});

Deno.test("splitUnits() parts units by the line between them", () => {
  const stdout = "LoadState=loaded\nMainPID=1\n\nLoadState=not-found\nMainPID=0\n";
  const answer = { code: 0, stdout, stderr: "" };
  deepStrictEqual(splitUnits(["a", "b"], answer)?.map((each) => each.stdout.split("\n")[0]), [
    "LoadState=loaded",
    "LoadState=not-found",
  ]);
  strictEqual(splitUnits(["a", "b", "c"], answer), undefined);
  strictEqual(splitUnits(["a", "b"], { ...answer, code: 1 }), undefined);
  strictEqual(splitUnits(["a", "b"], { ...answer, code: 41 })?.length, 2);
});

Deno.test("an error is everyone's who asked, and the next questions are asked anew", async () => {
  let calls = 0;
  const together = new Together((questions: number[]) => {
    if (calls++ === 0) return Promise.reject(new Error("lost"));
    return Promise.resolve(questions.map((each) => each * 2));
  });
  const first = await Promise.allSettled([together.get("1", 1), together.get("2", 2)]);
  deepStrictEqual(first.map(({ status }) => status), ["rejected", "rejected"]);
  deepStrictEqual(await Promise.all([together.get("1", 1), together.get("2", 2), together.get("1", 1)]), [2, 4, 2]);
  strictEqual(calls, 2);
});
