import { testModule } from "./harness.ts";

const text = '"# Written by aami from x\\ngroups: [{ name: site, rules: [{ alert: Down, expr: \\"up == 0\\", ' +
  'labels: { team: \\"{{ $labels.x }}\\" } }] }]\\n"';
const files = `files: [{ path: site.yaml, text: ${text} }, { path: generated/group-a.yaml, text: "groups: []\\n" }]`;

/** What a running Prometheus makes of rules is tested by tests/e2e/config_stack_test.ts. */
testModule("prometheus_rule_files", [
  {
    name: "writes the files, removes what is no longer wanted, leaves what others wrote",
    prepare: `mkdir -p /etc/aami/rules/generated
printf '# Written by aami from x\\ngroups: []\\n' > /etc/aami/rules/generated/group-old.yaml
echo 'groups: []' > /etc/aami/rules/own.yaml`,
    args: `{ directory: /etc/aami/rules, mode: "0644", ${files} }`,
    verify: `grep -q 'team: "{{ $labels.x }}"' /etc/aami/rules/site.yaml
test "$(stat -c '%a %U' /etc/aami/rules/site.yaml)" = "644 root"
test -e /etc/aami/rules/own.yaml
test ! -e /etc/aami/rules/generated/group-old.yaml
test ! -e /etc/aami/rules/.aami-new`,
    drift: [
      { name: "a threshold was changed", by: "sed -i 's/up == 0/up == 1/' /etc/aami/rules/site.yaml" },
      { name: "a group's file is gone", by: "rm /etc/aami/rules/generated/group-a.yaml" },
      {
        name: "a file of a group that is gone came back",
        by: "printf '# Written by aami from x\\n' > /etc/aami/rules/generated/group-old.yaml",
      },
    ],
  },
  {
    name: "promtool has its say before the first old file is replaced",
    prepare: `mkdir -p /etc/aami/held
echo 'groups: []' > /etc/aami/held/site.yaml
printf '%s\\n' '#!/bin/sh' 'echo "$3: group site: not today" >&2; exit 1' > /usr/local/bin/promtool
chmod 0755 /usr/local/bin/promtool`,
    args:
      `{ directory: /etc/aami/held, files: [{ path: site.yaml, text: ${text} }, { path: new.yaml, text: "groups: []" }] }`,
    fails: /\/etc\/aami\/held\/site.yaml: group site: not today/,
  },
  {
    name: "the old rules were kept",
    prepare: `grep -qx 'groups: \\[\\]' /etc/aami/held/site.yaml
test ! -e /etc/aami/held/new.yaml
test ! -e /etc/aami/held/.aami-new
rm /usr/local/bin/promtool`,
    args: `{ directory: /etc/aami/held, files: [], marker: "groups: " }`,
    changes: ["/etc/aami/held/site.yaml state: file -> absent"],
    verify: "test ! -e /etc/aami/held/site.yaml",
  },
]);
