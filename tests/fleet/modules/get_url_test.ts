import { deepStrictEqual, match, ok, strictEqual } from "node:assert";
import { createHash } from "node:crypto";
import getUrl from "../../../modules/get_url/mod.ts";
import { testModule } from "./harness.ts";
import { withServer } from "./http_server.ts";
import { failure, perform, settles } from "./sources.ts";

const BIG = crypto.getRandomValues(new Uint8Array(65536));
const SUM = createHash("sha256").update(BIG).digest("hex");

testModule("get_url", [], async (bench, t) => {
  const served = (path: string): Response => {
    if (path === "/big.bin") return new Response(BIG);
    if (path === "/sums") return new Response(`${"0".repeat(64)}  other\n${SUM} *big.bin\n`);
    if (path === "/fails") return new Response("no", { status: 503, statusText: "Service Unavailable" });
    return new Response("not here", { status: 404, statusText: "Not Found" });
  };
  await withServer(bench, ({ path }) => served(path), async (base, seen) => {
    const asked = () => seen.splice(0).map(({ method, path }) => `${method} ${path}`);
    await t.step("a file is downloaded once, from the host", async () => {
      const args = { url: `${base}/big.bin`, dest: "/opt/", mode: "0640" };
      const { result } = await settles(
        bench,
        getUrl,
        args,
        `echo "${SUM}  /opt/big.bin" | sha256sum -c; test $(stat -c %a /opt/big.bin) = 640`,
      );
      strictEqual(result.checksum, SUM);
      ok(seen.every(({ from }) => from === bench.machine.address), "the request did not leave from the host");
      deepStrictEqual(asked(), ["GET /big.bin"]);
    });
    await t.step("a checksum from a list mends what strayed", async () => {
      await bench.machine.exec("echo x > /opt/big.bin", { mustSucceed: true });
      const args = { url: `${base}/big.bin`, dest: "/opt/big.bin", checksum: `sha256:${base}/sums`, backup: true };
      const { result } = await settles(bench, getUrl, args, `echo "${SUM}  /opt/big.bin" | sha256sum -c`);
      match(String(result.backup_file), /^\/opt\/big\.bin\..*~$/);
      deepStrictEqual(asked(), ["GET /sums", "GET /sums", "GET /big.bin", "GET /sums"]);
    });
    await t.step("a download that is not what it should be is refused", async () => {
      await bench.machine.exec("echo old > /opt/kept", { mustSucceed: true });
      const args = { url: `${base}/big.bin`, dest: "/opt/kept", checksum: `sha256:${"1".repeat(64)}` };
      strictEqual(
        await failure(bench, getUrl, args),
        `${base}/big.bin is not what was expected: its sha256 is ${SUM}, not ${"1".repeat(64)}; /opt/kept is unchanged`,
      );
      await settles(bench, getUrl, { url: `${base}/big.bin`, dest: "/opt/kept" }, "test $(cat /opt/kept) = old");
    });
    await t.step("what goes wrong is said", async () => {
      strictEqual(
        await failure(bench, getUrl, { url: `${base}/none`, dest: "/opt/x" }),
        `${base}/none answered 404 Not Found`,
      );
      const secret = base.replace("http://", "http://me:geheim@");
      strictEqual(
        await failure(bench, getUrl, { url: `${secret}/fails`, dest: "/opt/x" }),
        `${base}/fails answered 503 Service Unavailable`,
      );
      match(
        await failure(bench, getUrl, { url: "http://127.0.0.1:9/x", dest: "/opt/x" }),
        /^cannot download: .*127\.0\.0\.1:9/,
      );
      match(
        await failure(bench, getUrl, { url: "http://no.such.host.invalid/x", dest: "/opt/x" }),
        /^cannot download: .*no\.such/,
      );
      const list = { url: `${base}/big.bin`, dest: "/opt/x", checksum: `sha256:${base}/none` };
      match(await failure(bench, getUrl, list), /none answered 404/);
      const unnamed = { url: `${base}/none`, dest: "/opt/x", checksum: `sha256:${base}/sums` };
      match(await failure(bench, getUrl, unnamed), /do not name 'none'$/);
    });
    await t.step("force downloads again", async () => {
      asked();
      await perform(bench, getUrl, { url: `${base}/big.bin`, dest: "/opt/big.bin", force: true });
      deepStrictEqual(asked(), ["GET /big.bin"]);
    });
  });
});
