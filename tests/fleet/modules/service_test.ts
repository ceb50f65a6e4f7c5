import { rejects } from "node:assert";
import systemd from "../../../modules/systemd/mod.ts";
import { parseArgs, plan, testModule } from "./harness.ts";

/** The file that says that systemd is process 1: without it the host is one of init scripts. */
const booted = "/run/systemd/system";
const name = "prometheus-node-exporter";

testModule("service", [
  {
    name: "under systemd a service is a unit",
    prepare: `printf '[Service]\\nExecStart=/bin/sleep infinity\\n[Install]\\nWantedBy=multi-user.target\\n' \\
      > /etc/systemd/system/probe.service; systemctl daemon-reload`,
    args: "name: probe\nstate: started\nenabled: true",
    changes: ["unit probe.service enabled: disabled -> enabled", "unit probe.service state: inactive -> active"],
    verify: "systemctl is-active probe; systemctl is-enabled probe",
    drift: [{ name: "stopped and disabled", by: "systemctl disable -q --now probe" }],
  },
  {
    name: "an init script under systemd",
    prepare: `cat > /etc/init.d/oldie <<'END'
#!/bin/sh
### BEGIN INIT INFO
# Provides: oldie
# Required-Start:
# Required-Stop:
# Default-Start: 2 3 4 5
# Default-Stop: 0 1 6
# Short-Description: old
### END INIT INFO
case $1 in
start) touch /run/oldie;;
stop) rm -f /run/oldie;;
status) test -e /run/oldie || exit 3;;
esac
END
chmod +x /etc/init.d/oldie; systemctl daemon-reload`,
    args: "name: oldie\nstate: started\nenabled: true",
    verify: "test -e /run/oldie; ls /etc/rc3.d/S??oldie",
    drift: [{ name: "disabled", by: "update-rc.d oldie disable" }],
  },
  {
    name: "a service that does not exist",
    args: "name: nothing-here\nstate: started",
    fails: /^there is no unit nothing-here\.service on the host/,
  },
  {
    name: "an init script is started and enabled where systemd does not run",
    prepare: `apt-get -qq -y install ${name} >/dev/null 2>&1; systemctl disable -q --now ${name}
      update-rc.d -f ${name} remove; mv ${booted} ${booted}.away`,
    args: `name: ${name}\nstate: started\nenabled: true`,
    changes: [`service ${name} enabled: disabled -> enabled`, `service ${name} state: stopped -> running`],
    verify: `/etc/init.d/${name} status; ls /etc/rc3.d/S??${name}; pidof ${name}`,
    result: { name, state: "started", enabled: true },
    drift: [
      { name: "it was stopped", by: `/etc/init.d/${name} stop` },
      { name: "it was killed", by: `kill -KILL $(pidof ${name}); while pidof ${name}; do sleep 0.1; done` },
      { name: "it was disabled", by: `update-rc.d ${name} disable` },
      { name: "its links are gone", by: `update-rc.d -f ${name} remove` },
    ],
  },
  {
    name: "restarted gives it a new process",
    prepare: `pidof ${name} > /root/pid`,
    args: `name: ${name}\nstate: restarted`,
    always: true,
    verify: `pidof ${name}; test "$(pidof ${name})" != "$(cat /root/pid)"`,
  },
  {
    name: "restarted with a pause",
    prepare: `pidof ${name} > /root/pid`,
    args: `name: ${name}\nstate: restarted\nsleep: 1`,
    always: true,
    verify: `pidof ${name}; test "$(pidof ${name})" != "$(cat /root/pid)"`,
  },
  {
    name: "a pattern of a process's command line decides",
    args: `name: ${name}\nstate: stopped\npattern: /usr/bin/${name}`,
    changes: [`service ${name} state: running -> stopped`],
    verify: `! pidof ${name}`,
  },
  {
    name: "a daemon that keeps its output does not hold the task",
    prepare: `cp /bin/sleep /usr/local/bin/chatterd
      printf '%s\\n' '#!/bin/sh' 'case $1 in start) chatterd 1234 & ;;' 'stop) kill $(pidof chatterd);;' \\
      'status) pidof chatterd >/dev/null || exit 3;; esac' > /etc/init.d/chatty; chmod +x /etc/init.d/chatty`,
    args: "name: chatty\nstate: started",
    verify: 'test "$(readlink /proc/$(pidof chatterd)/fd/1)" = /dev/null',
    drift: [{ name: "it was stopped", by: "kill $(pidof chatterd); while pidof chatterd; do sleep 0.1; done" }],
  },
  {
    name: "a script that fails is named with its exit status",
    prepare: `printf '%s\\n' '#!/bin/sh' 'case $1 in status) exit 3;; *) exit 6;; esac' > /etc/init.d/broken
      chmod +x /etc/init.d/broken`,
    args: "name: broken\nstate: started",
    fails: /^'\/etc\/init\.d\/broken start' exits 6: run it on the host to see what it says$/,
  },
  {
    name: "a script that is not there, with a near one",
    args: "name: prometheus-node-exporte\nstate: started",
    fails:
      /^there is no init script \/etc\/init\.d\/prometheus-node-exporte on the host: did you mean 'prometheus-node-exporter'\?$/,
  },
], async ({ host }, t) => {
  await t.step("the module systemd says what to use instead", async () => {
    const args = parseArgs(systemd, "name: cron\nstate: started");
    await rejects(plan(systemd, host, args), /systemd does not run on this host: use the module 'service'/);
  });
});
