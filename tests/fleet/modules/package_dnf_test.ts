import { dnfHost } from "./dnf_host.ts";
import { testModule } from "./harness.ts";

testModule("package", [
  {
    name: "dnf installs",
    prepare: dnfHost,
    args: "name: probe\nuse: dnf",
    changes: ["package probe state: absent -> installed"],
    verify: 'test "$(cat /opt/probe)" = 2.0',
    drift: [{ name: "it was removed", by: "rpm -e probe" }],
  },
  { name: "dnf knows what a package provides", args: "name: probing\nuse: dnf", changes: [] },
  {
    name: "dnf does not go back to a version unasked",
    args: "name: probe-1.0\nuse: dnf",
    fails: /^package 'probe-1\.0' is older than 2\.0, which is installed: allow_downgrade: true permits it$/,
  },
  {
    name: "dnf goes back to a version, when it may",
    args: "name: probe-1.0\nuse: dnf\nallow_downgrade: true",
    changes: ["package probe-1.0 state: 2.0 -> installed"],
    verify: 'test "$(cat /opt/probe)" = 1.0',
  },
  {
    name: "dnf upgrades to the latest",
    args: "name: probe\nuse: dnf\nstate: latest\nupdate_cache: true",
    changes: ["package probe state: 1.0-1 -> 2.0-1"],
    verify: 'test "$(cat /opt/probe)" = 2.0',
    drift: [{ name: "downgraded by hand", by: "dnf -q -y downgrade probe >/dev/null 2>&1" }],
  },
  {
    name: "dnf removes",
    args: "name: probe\nuse: dnf\nstate: absent",
    changes: ["package probe state: 2.0-1 -> absent"],
    verify: "! rpm -q probe; ! test -e /opt/probe",
    drift: [{ name: "it came back", by: "dnf -q -y install probe >/dev/null 2>&1" }],
  },
  {
    name: "dnf installs a file",
    args: "name: /srv/rpms/noarch/probe-2.0-1.noarch.rpm\nuse: dnf",
    changes: ["package probe state: absent -> 2.0-1"],
    verify: 'test "$(cat /opt/probe)" = 2.0',
  },
  {
    name: "dnf does not go back to a file unasked",
    args: "name: /srv/rpms/noarch/probe-1.0-1.noarch.rpm\nuse: dnf",
    fails: /^package '.*' is older than 2\.0-1, which is installed: allow_downgrade: true permits it$/,
  },
  {
    name: "dnf goes back to a file, when it may",
    args: "name: /srv/rpms/noarch/probe-1.0-1.noarch.rpm\nuse: dnf\nallow_downgrade: true",
    changes: ["package probe state: 2.0-1 -> 1.0-1"],
    verify: 'test "$(cat /opt/probe)" = 1.0',
    drift: [{ name: "upgraded by hand", by: "dnf -q -y upgrade probe >/dev/null 2>&1" }],
  },
  {
    name: "a name that dnf does not know",
    args: "name: no-such-package\nuse: dnf",
    fails: /^dnf install no-such-package failed: .*no-such-package/s,
  },
]);
