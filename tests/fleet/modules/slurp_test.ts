import { strictEqual } from "node:assert";
import slurp from "../../../modules/slurp/mod.ts";
import { apply, parseArgs, testModule } from "./harness.ts";

testModule("slurp", [
  {
    name: "a text behind a link",
    prepare: "printf 'ü\\n' > /root/text; ln -sfn text /root/alias",
    args: "src: /root/alias",
    changes: [],
    result: { content: "w7wK", encoding: "base64", source: "/root/alias" },
  },
  {
    name: "every byte",
    prepare: "printf '\\000\\377\\012' > /root/bytes",
    args: "path: /root/bytes",
    result: { content: "AP8K" },
  },
  { name: "a file that is missing", args: "src: /root/none", fails: /^there is no file at \/root\/none on the host$/ },
  { name: "a directory", args: "src: /etc", fails: /^\/etc is a directory, not a file$/ },
], async ({ host, machine }, t) => {
  await t.step("ten megabytes", async () => {
    await machine.exec("head -c 10000000 /dev/urandom > /root/big", { mustSucceed: true });
    const { result } = await apply(slurp, host, parseArgs(slurp, "src: /root/big"));
    const { stdout } = await machine.exec("base64 -w0 /root/big");
    strictEqual(result.content === stdout, true);
  });
});
