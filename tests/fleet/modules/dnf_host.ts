/**
 * A host of the fleet with another package manager.
 *
 * @module
 */

/** Run by sh: makes a host that has dnf beside apt, with a repository of two versions of a package in /srv/rpms. */
export const dnfHost = `
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
