import { testModule } from "./harness.ts";

testModule("sysctl", [
  {
    name: "a setting, in the kernel and at boot",
    args: "name: net.ipv4.ip_forward\nvalue: 1\nsysctl_file: /etc/sysctl.d/90-fleet.conf",
    changes: [
      "kernel net.ipv4.ip_forward value: 0 -> 1",
      "/etc/sysctl.d/90-fleet.conf state: absent -> file",
      "/etc/sysctl.d/90-fleet.conf content:  -> net.ipv4.ip_forward=1\n",
    ],
    verify: `test "$(cat /proc/sys/net/ipv4/ip_forward)" = 1
      grep -qx net.ipv4.ip_forward=1 /etc/sysctl.d/90-fleet.conf`,
    drift: [
      { name: "set back in the kernel", by: "echo 0 > /proc/sys/net/ipv4/ip_forward" },
      { name: "set back in the file", by: "sed -i s/=1/=0/ /etc/sysctl.d/90-fleet.conf" },
      { name: "the file is gone", by: "rm /etc/sysctl.d/90-fleet.conf" },
    ],
  },
  {
    name: "several numbers, which the kernel prints with tabs",
    args: "name: net.ipv4.ip_local_port_range\nvalue: 20000  60000\nsysctl_file: /etc/sysctl.d/90-fleet.conf",
    verify: `grep -qx 'net.ipv4.ip_local_port_range=20000 60000' /etc/sysctl.d/90-fleet.conf
      test "$(cut -f2 /proc/sys/net/ipv4/ip_local_port_range)" = 60000`,
  },
  {
    name: "from the file, and not from the kernel",
    args: "name: net.ipv4.ip_forward\nstate: absent\nsysctl_file: /etc/sysctl.d/90-fleet.conf",
    verify: `! grep -q forward /etc/sysctl.d/90-fleet.conf; test "$(cat /proc/sys/net/ipv4/ip_forward)" = 1`,
  },
  {
    name: "a value that the kernel refuses does not get into the file",
    args: "name: net.ipv4.ip_forward\nvalue: much\nsysctl_file: /etc/sysctl.d/90-fleet.conf",
    fails:
      /^the kernel refuses net\.ipv4\.ip_forward = much: Invalid argument: the value is none that it takes$|I\/O error/,
  },
  {
    name: "what a container may not set",
    prepare: "! grep -q much /etc/sysctl.d/90-fleet.conf; mount --bind -o ro /proc/sys/net /proc/sys/net",
    args: "name: net.ipv4.ip_forward\nvalue: 0",
    fails:
      /^the kernel refuses net\.ipv4\.ip_forward = 0: Read-only file system: in a container it is set on the machine/,
  },
  {
    name: "a setting that there is not",
    args: "name: net.no.such\nvalue: 1",
    fails: /^the kernel has no setting 'net/,
  },
]);
