import { deepStrictEqual, match, ok, rejects, strictEqual, throws } from "node:assert";
import { groupScript, parseGroup, parseUser, userScript } from "../../../engine/host/account_queries.ts";
import { ConnectError } from "../../../engine/transport/session.ts";
import { packageScript, parsePackage } from "../../../engine/host/package_queries.ts";
import { reasonOf } from "../../../engine/host/script.ts";
import { parseUnit } from "../../../engine/host/unit_queries.ts";
import { onThisMachine } from "./local_host.ts";

Deno.test("parsePackage() reads dpkg, rpm and apk", () => {
  const both = { installed: true, version: "1.2-3", candidate: "1.3-1" };
  deepStrictEqual(parsePackage(0, "dpkg\nii |1.2-3\n--\nx:\n  Installed: 1.2-3\n  Candidate: 1.3-1\n"), both);
  deepStrictEqual(parsePackage(0, "dpkg\nrc |1.2-3\n--\nx:\n  Candidate: (none)\n"), { installed: false });
  deepStrictEqual(parsePackage(0, "dpkg\nhi |1.2-3\n--\n"), { installed: true, version: "1.2-3" });
  deepStrictEqual(parsePackage(0, "rpm\n=1.2-3\n--\n\n0:1.3-1\n"), both);
  deepStrictEqual(parsePackage(0, "rpm\npackage x is not installed\n--\nName : x\nVersion        : 1.3-1\n"), {
    installed: false,
    candidate: "1.3-1",
  });
  const apk = "apk\nx policy:\n  1.2-3:\n    lib/apk/db/installed\n    https://a\n  1.3-1:\n    https://a\n--\n";
  deepStrictEqual(parsePackage(0, apk), both);
  throws(() => parsePackage(45, ""), /none of the package managers/);
  throws(() => packageScript("-x", true), /not a package name/);
  throws(() => packageScript("lib*", true), /not a package name/);
});

Deno.test("parseUnit() reads properties, and says where systemd does not run", () => {
  const stdout =
    "LoadState=loaded\nActiveState=active\nUnitFileState=\nNeedDaemonReload=yes\nMainPID=12\nFragmentPath=/x=y\n";
  deepStrictEqual(parseUnit("x", { code: 0, stdout, stderr: "" }), {
    load: "loaded",
    active: "active",
    enabled: "",
    needsReload: true,
    mainPid: 12,
    path: "/x=y",
  });
  throws(() => parseUnit("x", { code: 41, stdout: "", stderr: "init\n" }), /process 1 is init.*unit x.service/);
});

Deno.test("users and groups are parsed, and another's number is nobody's name", () => {
  const output = "prom:x:990:991:A b:/home/p:/bin/sh\nprom\nprom adm docker\nlocked\n";
  const user = parseUser("prom", output);
  deepStrictEqual(user?.groups, ["adm", "docker"]);
  deepStrictEqual([user?.uid, user?.gid, user?.comment, user?.group, user?.locked], [990, 991, "A b", "prom", true]);
  strictEqual(parseUser("990", output), undefined);
  strictEqual(parseUser("x", ""), undefined);
  deepStrictEqual(parseGroup("adm", "adm:x:4:a,b\n"), { name: "adm", gid: 4, members: ["a", "b"] });
  strictEqual(parseGroup("4", "adm:x:4:\n"), undefined);
  ok(userScript("a b").includes("'a b'") && groupScript("a b").includes("'a b'"));
});

Deno.test("reasonOf() finds the reason at the end of what a tool printed", () => {
  strictEqual(reasonOf("sh: 1: cannot create /x: Permission denied\n"), "Permission denied");
  strictEqual(reasonOf("sh: cannot create /x/y: Directory nonexistent"), "No such file or directory");
  strictEqual(
    reasonOf("dd: error writing 'x': No space left on device\n2+0 records in\n1+0 records out\n5 bytes copied"),
    "No space left on device",
  );
  strictEqual(reasonOf(""), "it gave no reason");
});

Deno.test("a real host answers about accounts, packages, programs and facts", async () => {
  await onThisMachine(async ({ host }) => {
    const [root, nobody, group, sh, facts] = await Promise.all([
      host.account("root"),
      host.account("no such user"),
      host.group("root"),
      host.which("sh"),
      host.facts(),
    ]);
    deepStrictEqual([root?.uid, root?.group, nobody, group?.gid], [0, "root", undefined, 0]);
    match(sh ?? "", /\/sh$/);
    strictEqual(await host.which("/bin/sh"), "/bin/sh");
    strictEqual(await host.which("cd"), undefined);
    await rejects(host.which("a/b"), /not the name of a program/);
    strictEqual(facts.system, "Linux");
    strictEqual(facts.user_id, "root");
    ok(Number(facts.memtotal_mb) > 0);
    if (facts.pkg_mgr === "apt") strictEqual((await host.package("dpkg", { candidate: false })).installed, true);
    if (facts.service_mgr !== "systemd") await rejects(host.unit("x"), /systemd does not run/);
  });
});

Deno.test("a task's environment reaches commands", async () => {
  await onThisMachine(async ({ host }) => {
    const result = await host.probe(["sh", "-c", 'echo "$A $B"'], { environment: { B: "2" } });
    strictEqual(result.stdout, "it's 2\n");
    await rejects(host.probe(["true"], { environment: { "a-b": "" } }), /'a-b' is not a name/);
    await rejects(host.reconnect({ deadline: 1 }), /cannot be opened again/);
  }, { environment: { A: "it's", B: "1" } });
});

Deno.test("fetch() and connect() leave from the host", async () => {
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, async (request) => {
    const { pathname } = new URL(request.url);
    if (pathname === "/moved") return Response.redirect(new URL("/there", request.url));
    return new Response(`${request.method} ${pathname} ${await request.text()}`, { headers: { "x-a": "b" } });
  });
  const { port } = server.addr;
  try {
    await onThisMachine(async ({ host }) => {
      const posted = await host.fetch(`http://127.0.0.1:${port}/p?q`, { method: "POST", body: "é" });
      deepStrictEqual([posted.status, posted.headers.get("x-a"), await posted.text()], [200, "b", "POST /p é"]);
      const moved = await host.fetch(`http://127.0.0.1:${port}/moved`);
      deepStrictEqual([moved.url, await moved.text()], [`http://127.0.0.1:${port}/there`, "GET /there "]);
      await rejects(host.fetch(`https://127.0.0.1:${port}/`), ConnectError);
      const closed = Deno.listen({ port: 0, hostname: "127.0.0.1" });
      closed.close();
      await rejects(host.fetch(`http://127.0.0.1:${closed.addr.port}/`), /connection refused/i);
      await rejects(host.connect("127.0.0.1", closed.addr.port), ConnectError);
    });
  } finally {
    await server.shutdown();
  }
});
