import { deepStrictEqual, match, ok, strictEqual } from "node:assert";
import uri from "../../../modules/uri/mod.ts";
import { testModule } from "./harness.ts";
import { withServer } from "./http_server.ts";
import { failure, perform } from "./sources.ts";

testModule("uri", [
  {
    name: "nobody answers",
    args: "url: http://127.0.0.1:9/",
    fails: /^Status code was -1 and not \[200\]: Request failed: /,
  },
  { name: "creates skips", args: "url: http://127.0.0.1:9/\nmethod: POST\ncreates: /etc/passwd", changes: [] },
], async (bench, t) => {
  const answer = ({ path }: { path: string }): Response => {
    if (path === "/json") return Response.json({ ready: true, list: [1, "two"] });
    if (path === "/moved") return new Response(null, { status: 302, headers: { location: "/json" } });
    if (path === "/slow") return new Response(new ReadableStream());
    return new Response("no", { status: 404, statusText: "Not Found", headers: { "set-cookie": "a=b" } });
  };
  await withServer(bench, answer, async (base, seen) => {
    await t.step("GET reads, from the host", async () => {
      const { plan, result } = await perform(bench, uri, { url: `${base}/json`, return_content: true });
      deepStrictEqual([plan.changes.length, result.status, result.json], [0, 200, { ready: true, list: [1, "two"] }]);
      ok(seen.every(({ from }) => from === bench.machine.address), "the request did not leave from the host");
    });
    await t.step("redirects are followed on demand", async () => {
      const { result } = await perform(bench, uri, { url: `${base}/moved` });
      deepStrictEqual([result.status, result.redirected, result.url], [200, true, `${base}/json`]);
      match(
        await failure(bench, uri, { url: `${base}/moved`, follow_redirects: "none" }),
        /^Status code was 302 and not \[200\]/,
      );
    });
    await t.step("POST sends what it should", async () => {
      const send = async (args: Record<string, unknown>) => {
        seen.length = 0;
        await perform(bench, uri, { url: `${base}/json`, method: "POST", ...args });
        return [seen[0].body, seen[0].headers.get("content-type"), seen[0].headers.get("authorization")];
      };
      deepStrictEqual(await send({ body: { a: 1 }, body_format: "json" }), ['{"a":1}', "application/json", null]);
      deepStrictEqual(await send({ body: { a: "x y", b: [1, 2] }, body_format: "form-urlencoded" }), [
        "a=x+y&b=1&b=2",
        "application/x-www-form-urlencoded",
        null,
      ]);
      const named = { url_username: "me", url_password: "pä", headers: { "Content-Type": "text/x" }, body: "raw" };
      deepStrictEqual(await send(named), ["raw", "text/x", "Basic bWU6cMOk"]);
    });
    await t.step("another status fails with the result", async () => {
      strictEqual(
        await failure(bench, uri, { url: `${base.replace("//", "//me:geheim@")}/none` }),
        "Status code was 404 and not [200]: HTTP Error 404: Not Found",
      );
      const { result } = await perform(bench, uri, { url: `${base}/none`, status_code: [404] });
      deepStrictEqual([result.status, Object.keys(result).includes("set_cookie")], [404, false]);
    });
    await t.step("an answer that does not come is given up", async () => {
      match(
        await failure(bench, uri, { url: `${base}/slow`, timeout: 1 }),
        /Request failed: no answer from .* within 1 s$/,
      );
    });
  });
});
