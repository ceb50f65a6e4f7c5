import { testModule } from "./harness.ts";

const hash = "$6$aamisalt$4Oc5ZXJwVb1s9XbTzKN1ypE6pcRKs3dZ1YpjEL3y5bGZ0mT0P0zYQyCgU9nJ0w2ZQmY8Qf3ZrZ0Hk0b8e2y0a/";
const other = "$6$aamisalt$AAAAZXJwVb1s9XbTzKN1ypE6pcRKs3dZ1YpjEL3y5bGZ0mT0P0zYQyCgU9nJ0w2ZQmY8Qf3ZrZ0Hk0b8e2y0a/";

testModule("user", [
  {
    name: "a user for a service",
    args: "name: prometheus\nsystem: true\nshell: /usr/sbin/nologin\nhome: /var/lib/prometheus\ncreate_home: false",
    changes: ["user prometheus state: absent -> present"],
    verify: `getent passwd prometheus | grep -q ':/var/lib/prometheus:/usr/sbin/nologin$'
      test "$(id -u prometheus)" -lt 1000; test "$(id -gn prometheus)" = prometheus; ! test -e /var/lib/prometheus`,
    result: { name: "prometheus", shell: "/usr/sbin/nologin", create_home: false, system: true },
    drift: [
      { name: "its shell changed", by: "usermod -s /bin/bash prometheus" },
      { name: "its home changed", by: "usermod -d /srv prometheus" },
      { name: "it was removed", by: "userdel prometheus" },
    ],
  },
  {
    name: "a person, in groups, with a home",
    prepare: "groupadd -f video; groupadd -f render",
    args: "name: alice\nuid: 4200\ncomment: Alice A.\ngroups: [video, render]\nshell: /bin/bash",
    verify: `test "$(id -u alice)" = 4200; test "$(id -nG alice | tr ' ' '\\n' | sort | xargs)" = "alice render video"
      getent passwd alice | grep -q ':Alice A.:/home/alice:/bin/bash$'
      test "$(stat -c %U /home/alice)" = alice; test -f /home/alice/.profile; test "$(stat -c %U /home/alice/.profile)" = alice`,
    result: { uid: 4200, groups: "video,render", home: "/home/alice" },
    drift: [
      { name: "it left a group", by: "gpasswd -d alice video" },
      { name: "it joined another group", by: "gpasswd -a alice audio" },
      { name: "its comment changed", by: "usermod -c Mallory alice" },
      { name: "its home directory is gone", by: "rm -r /home/alice" },
      { name: "its number changed", by: "usermod -u 4300 alice" },
    ],
  },
  {
    name: "append adds to the groups that it has",
    prepare: "usermod -G audio alice",
    args: "name: alice\ngroups: video\nappend: true",
    changes: ["user alice groups: audio -> audio,video"],
    verify:
      `test "$(id -nG alice)" = "alice audio video" || test "$(id -nG alice | tr ' ' '\\n' | sort | xargs)" = "alice audio video"`,
    drift: [{ name: "it left the group", by: "gpasswd -d alice video" }],
  },
  {
    name: "an empty list takes it out of all groups",
    args: "name: alice\ngroups: []",
    changes: ["user alice groups: audio,video -> "],
    verify: 'test "$(id -nG alice)" = alice',
  },
  {
    name: "a password's hash, and a lock",
    args: `name: alice\npassword: ${hash}\npassword_lock: true`,
    changes: ["user alice password: another one -> as given"],
    verify: `getent shadow alice | grep -qF ':!${hash}:'`,
    drift: [
      { name: "it was unlocked", by: "usermod -U alice" },
      { name: "the password changed", by: `echo 'alice:${other}' | chpasswd -e` },
    ],
  },
  {
    name: "unlocking keeps the password",
    args: "name: alice\npassword_lock: false",
    changes: ["user alice password lock: locked -> open"],
    verify: `getent shadow alice | grep -qF ':${hash}:'`,
  },
  {
    name: "a password that is set on creation only is left alone",
    args: `name: alice\npassword: ${other}\nupdate_password: on_create`,
    changes: [],
    verify: `getent shadow alice | grep -qF ':${hash}:'`,
  },
  {
    name: "an end, and no end",
    args: "name: alice\nexpires: 1893456000",
    changes: ["user alice expires: never -> 2030-01-01"],
    verify: 'test "$(getent shadow alice | cut -d: -f8)" = 21915',
    drift: [{ name: "the end was lifted", by: "usermod -e '' alice" }],
  },
  { name: "no end", args: "name: alice\nexpires: -1", verify: 'test -z "$(getent shadow alice | cut -d: -f8)"' },
  {
    name: "a home moves with what is in it",
    prepare: "echo keep > /home/alice/note",
    args: "name: alice\nhome: /srv/alice\nmove_home: true",
    changes: ["user alice home: /home/alice -> /srv/alice"],
    verify: 'test "$(cat /srv/alice/note)" = keep; ! test -e /home/alice',
  },
  {
    name: "a primary group that is there already",
    prepare: "groupadd -f bob",
    args: "name: bob\npassword: " + hash,
    verify: `id bob; getent shadow bob | grep -qF ':${hash}:'`,
  },
  {
    name: "a user is removed with its files",
    args: "name: alice\nstate: absent\nremove: true",
    changes: ["user alice state: present -> absent"],
    verify: "! getent passwd alice; ! test -e /srv/alice",
    drift: [{ name: "it came back", by: "useradd -m alice" }],
  },
  {
    name: "a group that does not exist is named",
    args: "name: carol\ngroups: [nogroup, chemists]",
    fails: /^there is no group 'chemists' on the host/,
  },
  {
    name: "a password in plain text is refused and not shown",
    args: "name: carol\npassword: hunter2",
    fails: /^'password' is not a crypt hash \(it is not shown here\)/,
  },
]);
