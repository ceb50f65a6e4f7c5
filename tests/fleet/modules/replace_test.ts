import { testModule } from "./harness.ts";

testModule("replace", [
  {
    name: "every match, with mode and backup",
    prepare: "printf 'a old\\nold b\\n' > /root/text; chmod 644 /root/text",
    args: "path: /root/text\nregexp: '\\bold\\b'\nreplace: new\nmode: '0600'\nbackup: true",
    verify:
      `test "$(cat /root/text)" = "$(printf 'a new\\nnew b')"; test $(stat -c %a /root/text) = 600; ls /root/text.*~`,
    result: { msg: "2 replacements made", rc: 0 },
    drift: [{
      name: "it came back",
      by: "sed -i s/new/old/ /root/text",
    }, {
      name: "mode",
      by: "chmod 644 /root/text",
    }],
  },
  {
    name: "in a section of a file behind a link",
    prepare: "printf 'job: a\\n:9400\\njob: dcgm\\n:9400\\njob: b\\n:9400\\n' > /root/prom; ln -sfn prom /root/alias",
    args: "path: /root/alias\nafter: 'job: dcgm'\nbefore: 'job: '\nregexp: ':9400'\nreplace: ':9401'",
    verify: 'test -L /root/alias; test $(grep -c 9401 /root/prom) = 1; test "$(sed -n 4p /root/prom)" = :9401',
    drift: [{ name: "it was set back", by: "sed -i s/9401/9400/ /root/prom" }],
  },
  {
    name: "lines are removed",
    prepare: "printf '#x\\nkeep ü\\n#y\\n' > /root/drop",
    args: "path: /root/drop\nregexp: '^#.*\\n'",
    verify: `test "$(cat /root/drop)" = "keep ü"`,
    drift: [{ name: "a comment", by: "echo '# z' >> /root/drop" }],
  },
  {
    name: "bytes that are no text are kept",
    prepare: "printf 'a\\377\\376a\\n' > /root/bytes",
    args: "path: /root/bytes\nregexp: a\nreplace: b",
    verify: "printf 'b\\377\\376b\\n' | cmp - /root/bytes",
  },
  { name: "a section that is not there", args: "path: /etc/hostname\nafter: no such text\nregexp: x", changes: [] },
  { name: "a file that is missing", args: "path: /root/none\nregexp: x", fails: /^there is no file at \/root\/none$/ },
]);
