import { testModule } from "./harness.ts";

testModule("command", [
  {
    name: "words reach the program as they are",
    args: `cmd: printf '%s|' 'two words' $HOME "a \\"b\\"" \\; *`,
    always: true,
    result: { stdout: `two words|$HOME|a "b"|;|*|`, rc: 0, stdout_lines: [`two words|$HOME|a "b"|;|*|`] },
  },
  {
    name: "argv needs no quoting",
    args: `argv: [printf, "%s", "it's; rm -rf /nowhere"]`,
    always: true,
    result: { stdout: "it's; rm -rf /nowhere", cmd: ["printf", "%s", "it's; rm -rf /nowhere"] },
  },
  {
    name: "creates makes it run once",
    args: "cmd: touch /root/made\ncreates: /root/made",
    changes: ["command touch /root/made run:  -> touch /root/made"],
    verify: "test -f /root/made",
    drift: [{ name: "what it makes was removed", by: "rm /root/made" }],
  },
  {
    name: "creates in the free form, as a glob",
    args: "touch /root/store.1.db creates=/root/store.*.db",
    verify: "test -f /root/store.1.db && ! test -e 'creates=/root/store.*.db'",
    drift: [{ name: "what it makes was removed", by: "rm /root/store.1.db" }],
  },
  {
    name: "removes makes it run while there is something",
    prepare: "touch /root/lock",
    args: "cmd: rm /root/lock\nremoves: /root/lock",
    verify: "! test -e /root/lock",
    drift: [{ name: "it came back", by: "touch /root/lock" }],
  },
  {
    name: "a relative creates is below chdir",
    prepare: "mkdir -p /srv/site",
    args: "cmd: touch here\nchdir: /srv/site\ncreates: here",
    verify: "test -f /srv/site/here",
    drift: [{ name: "it was removed", by: "rm /srv/site/here" }],
  },
  {
    name: "unless decides by a command",
    args: "cmd: cp /etc/hostname /root/name\nunless: cmp -s /etc/hostname /root/name",
    verify: "cmp /etc/hostname /root/name",
    drift: [{ name: "the copy differs", by: "echo other > /root/name" }],
  },
  {
    name: "stdin gets a line break, and output loses it",
    args: "cmd: wc -c\nstdin: four",
    always: true,
    result: { stdout: "5" },
  },
  {
    name: "stdin and output as they are",
    args: "cmd: cat\nstdin: 'four'\nstdin_add_newline: false\nstrip_empty_ends: false",
    always: true,
    result: { stdout: "four" },
  },
  {
    name: "a skipped command says why",
    prepare: "touch /root/there",
    args: "cmd: false\ncreates: /root/there",
    changes: [],
    result: { stdout: "skipped, since /root/there exists", rc: 0 },
  },
  {
    name: "another exit status than 0 fails",
    args: "cmd: sh -c 'echo out; echo err >&2; exit 3'",
    fails: /^non-zero return code$/,
  },
  {
    name: "a program that is not there fails",
    args: "cmd: no-such-program",
    fails: /^there is no program 'no-such-program'/,
  },
  {
    name: "chdir must be there",
    args: "cmd: pwd\nchdir: /nowhere",
    fails: /^chdir is \/nowhere, which does not exist$/,
  },
]);
