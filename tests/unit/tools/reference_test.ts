import { strictEqual } from "node:assert/strict";

Deno.test("the reference says what the schemas say", async () => {
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "tools/reference.ts", "--check"],
  }).output();
  strictEqual(code, 0, new TextDecoder().decode(stderr));
});
