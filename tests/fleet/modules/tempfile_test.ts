import { match, notStrictEqual } from "node:assert";
import tempfile from "../../../modules/tempfile/mod.ts";
import { apply, parseArgs, testModule, verify } from "./harness.ts";

testModule("tempfile", [
  {
    name: "a file",
    args: "{}",
    always: true,
    changes: ["/tmp/ansible.XXXXXXXXXX state: absent -> file"],
    verify: "test $(find /tmp -name 'ansible.*' -type f -perm 600 -size 0 | wc -l) = 1",
    result: { state: "file", mode: "0600", owner: "root", size: 0 },
  },
  {
    name: "a directory elsewhere, with a name that needs quotes",
    args: 'state: directory\npath: /var/tmp\nprefix: "it\'s "\nsuffix: .d',
    always: true,
    verify: `test $(find /var/tmp -name "it's *.d" -type d -perm 700 | wc -l) = 1`,
    result: { state: "directory", mode: "0700" },
  },
  { name: "a directory that is missing", args: "path: /nowhere", fails: /^there is no directory \/nowhere$/ },
], async ({ host, machine }, t) => {
  await t.step("each is another", async () => {
    const args = parseArgs(tempfile, "prefix: x-");
    const [one, other] = [await apply(tempfile, host, args), await apply(tempfile, host, args)];
    match(String(one.result.path), /^\/tmp\/x-\w{10}$/);
    notStrictEqual(one.result.path, other.result.path);
    await verify(machine, `test -f ${one.result.path}; test -f ${other.result.path}`);
  });
});
