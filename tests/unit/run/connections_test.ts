/** Connections are shared, and closed once nobody needs them. */
import assert from "node:assert/strict";
import { Connections, type Target } from "../../../engine/run/connections.ts";

Deno.test("a connection is shared until the last host that used it has left, and opens again where it is asked for", async () => {
  const options = { hostKeyChecking: "strict", become: false } as const;
  const connections = new Connections(options, new AbortController().signal);
  const target: Target = { transport: "local", address: "here", ssh: {} };
  const first = await connections.get(target, "a");
  assert.equal(await connections.get({ ...target }, "b"), first);
  const shell = await first.shell();
  connections.leave("a");
  assert.equal((await shell.exec("exit 3")).code, 3);
  connections.leave("b");
  const again = await connections.get(target, "a");
  assert.notEqual(again, first);
  assert.equal((await (await again.shell()).exec("exit 4")).code, 4);
  await connections.close();
  await assert.rejects(shell.exec("true"));
});
