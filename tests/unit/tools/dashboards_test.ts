import { strictEqual } from "node:assert/strict";

Deno.test("the dashboards' files say what their description says", async () => {
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "tools/dashboards.ts", "--check"],
  }).output();
  strictEqual(code, 0, new TextDecoder().decode(stderr));
});
