import { testModule } from "./harness.ts";

testModule("lineinfile", [
  {
    name: "a setting is replaced where it stands",
    prepare: "cp /etc/ssh/sshd_config /root/sshd_config; printf 'a\\n#PermitRootLogin no\\nb' > /root/conf",
    args: "path: /root/conf\nregexp: '^#?PermitRootLogin\\s'\nline: PermitRootLogin prohibit-password",
    verify: `test "$(sed -n 2p /root/conf)" = "PermitRootLogin prohibit-password"; test $(wc -l < /root/conf) = 2`,
    drift: [{ name: "it was set back", by: "sed -i 's/prohibit-password/no/' /root/conf" }],
  },
  {
    name: "a line at the end, with owner and mode",
    prepare: "printf 'one' > /root/list; chmod 644 /root/list",
    args: 'path: /root/list\nline: "two; $HOME"\nmode: "0640"\ngroup: adm\nbackup: true',
    verify:
      `test "$(tail -n1 /root/list)" = 'two; $HOME'; test "$(stat -c '%a %G' /root/list)" = "640 adm"; ls /root/list.*~`,
    drift: [{ name: "the line was removed", by: "echo one > /root/list" }, {
      name: "mode",
      by: "chmod 600 /root/list",
    }],
  },
  {
    name: "a file behind a link is changed where it lies",
    prepare: "echo x > /root/real; ln -sfn real /root/alias",
    args: "path: /root/alias\nline: y",
    verify: "test -L /root/alias; grep -qx y /root/real",
  },
  {
    name: "a file with its directories",
    args: "path: /root/new/deep/file\nline: first\ncreate: true",
    verify: "test $(cat /root/new/deep/file) = first",
    drift: [{ name: "all gone", by: "rm -r /root/new" }],
  },
  {
    name: "lines are removed",
    prepare: "printf 'keep\\ndrop 1\\ndrop 2\\n' > /root/drop",
    args: "path: /root/drop\nregexp: ^drop\nstate: absent",
    verify: "test $(cat /root/drop) = keep",
    result: { found: 2, msg: "2 line(s) removed" },
  },
  {
    name: "validation keeps the old file",
    prepare: "echo fine > /root/checked",
    args: "path: /root/checked\nline: broken\nvalidate: \"sh -c '! grep -q broken %s'\"",
    fails: /\/root\/checked is unchanged/,
  },
  { name: "a file that is missing", args: "path: /root/none\nline: x", fails: /^there is no file at \/root\/none/ },
]);
