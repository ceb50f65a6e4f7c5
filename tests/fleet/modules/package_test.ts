import { deepStrictEqual, ok } from "node:assert";
import packages from "../../../modules/package/mod.ts";
import { apply, parseArgs, plan, testModule, verify } from "./harness.ts";

testModule("package", [
  {
    name: "two packages in one go",
    args: "name: [hello, tree]",
    verify:
      "hello; tree --version; test $(grep -c '^Commandline:' /var/log/apt/history.log) = 1 || tail -n 3 /var/log/apt/history.log",
    drift: [
      { name: "one was removed", by: "dpkg -r tree" },
      { name: "both were removed", by: "dpkg -P tree hello" },
    ],
  },
  {
    name: "what comes along is said",
    args: "name: jq",
    verify: "jq --version",
  },
  {
    name: "a version, as a glob",
    args: "name: fleet-probe=1.*",
    changes: ["package fleet-probe state: absent -> 1.0"],
    verify: 'test "$(cat /usr/share/fleet-probe/version)" = 1.0',
    drift: [{ name: "it was removed", by: "dpkg -P fleet-probe" }],
  },
  {
    name: "present leaves an old version",
    args: "name: fleet-probe",
    changes: [],
    verify: 'test "$(cat /usr/share/fleet-probe/version)" = 1.0',
  },
  {
    name: "latest upgrades",
    args: "name: fleet-probe\nstate: latest",
    changes: ["package fleet-probe state: 1.0 -> 2.0"],
    verify: 'test "$(cat /usr/share/fleet-probe/version)" = 2.0',
    drift: [{ name: "downgraded by hand", by: "apt-get -qq -y --allow-downgrades install fleet-probe=1.0 >/dev/null" }],
  },
  {
    name: "an older version needs allow_downgrade",
    args: "name: fleet-probe=1.0",
    fails: /^apt refuses: Packages were downgraded.*: allow_downgrade: true permits it$/s,
  },
  {
    name: "an older version with allow_downgrade",
    args: "name: fleet-probe=1.0\nallow_downgrade: true",
    changes: ["package fleet-probe state: 2.0 -> 1.0"],
    verify: 'test "$(cat /usr/share/fleet-probe/version)" = 1.0',
  },
  {
    name: "a held package is not upgraded",
    prepare: "apt-mark hold fleet-probe",
    args: "name: fleet-probe\nstate: latest",
    fails: /^apt refuses: Held packages were changed.*: allow_change_held_packages: true permits it$/s,
  },
  {
    name: "a held package, on request",
    args: "name: fleet-probe\nstate: latest\nallow_change_held_packages: true",
    verify: 'test "$(cat /usr/share/fleet-probe/version)" = 2.0; apt-mark unhold fleet-probe',
  },
  {
    name: "a package is removed, its settings stay",
    prepare: "apt-get -qq -y install logrotate >/dev/null 2>&1; echo '# mine' >> /etc/logrotate.conf",
    args: "name: logrotate\nstate: absent",
    verify: "! command -v logrotate; grep -q mine /etc/logrotate.conf",
    drift: [{
      name: "it came back",
      by: "apt-get -qq -y -o Dpkg::Options::=--force-confold install logrotate >/dev/null 2>&1",
    }],
  },
  {
    name: "an operator's settings survive an install",
    args: "name: logrotate",
    verify: "grep -q mine /etc/logrotate.conf",
  },
  {
    name: "what was installed for others goes with autoremove",
    args: "name: jq\nstate: absent\nautoremove: true\npurge: true",
    verify: "! dpkg -s libjq1",
  },
  {
    name: "what depends on a removed package is named",
    prepare: "apt-get -qq -y install jq >/dev/null 2>&1",
    args: "name: libjq1\nstate: absent",
    verify: "! command -v jq",
  },
  {
    name: "a file of the host",
    prepare: "cp /srv/repo/fleet-probe_1.0_all.deb /root/probe.deb; dpkg -P fleet-probe",
    args: "name: /root/probe.deb",
    changes: ["package fleet-probe state: absent -> 1.0"],
    verify: 'test "$(cat /usr/share/fleet-probe/version)" = 1.0',
    drift: [{ name: "it was removed", by: "dpkg -P fleet-probe" }],
  },
  {
    name: "a file that is older than what is installed",
    prepare: "apt-get -qq -y install fleet-probe=2.0 >/dev/null 2>&1",
    args: "name: /root/probe.deb",
    fails: /^apt refuses: Packages were downgraded.*: allow_downgrade: true permits it$/s,
  },
  {
    name: "a file that is no package",
    prepare: "echo no > /root/no.deb",
    args: "name: /root/no.deb",
    fails: /^\/root\/no\.deb is no package: /,
  },
  { name: "a file that is missing", args: "name: /root/none.deb", fails: /^there is no file \/root\/none\.deb on/ },
  {
    name: "a name that nobody knows",
    args: "name: [hello, no-such-package]",
    fails:
      /^package 'no-such-package' is not known to the host's repositories: check the name, or read them again with update_cache: true$/,
  },
  {
    name: "a version that is not there",
    args: "name: fleet-probe=9.9",
    fails: /^apt refuses: Version '9\.9' for 'fleet-probe' was not found/,
  },
], async ({ host, machine }, t) => {
  await t.step("an index that is missing is read first, and that alone is no change", async () => {
    await verify(machine, "dpkg -P sl; rm -rf /var/lib/apt/lists/*");
    const fresh = parseArgs(packages, "name: sl\nupdate_cache: true\ncache_valid_time: 3600");
    const planned = await plan(packages, host, fresh);
    deepStrictEqual(planned.actions.length, 2);
    await apply(packages, host, fresh);
    await verify(machine, "test -x /usr/games/sl");
    const again = await plan(packages, host, fresh);
    deepStrictEqual([again.changes, again.actions], [[], []]);
    const always = await plan(packages, host, parseArgs(packages, "name: sl\nupdate_cache: true"));
    deepStrictEqual([always.changes.length, always.actions.length], [0, 1]);
  });
  await t.step("dependencies and dependents are part of the plan", async () => {
    const jq = await plan(packages, host, parseArgs(packages, "name: jq"));
    ok(
      jq.changes.length > 1 && jq.changes.some((change) => change.path === "package libjq1"),
      JSON.stringify(jq.changes),
    );
  });
});
