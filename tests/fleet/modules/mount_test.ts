import { testModule } from "./harness.ts";

testModule("mount", [
  {
    name: "a file system, now and at boot",
    args: "path: /mnt/with space\nsrc: scratch\nfstype: tmpfs\nopts: size=1m,mode=0750\nstate: mounted",
    verify: `test "$(stat -f -c %T '/mnt/with space')" = tmpfs; test "$(stat -c %a '/mnt/with space')" = 750
      grep -qxF 'scratch /mnt/with\\040space tmpfs size=1m,mode=0750 0 0' /etc/fstab; findmnt --verify >/dev/null || true`,
    drift: [
      { name: "unmounted", by: "umount '/mnt/with space'" },
      { name: "gone from fstab", by: "sed -i /scratch/d /etc/fstab" },
      { name: "the mount point is gone too", by: "umount '/mnt/with space'; rmdir '/mnt/with space'" },
      { name: "other options in fstab", by: "sed -i s/size=1m/size=2m/ /etc/fstab" },
    ],
  },
  {
    name: "other options mount it again",
    args: "path: /mnt/with space\nsrc: scratch\nfstype: tmpfs\nopts: size=2m,mode=0750\nstate: mounted\nbackup: true",
    verify: `findmnt -n -o OPTIONS '/mnt/with space' | grep -q size=2048k; grep -c scratch /etc/fstab | grep -qx 1
      ls /etc/fstab.*~`,
  },
  {
    name: "a directory elsewhere",
    prepare: "mkdir -p /srv/real; echo here > /srv/real/file",
    args: "path: /srv/alias\nsrc: /srv/real\nfstype: none\nopts: bind,ro\nstate: mounted",
    verify: "grep -qx here /srv/alias/file; ! touch /srv/alias/file; findmnt -n /srv/alias >/dev/null",
    drift: [{ name: "unmounted", by: "umount /srv/alias" }],
  },
  {
    name: "what is mounted stays on disk when it is unmounted",
    args: "path: /srv/alias\nstate: unmounted",
    verify: "! test -e /srv/alias/file; test -e /srv/real/file; grep -q /srv/alias /etc/fstab",
    drift: [{ name: "mounted twice by hand", by: "mount /srv/alias; mount --bind /srv/real /srv/alias" }],
  },
  {
    name: "at boot only",
    args: "path: /data\nsrc: LABEL=data\nfstype: ext4\nopts: noatime,nofail\npassno: 2\nstate: present",
    verify: "grep -qx 'LABEL=data /data ext4 noatime,nofail 0 2' /etc/fstab; ! test -e /data",
    drift: [{ name: "another kind", by: "sed -i s/ext4/xfs/ /etc/fstab" }],
  },
  {
    name: "now only",
    args: "path: /run/now\nsrc: tmpfs\nfstype: tmpfs\nstate: ephemeral",
    verify: "findmnt -n /run/now >/dev/null; ! grep -q /run/now /etc/fstab",
    drift: [{ name: "unmounted", by: "umount /run/now" }],
  },
  { name: "mounted again", args: "path: /run/now\nstate: remounted", always: true, verify: "findmnt -n /run/now" },
  {
    name: "all of it goes",
    args: "path: /mnt/with space\nstate: absent",
    verify: "! test -e '/mnt/with space'; ! grep -q scratch /etc/fstab",
  },
  {
    name: "what cannot be mounted leaves nothing behind",
    args: "path: /new/deep\nsrc: /dev/nothing-here\nfstype: ext4\nstate: mounted",
    fails: /^mount -t ext4 .* failed with exit status \d+:/s,
  },
  {
    name: "and fstab as it was",
    prepare: "! test -e /new; ! grep -q nothing-here /etc/fstab; touch /srv/held; mount -t tmpfs held /mnt",
    args: "path: /mnt\nsrc: held\nfstype: tmpfs\nstate: ephemeral",
  },
  {
    name: "a mount point that is in use",
    prepare: "cd /mnt && (sleep 60 >/dev/null 2>&1 & echo $! > /run/sleeper)",
    args: "path: /mnt\nstate: unmounted",
    fails: /^umount -- \/mnt failed.*busy/s,
  },
]);
