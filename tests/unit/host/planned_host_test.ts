import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert";
import { type ReadOnlyHost, type UnitState, UnknownUntilApplied, type UserState } from "../../../engine/host/host.ts";
import { PlannedState } from "../../../engine/host/planned_state.ts";
import { Recorder } from "../../../engine/host/recorder.ts";
import { onThisMachine } from "./local_host.ts";

const RUNNING: UnitState = {
  load: "loaded",
  active: "active",
  enabled: "enabled",
  needsReload: false,
  mainPid: 7,
  path: "/etc/systemd/system/known.service",
};
const NOT_FOUND: UnitState = {
  load: "not-found",
  active: "inactive",
  enabled: "",
  needsReload: false,
  mainPid: 0,
  path: "",
};

/** A host with no files, one unit, one user; what a test does not ask for is not there. */
function fakeHost(): ReadOnlyHost {
  const nothing = () => Promise.resolve(undefined);
  const root: UserState = {
    name: "root",
    uid: 0,
    gid: 0,
    comment: "",
    home: "/",
    shell: "/bin/sh",
    group: "root",
    groups: [],
  };
  return {
    name: "fake",
    user: "root",
    stat: nothing,
    read: nothing,
    hash: nothing,
    list: nothing,
    tree: nothing,
    package: () => Promise.resolve({ installed: false }),
    unit: (name) => Promise.resolve(name.startsWith("known") ? RUNNING : NOT_FOUND),
    account: (name) => Promise.resolve(name === "root" ? root : undefined),
    group: nothing,
    facts: () => Promise.resolve({ system: "Linux" }),
    which: nothing,
    probe: () => Promise.resolve({ code: 0, stdout: "", stderr: "" }),
    fetch: () => Promise.resolve(new Response("ok")),
    connect: () => Promise.reject(new Error("not here")),
  };
}

function unknown(reading: Promise<unknown>, key: string): Promise<void> {
  return rejects(reading, (error: Error) => {
    ok(error instanceof UnknownUntilApplied, String(error));
    strictEqual(error.key, key);
    return true;
  });
}

const unitFile = (text: string, name = "new.service") => ({
  do: "write" as const,
  path: `/etc/systemd/system/${name}`,
  content: text,
});

Deno.test("a planned unit file makes its unit known, and a known one needs a reload", async () => {
  const state = new PlannedState();
  state.add([unitFile("[Service]\n[Install]\n")]);
  state.add([unitFile("[Service]\n", "still.service")]);
  state.add([unitFile("x", "known.service.d/10.conf")]);
  const host = state.wrap(fakeHost());
  const after = { load: "loaded", active: "inactive", enabled: "disabled", needsReload: true, mainPid: 0 };
  deepStrictEqual(await host.unit("new"), { ...after, path: "/etc/systemd/system/new.service" });
  deepStrictEqual(await host.unit("still"), { ...after, enabled: "static", path: "/etc/systemd/system/still.service" });
  deepStrictEqual(await host.unit("known"), { ...RUNNING, needsReload: true });
  deepStrictEqual([host.predicted, host.uncertain], [true, false]);
  state.add([], [{ key: "unit:*" }]);
  strictEqual((await state.wrap(fakeHost()).unit("known")).needsReload, false);
  strictEqual((await state.wrap(fakeHost()).unit("new")).load, "loaded");
});

Deno.test("a planned after-state answers its typed query, and a later file counts on top", async () => {
  const state = new PlannedState();
  state.add([unitFile("x", "known.service")]);
  state.add([], [{ key: "unit:known", after: { ...RUNNING, mainPid: 0 } }]);
  strictEqual((await state.wrap(fakeHost()).unit("known.service")).needsReload, false);
  state.add([unitFile("y", "known.service")]);
  strictEqual((await state.wrap(fakeHost()).unit("known.service")).needsReload, true);
  state.add([], [{ key: "package:curl", after: { installed: true, version: "8" } }]);
  deepStrictEqual(await state.wrap(fakeHost()).package("curl"), { installed: true, version: "8" });
  state.add([], [{ key: "user:root", after: undefined }, { key: "group:new" }]);
  strictEqual(await state.wrap(fakeHost()).account("root"), undefined);
  await unknown(state.wrap(fakeHost()).group("new"), "group:new");
});

Deno.test("an owner that is planned is known by name, one that is not has no number yet", async () => {
  const state = new PlannedState();
  const user: UserState = {
    name: "prom",
    uid: 990,
    gid: 991,
    comment: "",
    home: "/",
    shell: "/x",
    group: "prom",
    groups: [],
  };
  state.add([], [{ key: "user:prom", after: user }]);
  state.add([{ do: "write", path: "/f", content: "abc", owner: "prom", group: "later", mode: 0o640 }]);
  const host = state.wrap(fakeHost());
  const stat = (await host.stat("/f"))!;
  const { uid, owner, gid, group, mode, size } = stat;
  deepStrictEqual({ uid, owner, gid, group, mode, size }, {
    uid: 990,
    owner: "prom",
    gid: -1,
    group: "later",
    mode: 0o640,
    size: 3,
  });
  deepStrictEqual(await host.group("prom"), { name: "prom", gid: 991, members: [] });
});

Deno.test("what nobody can foresee is unknown, what is untouched is answered", async () => {
  const state = new PlannedState();
  state.add([{ do: "write", path: "/etc/app/app.conf", content: "x" }]);
  state.add([{ do: "run", argv: ["systemctl", "start", "app"] }], [{ key: "unit:app.service" }]);
  const host = state.wrap(fakeHost());
  await unknown(host.probe(["app", "--check"]), "unit:app.service");
  await unknown(host.probe(["app", "--check"], { reads: ["path:/etc/app"] }), "path:/etc/app/app.conf");
  await unknown(host.fetch("http://localhost:80/"), "unit:app.service");
  await unknown(host.connect("127.0.0.1", 80), "unit:app.service");
  await unknown(host.unit("app"), "unit:app.service");
  strictEqual((await host.probe(["uname"], { reads: [] })).code, 0);
  strictEqual((await host.fetch("https://example.org/")).status, 200);
  deepStrictEqual(await host.facts(), { system: "Linux" });
  deepStrictEqual([host.predicted, host.uncertain], [false, false]);
  state.add([{ do: "write", path: "/etc/passwd", content: "" }], [{ key: "facts" }]);
  await unknown(state.wrap(fakeHost()).account("root"), "path:/etc/passwd");
  await unknown(state.wrap(fakeHost()).facts(), "facts");
});

Deno.test("a path that a command makes is unknown, or what the plan says of it", async () => {
  await onThisMachine(async ({ host, directory }) => {
    const at = (name: string) => `${directory}/${name}`;
    await host.perform({ do: "mkdir", path: at("real") });
    const made = (await host.stat(at("real")))!;
    const state = new PlannedState();
    state.add([{ do: "run", argv: ["curl"] }], [{ key: `path:${at("got")}` }]);
    state.add([{ do: "run", argv: ["useradd"] }], [{ key: `path:${at("home")}`, after: { ...made, uid: 7 } }]);
    state.add([{ do: "run", argv: ["cp"] }], [{
      key: `path:${at("copy")}`,
      after: { ...made, type: "file", size: 3 },
    }]);
    state.add([{ do: "run", argv: ["rm"] }], [{ key: `path:${at("real")}`, after: undefined }]);
    state.add([{ do: "write", path: at("home/f"), content: "x" }], [{ key: `path:${directory}` }]);
    state.add([{ do: "ownership", path: at("got"), mode: 0o600 }]);
    const planned = state.wrap(host);
    await unknown(planned.stat(at("got")), `path:${at("got")}`);
    await unknown(planned.hash(at("got/below")), `path:${at("got/below")}`);
    await unknown(planned.list(directory), `path:${at("got")}`);
    await unknown(planned.read(at("copy")), `path:${at("copy")}`);
    strictEqual((await planned.stat(at("copy")))?.size, 3);
    strictEqual((await planned.stat(at("home")))?.uid, 7);
    deepStrictEqual(await planned.list(at("home")), ["f"]);
    strictEqual(await planned.stat(at("real")), undefined);
    state.add([{ do: "write", path: at("got"), content: "known" }]);
    deepStrictEqual(await state.wrap(host).list(directory), ["copy", "got", "home"]);
  });
});

Deno.test("after a plan that touches anything, only what was planned with it or later is sure", async () => {
  const state = new PlannedState();
  strictEqual(state.isEmpty, true);
  state.add([]);
  strictEqual(state.isEmpty, true);
  const seen = async (read: (host: ReadOnlyHost) => Promise<unknown>) => {
    const host = state.wrap(fakeHost());
    await read(host);
    return [host.predicted, host.uncertain];
  };
  state.add([{ do: "write", path: "/old", content: "x" }]);
  state.add([{ do: "run", argv: ["apt-get", "install", "x"] }], [{ key: "*" }, {
    key: "package:x",
    after: { installed: true },
  }]);
  state.add([{ do: "write", path: "/new", content: "x" }]);
  deepStrictEqual(await seen((host) => host.read("/new")), [true, false]);
  deepStrictEqual(await seen((host) => host.package("x")), [true, false]);
  deepStrictEqual(await seen((host) => host.read("/old")), [true, true]);
  deepStrictEqual(await seen((host) => host.read("/other")), [false, true]);
  deepStrictEqual(await seen((host) => host.unit("known")), [false, true]);
  deepStrictEqual(await seen((host) => host.facts()), [false, false]);
  deepStrictEqual(await seen((host) => host.probe(["x"], { reads: ["path:/z"] })), [false, true]);
  await unknown(state.wrap(fakeHost()).fetch("http://[::1]:80/"), "*");
  await rejects(state.wrap(fakeHost()).probe(["x"]), UnknownUntilApplied);
});

Deno.test("planned programs are found, links followed, one file of the controller read", async () => {
  await onThisMachine(async ({ host, directory }) => {
    const local = `${directory}/local`;
    await Deno.writeTextFile(local, "#!/bin/sh\n");
    const sha256 = (await host.hash(local))!;
    const state = new PlannedState();
    const path = `${directory}/tool-1.0`;
    state.add([{ do: "write", path, content: { local, size: 10, sha256 }, mode: 0o755 }]);
    state.add([{ do: "link", path: "/usr/local/bin/aami-test-tool", target: path }]);
    state.add([{ do: "write", path: "/usr/local/bin/aami-test-data", content: "" }]);
    const planned = state.wrap(host);
    strictEqual(await planned.which("aami-test-tool"), "/usr/local/bin/aami-test-tool");
    strictEqual(await planned.which("aami-test-data"), undefined);
    ok((await planned.which("sh"))?.endsWith("/sh"));
    strictEqual(await planned.hash("/usr/local/bin/aami-test-tool"), sha256);
    deepStrictEqual(await planned.read(path), await host.read(local));
    strictEqual((await planned.stat("/usr/local/bin/aami-test-tool", { follow: true }))?.realPath, path);
  });
});

Deno.test("a recorder keeps what was read, by real paths too", async () => {
  await onThisMachine(async ({ host, directory }) => {
    await host.perform({ do: "mkdir", path: `${directory}/real` });
    await host.perform({ do: "link", path: `${directory}/link`, target: "real" });
    await host.perform({ do: "write", path: `${directory}/real/f`, content: "" });
    const recorder = new Recorder(new PlannedState().wrap(host));
    await recorder.hash(`${directory}/link/f`);
    await recorder.stat(`${directory}/link`, { follow: true });
    await recorder.list(`${directory}/none`);
    await recorder.account("root");
    await recorder.group("root");
    await recorder.which("sh");
    await recorder.unit("x").catch(() => {});
    await recorder.probe(["true"], { reads: ["path:/proc"] });
    await recorder.fetch("https://localhost/").catch(() => {});
    await recorder.connect("::1", 1).catch(() => {});
    const paths = ["link/f", "real/f", "link", "real", "none"].map((path) => `path:${directory}/${path}`);
    const others = [
      "user:root",
      "group:root",
      "program:sh",
      "unit:x.service",
      "path:/proc",
      "net:localhost:443",
      "net:::1:1",
    ];
    deepStrictEqual([...recorder.reads].sort(), [...paths, ...others].sort());
    await recorder.probe(["true"]);
    ok(recorder.reads.has("*"));
  });
});

Deno.test("a recorder counts the whole path of a type only where nothing lies there", async () => {
  await onThisMachine(async ({ host, directory }) => {
    const recorder = new Recorder(host);
    const asking = [directory, `${directory}/none`].map((path) =>
      recorder.stat(path, { follow: true, typeOnly: true })
    );
    deepStrictEqual([...recorder.underWay], [`path:${directory}`, `path:${directory}/none`]);
    ok(!recorder.reads.has(`path:${directory}`), "what changes below a directory leaves it one");
    await Promise.all(asking);
    deepStrictEqual([...recorder.underWay], []);
    const types = [`type:${directory}`, `type:${directory}/none`];
    deepStrictEqual([...recorder.reads].sort(), [`path:${directory}/none`, ...types].sort());
  });
});
