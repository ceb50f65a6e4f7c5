import { testModule } from "./harness.ts";

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
]);
