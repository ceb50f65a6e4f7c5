import { testModule } from "./harness.ts";

testModule("prometheus_targets", [
  {
    name: "writes targets and finds what was changed by hand",
    prepare: "mkdir -p /etc/aami/targets",
    args: `
path: /etc/aami/targets/node.json
mode: "0640"
targets:
  - { targets: ["10.0.0.2:9100"], labels: { node: n2 } }
  - { targets: ["10.0.0.1:9100"], labels: { node: n1 } }
`,
    verify: `test "$(stat -c %a /etc/aami/targets/node.json)" = 640
test "$(grep -o '"node":"n.' /etc/aami/targets/node.json | tr -d '\\n')" = '"node":"n1"node":"n2'`,
    drift: [
      { name: "a node was taken out", by: "sed -i /n1/d /etc/aami/targets/node.json" },
      { name: "others may write it", by: "chmod 0666 /etc/aami/targets/node.json" },
      { name: "the file is gone", by: "rm /etc/aami/targets/node.json" },
    ],
  },
  {
    name: "writes YAML where the name says so",
    prepare: "mkdir -p /etc/aami/targets",
    args: "{ path: /etc/aami/targets/node.yml, targets: [{ targets: ['n1:9100'], labels: { rack: 7 } }] }",
    verify: `test "$(cat /etc/aami/targets/node.yml)" = '- targets:
    - n1:9100
  labels:
    rack: "7"'`,
  },
  {
    name: "removes the file",
    prepare: "mkdir -p /etc/aami/targets; echo '[]' > /etc/aami/targets/old.json",
    args: "{ path: /etc/aami/targets/old.json, state: absent }",
    changes: ["/etc/aami/targets/old.json state: file -> absent"],
    verify: "test ! -e /etc/aami/targets/old.json",
  },
  {
    name: "a directory that is missing is named",
    args: "{ path: /etc/nowhere/node.json }",
    fails: /the directory \/etc\/nowhere does not exist/,
  },
]);
