import { deepStrictEqual, ok, rejects } from "node:assert";
import { ModuleError } from "../../../engine/module/module.ts";
import systemd from "../../../modules/systemd/mod.ts";
import { apply, parseArgs, plan, testModule, verify } from "./harness.ts";

function unit(name: string, body: string): string {
  return `cat > /etc/systemd/system/${name} <<'END'\n[Unit]\nDescription=aami test\n[Service]\n${body}
[Install]\nWantedBy=multi-user.target\nEND\n`;
}

testModule("systemd", [
  {
    name: "a new unit file is started and enabled",
    prepare: unit("probe.service", "ExecStart=/bin/sleep infinity"),
    args: "name: probe\nstate: started\nenabled: true\ndaemon_reload: true",
    changes: ["unit probe.service enabled: disabled -> enabled", "unit probe.service state: inactive -> active"],
    verify: "systemctl is-active probe; systemctl is-enabled probe",
    result: { name: "probe.service", state: "started", enabled: true },
    drift: [
      { name: "it was stopped", by: "systemctl stop probe" },
      {
        name: "it was killed",
        by: "systemctl kill -s KILL probe; while systemctl -q is-active probe; do sleep 0.1; done",
      },
      { name: "it was disabled", by: "systemctl disable -q probe" },
      { name: "both", by: "systemctl disable -q --now probe" },
    ],
  },
  {
    name: "a unit that runs is stopped and disabled",
    args: "name: probe.service\nstate: stopped\nenabled: false",
    changes: ["unit probe.service enabled: enabled -> disabled", "unit probe.service state: active -> inactive"],
    verify: "! systemctl is-active probe; ! systemctl is-enabled probe",
    drift: [
      { name: "it was started", by: "systemctl start probe" },
      { name: "it was enabled", by: "systemctl enable -q probe" },
    ],
  },
  {
    name: "restarted starts what is down",
    args: "name: probe\nstate: restarted",
    changes: ["unit probe.service state: inactive -> active"],
    always: true,
    verify: "systemctl is-active probe",
  },
  {
    name: "restarted gives a running unit a new process",
    prepare: "systemctl show -p MainPID --value probe > /root/pid",
    args: "name: probe\nstate: restarted",
    changes: ["unit probe.service state: active -> restarted"],
    always: true,
    verify: 'systemctl is-active probe; test "$(systemctl show -p MainPID --value probe)" != "$(cat /root/pid)"',
  },
  {
    name: "reloaded signals the running process",
    prepare: unit(
      "rel.service",
      "ExecStart=/bin/sleep infinity\nExecReload=/bin/sh -c 'echo reloaded >> /root/reloads'",
    ) + "systemctl daemon-reload; systemctl start rel",
    args: "name: rel\nstate: reloaded",
    changes: ["unit rel.service state: active -> reloaded"],
    always: true,
    verify: "grep -c reloaded /root/reloads",
  },
  {
    name: "a vendor's unit is masked",
    args: "name: cron-like.timer\nmasked: true",
    prepare:
      "printf '[Timer]\\nOnCalendar=yearly\\n' > /usr/lib/systemd/system/cron-like.timer; systemctl daemon-reload",
    changes: ["unit cron-like.timer masked: no -> yes"],
    verify: 'test "$(readlink /etc/systemd/system/cron-like.timer)" = /dev/null',
    drift: [{ name: "it was unmasked", by: "systemctl unmask -q cron-like.timer" }],
  },
  {
    name: "a masked unit is not started",
    args: "name: cron-like.timer\nstate: started",
    fails: /^unit cron-like\.timer is masked, so nothing can start it: masked: false lifts that$/,
  },
  {
    name: "unmasked, enabled and started at once",
    prepare: `mkdir -p /usr/lib/systemd/system
printf '[Service]\\nExecStart=/bin/sleep infinity\\n[Install]\\nWantedBy=multi-user.target\\n' > /usr/lib/systemd/system/hid.service
systemctl daemon-reload; systemctl mask -q hid`,
    args: "name: hid\nmasked: false\nenabled: true\nstate: started",
    changes: [
      "unit hid.service masked: yes -> no",
      "unit hid.service enabled: disabled -> enabled",
      "unit hid.service state: inactive -> active",
    ],
    verify: "systemctl is-active hid; systemctl is-enabled hid",
    drift: [
      { name: "masked while it is enabled and runs", by: "systemctl mask -q hid" },
      { name: "masked and stopped", by: "systemctl mask -q --now hid" },
    ],
  },
  {
    name: "a unit with its own file in /etc cannot be masked",
    args: "name: probe\nmasked: true",
    fails: /^unit probe\.service has its own file in \/etc\/systemd\/system, so systemd cannot mask it/,
  },
  {
    name: "a static unit needs no enabling",
    args: "name: systemd-journald\nenabled: true\nstate: started",
    changes: [],
  },
  {
    name: "a oneshot that ends is started without complaint",
    prepare: unit("once.service", "Type=oneshot\nExecStart=/bin/touch /root/once"),
    args: "name: once\nstate: started",
    always: true,
    verify: "test -e /root/once",
  },
  {
    name: "an instance of a template",
    prepare: unit("inst@.service", "ExecStart=/bin/sleep infinity"),
    args: "name: inst@a\nstate: started\nenabled: true",
    verify: "systemctl is-active inst@a; systemctl is-enabled inst@a",
    drift: [{ name: "it was stopped", by: "systemctl stop inst@a" }],
  },
  {
    name: "a name that is nearly right",
    args: "name: systemd-jornald\nstate: started",
    fails: /^there is no unit systemd-jornald\.service on the host: did you mean 'systemd-journald\.service'\?$/,
  },
  {
    name: "a unit that fails at once shows its journal",
    prepare: unit("bad.service", "ExecStart=/bin/sh -c 'echo the port is taken >&2; sleep 0.1; exit 9'"),
    args: "name: bad\nstate: started\ndaemon_reload: true",
    fails:
      /^unit bad\.service: it failed right after its start\nstate: ActiveState=failed.*ExecMainStatus=9.*the port is taken/s,
  },
  {
    name: "a program that is not there shows its journal",
    prepare: unit("gone.service", "Type=exec\nExecStart=/usr/local/bin/gone"),
    args: "name: gone\nstate: started",
    fails: /^unit gone\.service: systemctl start gone\.service failed.*\/usr\/local\/bin\/gone/s,
  },
], async ({ host, machine }, t) => {
  await t.step("daemon_reload acts only where the unit's file changed, and is no change", async () => {
    const args = parseArgs(systemd, "name: probe\ndaemon_reload: true");
    deepStrictEqual((await plan(systemd, host, args)).actions, []);
    await verify(machine, "sed -i s/aami/other/ /etc/systemd/system/probe.service");
    const { plan: planned } = await apply(systemd, host, args);
    deepStrictEqual([planned.changes.length, planned.actions.length], [0, 1]);
    await verify(machine, 'test "$(systemctl show -p Description --value probe)" = "other test"');
    deepStrictEqual((await plan(systemd, host, args)).actions, []);
  });
  await t.step("daemon_reload without a name reads all", async () => {
    await verify(machine, "sed -i s/other/third/ /etc/systemd/system/probe.service");
    await apply(systemd, host, parseArgs(systemd, "daemon_reload: true"));
    await verify(machine, 'test "$(systemctl show -p Description --value probe)" = "third test"');
  });
  await t.step("a restart loop is a failure, with its journal", async () => {
    const loop = unit("loop.service", "ExecStart=/bin/sh -c 'echo again; exit 1'\nRestart=always\nRestartSec=50ms");
    await machine.exec(loop, { mustSucceed: true });
    await rejects(apply(systemd, host, parseArgs(systemd, "name: loop\nstate: started")), (error) => {
      ok(error instanceof ModuleError);
      return /loop\.service: .*again/s.test(error.message);
    });
  });
});
