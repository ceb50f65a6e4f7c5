import { deepStrictEqual, strictEqual } from "node:assert";
import { parse } from "yaml";
import { COMPONENTS, digestIn, FORGE, releaseAddress } from "../../../cluster/releases.ts";

const stack = new URL("../../../playbooks/roles/stack/", import.meta.url);

async function variables(part: string): Promise<Record<string, unknown>> {
  return parse(await Deno.readTextFile(new URL(`${part}/main.yml`, stack)));
}

Deno.test("the playbooks install the releases of the catalogue", async () => {
  const defaults = await variables("defaults");
  const { stack_catalog } = await variables("vars") as { stack_catalog: Record<string, Record<string, unknown>> };
  strictEqual(defaults.release_mirror, FORGE);
  for (const { name, title, unit, binaries, version } of COMPONENTS) {
    strictEqual(defaults[`${name}_version`], version);
    const { title: shown, unit: installed, binaries: programs } = stack_catalog[name];
    deepStrictEqual({ shown, installed, programs }, { shown: title, installed: unit, programs: binaries });
  }
});

Deno.test("releaseAddress() follows the forge's layout on any mirror", () => {
  const [exporter] = COMPONENTS;
  deepStrictEqual(releaseAddress(exporter, "arm64", "1.2.3", "http://mirror:8080/"), {
    folder: "node_exporter-1.2.3.linux-arm64",
    archive:
      "http://mirror:8080/prometheus/node_exporter/releases/download/v1.2.3/node_exporter-1.2.3.linux-arm64.tar.gz",
    checksums: "http://mirror:8080/prometheus/node_exporter/releases/download/v1.2.3/sha256sums.txt",
  });
});

Deno.test("digestIn() finds a file's digest and no other's", () => {
  const [a, b] = ["a", "B"].map((digit) => digit.repeat(64));
  const list = `${a}  x.tar.gz\n${b} *y.tar.gz\r\nnot a digest  z.tar.gz\n`;
  strictEqual(digestIn(list, "x.tar.gz"), a);
  strictEqual(digestIn(list, "y.tar.gz"), b.toLowerCase());
  strictEqual(digestIn(list, "z.tar.gz"), undefined);
  strictEqual(digestIn(list, "tar.gz"), undefined);
});
