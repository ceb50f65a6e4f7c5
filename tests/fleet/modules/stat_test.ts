import { deepStrictEqual, strictEqual } from "node:assert";
import stat from "../../../modules/stat/mod.ts";
import type { Result } from "../../../engine/module/module.ts";
import { testModule } from "./harness.ts";
import { perform } from "./sources.ts";

testModule("stat", [
  { name: "nothing there", args: "path: /nowhere", changes: [], result: { stat: { exists: false } } },
], async (bench, t) => {
  const look = async (args: unknown) => (await perform(bench, stat, args)).result.stat as Result;
  await t.step("a file is told as Ansible tells it", async () => {
    await bench.machine.exec("printf abc > /root/f; chgrp adm /root/f; chmod 4750 /root/f", { mustSucceed: true });
    const found = await look({ path: "/root/f" });
    const { mode, isreg, isuid, size, pw_name, gr_name, executable, checksum } = found;
    deepStrictEqual({ mode, isreg, isuid, size, pw_name, gr_name, executable }, {
      mode: "4750",
      isreg: true,
      isuid: true,
      size: 3,
      pw_name: "root",
      gr_name: "adm",
      executable: true,
    });
    strictEqual(checksum, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    strictEqual(
      (await look({ path: "/root/f", checksum_algorithm: "sha1" })).checksum,
      "a9993e364706816aba3e25717850c26c9cd0d89d",
    );
  });
  await t.step("a link, and what it leads to", async () => {
    await bench.machine.exec("ln -sfn ../root/f /srv/l", { mustSucceed: true });
    const { islnk, lnk_target, lnk_source } = await look({ path: "/srv/l" });
    deepStrictEqual({ islnk, lnk_target, lnk_source }, { islnk: true, lnk_target: "../root/f", lnk_source: "/root/f" });
    strictEqual((await look({ path: "/srv/l", follow: true })).isreg, true);
  });
  await t.step("every kind of thing", async () => {
    await bench.machine.exec("mkfifo /root/p", { mustSucceed: true });
    strictEqual((await look({ path: "/root/p" })).isfifo, true);
    strictEqual((await look({ path: "/dev/null" })).ischr, true);
    strictEqual((await look({ path: "/etc" })).isdir, true);
  });
});
