import { testModule } from "./harness.ts";

/** Makes a host that has dnf beside apt, with a repository of two versions of a package. */
const dnfHost = `
apt-get -qq -y -o Dpkg::Options::=--force-unsafe-io --no-install-recommends install dnf rpm createrepo-c >/dev/null 2>&1
# Debian's rpm keeps a database of its own for each user; dnf has the system's.
echo '%_dbpath /var/lib/rpm' > /root/.rpmmacros
mkdir -p /srv/rpms /etc/yum.repos.d
for v in 1.0 2.0; do
  printf '%s\\n' 'Name: probe' "Version: $v" 'Release: 1' 'Summary: probe' 'License: none' 'BuildArch: noarch' \\
    'Provides: probing' '%description' 'nothing' '%install' 'mkdir -p %{buildroot}/opt' \\
    'echo %{version} > %{buildroot}/opt/probe' '%files' '/opt/probe' > /root/probe.spec
  rpmbuild -bb --define '_rpmdir /srv/rpms' /root/probe.spec >/dev/null 2>&1
done
createrepo_c -q /srv/rpms
printf '%s\\n' '[fleet]' 'name=fleet' 'baseurl=file:///srv/rpms' 'gpgcheck=0' > /etc/yum.repos.d/fleet.repo
dnf -q makecache`;

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
    name: "a name that dnf does not know",
    args: "name: no-such-package\nuse: dnf",
    fails: /^dnf install no-such-package failed: .*no-such-package/s,
  },
]);
