import { testModule } from "./harness.ts";

testModule("file", [
  {
    name: "a directory with its parents",
    args: 'path: /srv/file/a/b\nstate: directory\nmode: "0750"\ngroup: adm',
    changes: [
      "/srv/file state: absent -> directory",
      "/srv/file/a state: absent -> directory",
      "/srv/file/a/b state: absent -> directory",
    ],
    verify: `test "$(stat -c '%a %G' /srv/file /srv/file/a /srv/file/a/b | sort -u)" = "750 adm"`,
    result: { path: "/srv/file/a/b", state: "directory", mode: "0750", group: "adm" },
    drift: [
      { name: "mode", by: "chmod 700 /srv/file/a/b" },
      { name: "group", by: "chgrp root /srv/file/a/b" },
      { name: "removed", by: "rmdir /srv/file/a/b" },
    ],
  },
  {
    name: "a directory behind a link is worked on where it lies",
    prepare: "mkdir -p /srv/real; ln -sfn real /srv/alias",
    args: 'path: /srv/alias\nstate: directory\nmode: "0711"',
    changes: ["/srv/real mode: 0755 -> 0711"],
    verify: "test -L /srv/alias; test $(stat -c %a /srv/real) = 711",
  },
  {
    name: "a tree with its modes and owner",
    prepare:
      `mkdir -p '/srv/tree/a b'; printf x > "/srv/tree/a b/it's"; chmod 700 "/srv/tree/a b/it's"; touch /srv/tree/f; chmod 600 /srv/tree/f; ln -s /etc/passwd /srv/tree/l`,
    args: "path: /srv/tree\nstate: directory\nrecurse: true\nmode: u=rwX,g=rX,o=\ngroup: adm",
    verify:
      `test "$(stat -c %a /srv/tree/f "/srv/tree/a b/it's" '/srv/tree/a b' | xargs)" = "640 750 750"; test "$(stat -c %G /srv/tree/l)" = adm; test "$(stat -c '%a %G' /etc/passwd)" = "644 root"`,
    drift: [{ name: "one file", by: "chmod 666 /srv/tree/f" }, { name: "one group", by: "chgrp root '/srv/tree/a b'" }],
  },
  {
    name: "touch makes an empty file",
    args: 'path: /srv/touched\nstate: touch\nmode: "0600"\nmodification_time: preserve\naccess_time: preserve',
    verify: "test $(stat -c '%a%s' /srv/touched) = 6000",
    drift: [{ name: "removed", by: "rm /srv/touched" }],
  },
  {
    name: "touch renews the time each time",
    prepare: "touch -d @1 /srv/old",
    args: "path: /srv/old\nstate: touch",
    verify: "test $(stat -c %Y /srv/old) -gt 1000",
    always: true,
  },
  {
    name: "a link, and what it leads to",
    prepare: "touch /srv/target; chmod 644 /srv/target; rm -f /srv/link",
    args: 'path: /srv/link\nsrc: target\nstate: link\nmode: "0600"',
    verify: "test $(readlink /srv/link) = target; test $(stat -c %a /srv/target) = 600",
    drift: [{ name: "it leads elsewhere", by: "ln -sfn /etc /srv/link" }, { name: "it is gone", by: "rm /srv/link" }],
  },
  {
    name: "a forced link in place of a file, and to nowhere",
    prepare: "rm -f /srv/link; echo x > /srv/link",
    args: "path: /srv/link\nsrc: /nowhere\nstate: link\nforce: true",
    verify: "test $(readlink /srv/link) = /nowhere",
  },
  {
    name: "a hard link",
    prepare: "echo x > /srv/one; rm -f /srv/two",
    args: "path: /srv/two\nsrc: /srv/one\nstate: hard",
    verify: "test /srv/one -ef /srv/two",
    drift: [{ name: "a file of its own", by: "rm /srv/two" }],
  },
  {
    name: "nothing there",
    prepare: "mkdir -p /srv/gone/deep; touch /srv/gone/deep/f; ln -s /srv/real /srv/gone/l",
    args: "path: /srv/gone\nstate: absent",
    verify: "! test -e /srv/gone; test -d /srv/real",
    drift: [{ name: "it is back", by: "touch /srv/gone" }],
  },
  { name: "a file is not made", args: "path: /srv/none\nstate: file", fails: /^there is no file at \/srv\/none/ },
  {
    name: "a user that does not exist",
    args: "path: /srv\nowner: nobody-there",
    fails: /^there is no user 'nobody-there'/,
  },
  {
    name: "a directory under a file",
    args: "path: /etc/passwd/x\nstate: directory",
    fails: /^\/etc\/passwd is a file/,
  },
]);
