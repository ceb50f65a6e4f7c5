/**
 * What the hosts of the fleet are made of: data that the image builder follows.
 * @module
 */

/** Counts up whenever the builder's code changes what comes out in a way that the data below does not show. */
export const recipeVersion = 1;

/** What the bare image holds beyond debootstrap's minbase: enough for PID 1, ssh and sudo. No Python, no curl. */
export const barePackages: readonly string[] = [
  "systemd",
  "systemd-sysv",
  "dbus",
  "openssh-server",
  "iproute2",
  "ca-certificates",
  "sudo",
];

/** What the python image adds: what Ansible asks of its hosts. */
export const pythonPackages: readonly string[] = ["python3", "python3-apt"];

/** What a host can install from its offline repository, with everything that these depend on. */
export const offlinePackages: readonly string[] = [
  // The stack itself.
  "prometheus",
  "prometheus-alertmanager",
  "prometheus-node-exporter",
  // Small ones, to install and remove.
  "hello",
  "sl",
  "tree",
  "jq",
  // What modules can meet on a host, or miss.
  "acl",
  "attr",
  "bzip2",
  "cron",
  "curl",
  "git",
  "logrotate",
  "nginx-light",
  "unzip",
  "xz-utils",
  "zip",
  "zstd",
  // Another package manager, and its repositories.
  "createrepo-c",
  "dnf",
  "rpm",
  // A host whose clock is years off.
  "libfaketime",
  ...pythonPackages,
];

/** A package of our own in the offline repository, in two versions, for upgrades, holds and versions asked for. */
export const probePackage = { name: "fleet-probe", versions: ["1.0", "2.0"] } as const;

/** A release of upstream's that the mirror offers, repacked from Debian's binaries. */
export interface ReleaseRecipe {
  /** The project as upstream's forge names it: owner/name. */
  project: string;
  /** Debian's package of it. */
  debian: string;
  /** The files of the tarball: the name in it, and where the Debian package has it (a folder for a folder). */
  files: Readonly<Record<string, string>>;
}

/** The releases that the mirror offers. */
export const releaseRecipes: readonly ReleaseRecipe[] = [
  {
    project: "prometheus/prometheus",
    debian: "prometheus",
    files: {
      prometheus: "usr/bin/prometheus",
      promtool: "usr/bin/promtool",
      "prometheus.yml": "etc/prometheus/prometheus.yml",
      consoles: "etc/prometheus/consoles",
      console_libraries: "etc/prometheus/console_libraries",
    },
  },
  {
    project: "prometheus/alertmanager",
    debian: "prometheus-alertmanager",
    files: {
      alertmanager: "usr/bin/prometheus-alertmanager",
      amtool: "usr/bin/amtool",
      "alertmanager.yml": "etc/prometheus/alertmanager.yml",
    },
  },
  {
    project: "prometheus/node_exporter",
    debian: "prometheus-node-exporter",
    files: { node_exporter: "usr/bin/prometheus-node-exporter" },
  },
];

/** The accounts of every host, beside root, who takes the fleet's key and whose password is for su. */
export const accounts = {
  /** Takes the key; sudo without a password. */
  ops: "ops",
  /** Takes the key; sudo asks for the password. */
  opspw: "opspw",
  /** The password of `opspw`. */
  opspwPassword: "correct horse",
  /** The password of root. */
  rootPassword: "battery staple",
} as const;

/** Run by sh in a chroot of the bare image, once: accounts, sshd, and nothing that acts by the clock. */
export const bareSetup = `
export LC_ALL=C
rm -f /etc/ssh/ssh_host_* /var/lib/dbus/machine-id
: > /etc/machine-id
useradd -m -s /bin/bash ${accounts.ops}
useradd -m -s /bin/bash ${accounts.opspw}
printf '%s\\n' 'root:${accounts.rootPassword}' '${accounts.opspw}:${accounts.opspwPassword}' | chpasswd
printf '%s\\n' '${accounts.ops} ALL=(ALL:ALL) NOPASSWD: ALL' '${accounts.opspw} ALL=(ALL:ALL) ALL' > /etc/sudoers.d/fleet
chmod 0440 /etc/sudoers.d/fleet
cat > /etc/ssh/sshd_config.d/fleet.conf <<'END'
HostKey /etc/ssh/ssh_host_ed25519_key
UseDNS no
PermitRootLogin prohibit-password
END
printf '%s\\n' '# The fleet has no resolver: every name that is not in /etc/hosts fails at once.' > /etc/resolv.conf
chmod 0644 /etc/resolv.conf
printf '%s\\n' '127.0.0.1 localhost' > /etc/hosts
printf '%s\\n' 'Acquire::Languages "none";' > /etc/apt/apt.conf.d/80fleet
rm -rf /etc/apt/sources.list.d/* /var/lib/apt/lists/* /var/cache/apt/archives/*.deb
printf '%s\\n' 'deb [trusted=yes] file:/srv/repo ./' > /etc/apt/sources.list
systemctl enable systemd-networkd.service
systemctl mask apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer fstrim.timer \\
  e2scrub_reap.service systemd-networkd-wait-online.service console-getty.service getty@tty1.service
apt-get -q update
rm -rf /tmp/* /var/log/bootstrap.log /var/log/apt/* /var/log/dpkg.log /var/log/alternatives.log
`;
