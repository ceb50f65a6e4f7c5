import { testModule } from "./harness.ts";

testModule("ini_file", [
  {
    name: "a value in a section, with owner and mode",
    prepare:
      "printf '[server]\\nhttp_port = 80\\n;domain = x\\n\\n[db]\\nhttp_port = 1\\n' > /root/g.ini; chmod 644 /root/g.ini",
    args: "path: /root/g.ini\nsection: server\noption: http_port\nvalue: 3000\nmode: '0640'\ngroup: adm\nbackup: true",
    verify:
      `test "$(sed -n 2p /root/g.ini)" = "http_port = 3000"; grep -qx 'http_port = 1' /root/g.ini; test "$(stat -c '%a %G' /root/g.ini)" = "640 adm"; ls /root/g.ini.*~`,
    result: { msg: "option changed" },
    drift: [
      { name: "another value", by: "sed -i s/3000/3001/ /root/g.ini" },
      { name: "a second line", by: "sed -i 's/^http_port = 3000/&\\nhttp_port = 9/' /root/g.ini" },
      { name: "mode", by: "chmod 600 /root/g.ini" },
    ],
  },
  {
    name: "a new file with its directories",
    args:
      "path: /root/new/deep/x.conf\nsection: Service\noption: Environment\nvalues: [A=1, B=2]\nno_extra_spaces: true",
    verify: `test "$(tail -n2 /root/new/deep/x.conf)" = "$(printf 'Environment=A=1\\nEnvironment=B=2')"`,
    drift: [{ name: "all gone", by: "rm -r /root/new" }],
  },
  {
    name: "behind a link that is followed",
    prepare: "printf 'a = 1\\n' > /root/real.ini; ln -sfn real.ini /root/alias.ini",
    args: "path: /root/alias.ini\noption: a\nvalue: $(id) it's\nfollow: true",
    verify: `test -L /root/alias.ini; grep -qxF 'a = $(id) it'"'"'s' /root/real.ini`,
    drift: [{ name: "it was set back", by: "echo 'a = 1' > /root/real.ini" }],
  },
  {
    name: "a section is removed",
    prepare: "printf '[keep]\\na = 1\\n[old]\\nb = 2\\n' > /root/s.ini",
    args: "path: /root/s.ini\nsection: old\nstate: absent",
    verify: `test "$(cat /root/s.ini)" = "$(printf '[keep]\\na = 1')"`,
    result: { msg: "section removed" },
    drift: [{ name: "it came back", by: "printf '[old]\\n' >> /root/s.ini" }],
  },
  {
    name: "a file that is missing and may not be made",
    args: "path: /root/none.ini\nsection: a\noption: b\nvalue: c\ncreate: false",
    fails: /^there is no file at \/root\/none.ini/,
  },
]);
