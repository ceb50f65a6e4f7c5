import { strictEqual as equal } from "node:assert/strict";
import { forbidden } from "../../../tools/lint_plugin.ts";

Deno.test("imports run downward only", () => {
  equal(forbidden("engine/run/run.ts", "../playbook/playbook.ts"), undefined);
  equal(
    forbidden("engine/host/host.ts", "../run/run.ts"),
    "imports run downward: engine/host may not import engine/run",
  );
  equal(
    forbidden("engine/run/run.ts", "../../modules/file/mod.ts"),
    "imports run downward: engine/run may not import modules",
  );
  equal(forbidden("modules/file/mod.ts", "../../engine/module/module.ts"), undefined);
  equal(forbidden("modules/file/mod.ts", "../../cli/play.ts"), "imports run downward: modules may not import cli");
  equal(
    forbidden("cluster/releases.ts", "../engine/host/host.ts"),
    "imports run downward: cluster may not import engine/host",
  );
});

Deno.test("a third-party package is imported in engine/support alone", () => {
  equal(forbidden("engine/support/zod.ts", "zod"), undefined);
  equal(forbidden("modules/file/mod.ts", "node:path"), undefined);
  equal(
    forbidden("modules/file/mod.ts", "zod"),
    "'zod' is a third-party package: import it in one file of engine/support",
  );
});
