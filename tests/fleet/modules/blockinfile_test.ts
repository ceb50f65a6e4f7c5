import { testModule } from "./harness.ts";

testModule("blockinfile", [
  {
    name: "a block at the end, with owner and mode",
    prepare: "printf '127.0.0.1 localhost' > /root/hosts; chmod 644 /root/hosts",
    args: "path: /root/hosts\nblock: |\n  10.0.0.1 gpu001\n  10.0.0.2 gpu002\nmode: '0640'\ngroup: adm\nbackup: true",
    verify:
      `test "$(sed -n 3p /root/hosts)" = "10.0.0.1 gpu001"; test "$(stat -c '%a %G' /root/hosts)" = "640 adm"; ls /root/hosts.*~`,
    result: { msg: "Block inserted" },
    drift: [
      { name: "a line of it was changed", by: "sed -i s/gpu002/gpu003/ /root/hosts" },
      { name: "the block was removed", by: "echo '127.0.0.1 localhost' > /root/hosts" },
      { name: "mode", by: "chmod 600 /root/hosts" },
    ],
  },
  {
    name: "before a line, in a file behind a link",
    prepare: "printf 'Port 22\\nMatch User x\\n  A no\\n' > /root/conf; ln -sfn conf /root/alias",
    args: "path: /root/alias\nmarker: '# {mark} ours'\ninsertbefore: ^Match\nblock: X11Forwarding no",
    verify:
      `test -L /root/alias; test "$(sed -n 3p /root/conf)" = "X11Forwarding no"; tail -n1 /root/conf | grep -q 'A no'`,
    drift: [{ name: "its lines were lost", by: "sed -i /X11/d /root/conf" }],
  },
  {
    name: "quotes and dollars arrive as they are",
    args: 'path: /root/new/deep/file\ncreate: true\nblock: |\n  it\'s "$HOME" `id` \\n ü',
    verify: `grep -qxF 'it'"'"'s "$HOME" \`id\` \\n ü' /root/new/deep/file`,
    drift: [{ name: "all gone", by: "rm -r /root/new" }],
  },
  {
    name: "a block is removed",
    prepare: "printf 'a\\n# BEGIN ours\\nx\\n# END ours\\nb\\n' > /root/gone",
    args: "path: /root/gone\nmarker: '# {mark} ours'\nstate: absent",
    verify: `test "$(cat /root/gone)" = "$(printf 'a\\nb')"`,
    result: { msg: "Block removed" },
    drift: [{ name: "it came back", by: "printf '# BEGIN ours\\n# END ours\\n' >> /root/gone" }],
  },
  {
    name: "validation keeps the old file",
    prepare: "echo fine > /root/checked",
    args: "path: /root/checked\nblock: broken\nvalidate: \"sh -c '! grep -q broken %s'\"",
    fails: /\/root\/checked is unchanged/,
  },
  { name: "a file that is missing", args: "path: /root/none\nblock: x", fails: /^there is no file at \/root\/none/ },
]);
