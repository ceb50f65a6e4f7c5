import { deepStrictEqual, strictEqual, throws } from "node:assert";
import { parseFacts } from "../../../engine/host/facts_parser.ts";

/** The facts script's output with some sections. */
function output(sections: Record<string, string>): string {
  const text = Object.entries(sections).map(([name, body]) => `\x1e${name}\n${body}\n`).join("");
  return `${text}\x1eend\n`;
}

const RELEASES: readonly (readonly [text: string, expected: readonly string[]])[] = [
  ['NAME="Debian GNU/Linux"\nVERSION_ID="12"\nVERSION="12 (bookworm)"\nVERSION_CODENAME=bookworm\nID=debian', [
    "Debian",
    "12.5",
    "12",
    "bookworm",
    "Debian",
  ]],
  ['NAME="Ubuntu"\nVERSION_ID="24.04"\nVERSION_CODENAME=noble\nID=ubuntu\nID_LIKE=debian', [
    "Ubuntu",
    "24.04",
    "24",
    "noble",
    "Debian",
  ]],
  ['ID="rhel"\nVERSION="9.6 (Plow)"\nVERSION_ID="9.6"\nID_LIKE="fedora"', ["RedHat", "9.6", "9", "Plow", "RedHat"]],
  ['ID="rocky"\nVERSION="9.5 (Blue Onyx)"\nVERSION_ID="9.5"\nID_LIKE="rhel centos fedora"', [
    "Rocky",
    "9.5",
    "9",
    "Blue Onyx",
    "RedHat",
  ]],
  ['ID="almalinux"\nVERSION_ID="9.6"\nID_LIKE="rhel"', ["AlmaLinux", "9.6", "9", "NA", "RedHat"]],
  ['ID="amzn"\nVERSION="2023"\nVERSION_ID="2023"\nID_LIKE="fedora"', ["Amazon", "2023", "2023", "NA", "RedHat"]],
  ['ID="sles"\nVERSION="15-SP6"\nVERSION_ID="15.6"\nID_LIKE="suse"', ["SLES", "15.6", "15", "6", "Suse"]],
  ['ID="opensuse-leap"\nVERSION_ID="15.6"\nID_LIKE="suse opensuse"', ["openSUSE Leap", "15.6", "15", "6", "Suse"]],
  ["ID=alpine\nVERSION_ID=3.19.1", ["Alpine", "3.19.1", "3", "NA", "Alpine"]],
  ['NAME="Own \\"OS\\""\nID=own\nVERSION_ID=1', ['Own "OS"', "1", "1", "NA", 'Own "OS"']],
];

Deno.test("parseFacts() names distributions as Ansible does", () => {
  for (const [text, expected] of RELEASES) {
    const facts = parseFacts(output({ "os-release": text, "debian-version": "12.5" }));
    const keys = [
      "distribution",
      "distribution_version",
      "distribution_major_version",
      "distribution_release",
      "os_family",
    ];
    deepStrictEqual(keys.map((key) => facts[key]), expected);
  }
});

Deno.test("parseFacts() tells package and service managers", () => {
  const managers = (tools: string, init: string) => {
    const facts = parseFacts(output({ tools, init }));
    return [facts.pkg_mgr, facts.service_mgr];
  };
  deepStrictEqual(managers("apt-get", "systemd\nsystemd-booted"), ["apt", "systemd"]);
  deepStrictEqual(managers("dnf\nyum", "systemd"), ["dnf", "systemd"]);
  deepStrictEqual(managers("apk\nrc-service", "init\ninit.d"), ["apk", "openrc"]);
  deepStrictEqual(managers("zypper", "init\ninit.d"), ["zypper", "sysvinit"]);
  deepStrictEqual(managers("", "sleep\ninit.d"), ["unknown", "service"]);
});

Deno.test("parseFacts() reads names, processors, memory, time, user, mounts", () => {
  const facts = parseFacts(output({
    uname: "Linux\n6.1.0\n#1 SMP\nx86_64\ngpu1.example.org",
    fqdn: "gpu1.example.org",
    cpu:
      "256\ncpu cores\t: 64\nmodel name\t: EPYC: x\nphysical id\t: 0\nphysical id\t: 1\nsiblings\t: 128\nvendor_id\t: AMD",
    meminfo: "MemTotal:  2097152 kB\nMemFree: 1048576 kB\nSwapTotal: 0 kB",
    date: "1700000000|CET|+0100|2023|11|14|23|13|20|Tuesday|2|46|318",
    user: "root\n0\n0\nroot:x:0:0:r:/root:/bin/bash",
    env: "A=1=2\nB=x\x1dy",
    mounts: "/dev/sda1 /my\\040disk ext4 rw 0 0\nproc /proc proc rw 0 0\nnas:/x /x nfs rw 0 0",
    disks: "Filesystem 1024-blocks Used Available Capacity Mounted on\n/dev/sda1 100 40 60 40% /my disk",
    cmdline: 'ro quiet root=UUID=1 x="a b"',
    uptime: "12.5 3",
    "dmi-sys_vendor": "QEMU",
    selinux: "1",
    "selinux-config": "SELINUX=enforcing\nSELINUXTYPE=targeted",
  }));
  const pick = (...keys: string[]) => keys.map((key) => facts[key]);
  deepStrictEqual(pick("hostname", "fqdn", "domain", "architecture"), [
    "gpu1",
    "gpu1.example.org",
    "example.org",
    "x86_64",
  ]);
  deepStrictEqual(pick("processor_count", "processor_cores", "processor_threads_per_core", "processor_vcpus"), [
    2,
    64,
    2,
    256,
  ]);
  deepStrictEqual(pick("memtotal_mb", "memfree_mb", "swaptotal_mb"), [2048, 1024, 0]);
  strictEqual((facts.date_time as Record<string, string>).iso8601, "2023-11-14T22:13:20Z");
  deepStrictEqual(pick("user_id", "user_uid", "user_dir", "env"), ["root", 0, "/root", { A: "1=2", B: "x\ny" }]);
  deepStrictEqual(facts.mounts, [
    {
      device: "/dev/sda1",
      mount: "/my disk",
      fstype: "ext4",
      options: "rw",
      size_total: 102400,
      size_available: 61440,
    },
    { device: "nas:/x", mount: "/x", fstype: "nfs", options: "rw" },
  ]);
  deepStrictEqual(facts.cmdline, { ro: true, quiet: true, root: "UUID=1", x: "a b" });
  deepStrictEqual(pick("uptime_seconds", "virtualization_type", "virtualization_role"), [12, "kvm", "guest"]);
  deepStrictEqual(facts.selinux, { status: "enabled", mode: "enforcing", config_mode: "enforcing", type: "targeted" });
});

Deno.test("parseFacts() reads addresses from ip, and from /proc where there is no ip", () => {
  const links = "eth0|02:00:00:00:00:01|1500|up|1\nlo|00:00:00:00:00:00|65536|unknown|772";
  const route = "default via 10.0.0.1 dev eth0 src 10.0.0.5 uid 0";
  const addresses = [
    "1: lo    inet 127.0.0.1/8 scope host lo",
    "2: eth0    inet 10.0.0.9/24 brd 10.0.0.255 scope global secondary eth0",
    "2: eth0    inet 10.0.0.5/24 brd 10.0.0.255 scope global eth0",
    "2: eth0    inet6 fe80::1/64 scope link ",
  ].join("\n");
  const withIp = parseFacts(output({ links, addresses, route4: route }));
  const expected = {
    interface: "eth0",
    gateway: "10.0.0.1",
    address: "10.0.0.5",
    netmask: "255.255.255.0",
    network: "10.0.0.0",
    prefix: "24",
  };
  const rest = { macaddress: "02:00:00:00:00:01", mtu: 1500, type: "ether" };
  deepStrictEqual(withIp.default_ipv4, { ...expected, broadcast: "10.0.0.255", ...rest });
  deepStrictEqual(withIp.all_ipv4_addresses, ["10.0.0.9", "10.0.0.5"]);
  deepStrictEqual(withIp.all_ipv6_addresses, ["fe80::1"]);
  deepStrictEqual(withIp.interfaces, ["eth0", "lo"]);
  const without = parseFacts(output({
    links,
    "route-table":
      "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\neth0\t00000000\t0100000A\t3\t0\t0\t0\t00000000\neth0\t0000000A\t00000000\t1\t0\t0\t0\t00FFFFFF",
    "local-addresses": "     |-- 10.0.0.5\n        /32 host LOCAL\n     |-- 127.0.0.1\n        /32 host LOCAL",
    "inet6-addresses": "fe800000000000000000000000000001 02 40 20 80 eth0",
  }));
  deepStrictEqual(without.default_ipv4, { ...expected, broadcast: "", ...rest });
  deepStrictEqual(without.all_ipv6_addresses, ["fe80::1"]);
  deepStrictEqual(parseFacts(output({})).default_ipv4, {});
});

Deno.test("parseFacts() refuses output that was cut off", () => {
  throws(() => parseFacts("\x1euname\nLinux\n"), /not whole/);
});
