import { testModule } from "./harness.ts";

const rule = 'groups: [{ name: site, rules: [{ alert: Down, expr: "up == 0", labels: { team: "{{ $labels.x }}" } }] }]';

/** What a running Prometheus makes of rules is tested by tests/e2e/install_stack_test.ts. */
testModule("prometheus_rules", [
  {
    name: "writes rules where no Prometheus runs, and finds what was changed by hand",
    prepare: "mkdir -p /etc/aami/rules",
    args: `{ path: /etc/aami/rules/site.yaml, mode: "0644", ${rule} }`,
    verify: `grep -q 'team: "{{ $labels.x }}"' /etc/aami/rules/site.yaml
test "$(stat -c '%a %U' /etc/aami/rules/site.yaml)" = "644 root"`,
    drift: [
      { name: "a threshold was changed", by: "sed -i 's/up == 0/up == 1/' /etc/aami/rules/site.yaml" },
      { name: "others may not read it", by: "chmod 0600 /etc/aami/rules/site.yaml" },
      { name: "the file is gone", by: "rm /etc/aami/rules/site.yaml" },
    ],
  },
  {
    name: "promtool has its say before the old rules are replaced",
    prepare: `mkdir -p /etc/aami/rules
echo 'groups: []' > /etc/aami/rules/held.yaml
printf '%s\\n' '#!/bin/sh' 'echo "$3: group site: not today" >&2; exit 1' > /usr/local/bin/promtool
chmod 0755 /usr/local/bin/promtool`,
    args: `{ path: /etc/aami/rules/held.yaml, ${rule} }`,
    fails: /not today/,
  },
  {
    name: "the old rules were kept",
    prepare: "grep -qx 'groups: \\[\\]' /etc/aami/rules/held.yaml; rm /usr/local/bin/promtool",
    args: "{ path: /etc/aami/rules/held.yaml, state: absent }",
    changes: ["/etc/aami/rules/held.yaml state: file -> absent"],
    verify: "test ! -e /etc/aami/rules/held.yaml",
  },
]);
