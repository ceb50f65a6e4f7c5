import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { tarGz } from "../../../tools/compile/archive.ts";
import { settled } from "../../../tools/compile/bundle.ts";

const entry = (hash: string, path: string) =>
  `import {\n  a\n} from "./chunk-${hash}.js";\nimport fs from "node:fs";\n// ${path}npm/registry.example/yaml/2.9.1/x.js\n` +
  `await import("./play-${hash}.js");\n`;

Deno.test("a bundle is the same wherever it was built", () => {
  const built = (hash: string, path: string) =>
    settled(
      new Map([
        [`play-${hash}.js`, `import "./chunk-${hash}.js";\nconst at = __dirname;\n`],
        [`chunk-${hash}.js`, "export const a = 1;\n"],
        ["main.js", entry(hash, path)],
      ]),
    );
  const here = built("ABCD1234", "../../root/.cache/deno/");
  deepStrictEqual(built("ZZZZ9999", "../../../home/me/.cache/deno/"), here);
  deepStrictEqual([...here.keys()], ["main.js", "chunk-01.js", "play-02.js"]);
  const main = here.get("main.js")!;
  strictEqual(main.includes('__load("./play-02.js")'), true, main);
  strictEqual(main.includes("// npm/yaml/2.9.1/x.js"), true, main);
  strictEqual(main.includes('from "node:fs"'), false, main);
  strictEqual(here.get("play-02.js")!.startsWith("globalThis.__dirname ??="), true);
  strictEqual(here.get("chunk-01.js"), "export const a = 1;\n");
});

Deno.test("an archive is the same in any order of its files, and tar reads it", async () => {
  const files = [
    { name: "program/main.js", content: new TextEncoder().encode("x".repeat(600)) },
    { name: "deno", content: new Uint8Array([1, 2, 3]), executable: true },
  ];
  const archive = tarGz(files, 1_700_000_000);
  deepStrictEqual(tarGz(files.toReversed(), 1_700_000_000), archive);
  const tar = new Deno.Command("tar", { args: ["-tvzf", "-"], stdin: "piped", stdout: "piped", env: { TZ: "UTC" } })
    .spawn();
  const writer = tar.stdin.getWriter();
  await writer.write(archive as Uint8Array<ArrayBuffer>);
  await writer.close();
  const { stdout } = await tar.output();
  deepStrictEqual(new TextDecoder().decode(stdout).trim().split("\n").map((line) => line.split(/\s+/)), [
    ["-rwxr-xr-x", "0/0", "3", "2023-11-14", "22:13", "deno"],
    ["-rw-r--r--", "0/0", "600", "2023-11-14", "22:13", "program/main.js"],
  ]);
});
