import { testModule } from "./harness.ts";

testModule("cron", [
  {
    name: "without cron, a user's crontab cannot be",
    args: "name: a\njob: 'true'",
    fails: /^the host has no crontab program: install cron \(or cronie\), or use 'cron_file'$/,
  },
  {
    name: "a file in cron.d, before there is cron",
    args: "name: gpu health\ncron_file: gpu-health\nuser: ops\nminute: '*/5'\njob: /bin/true --it's \"fine\"",
    verify: `tail -n1 /etc/cron.d/gpu-health | grep -qxF "*/5 * * * * ops /bin/true --it's \\"fine\\""
      test "$(stat -c '%a %U' /etc/cron.d/gpu-health)" = "644 root"`,
    drift: [
      { name: "another time", by: "sed -i 's,^./5,0,' /etc/cron.d/gpu-health" },
      { name: "its name is lost", by: "sed -i '/^#Ansible/d' /etc/cron.d/gpu-health" },
      { name: "removed", by: "rm /etc/cron.d/gpu-health" },
    ],
  },
  {
    name: "the file goes with its last job",
    args: "name: gpu health\ncron_file: gpu-health\nstate: absent",
    verify: "! test -e /etc/cron.d/gpu-health",
  },
  {
    name: "a job of root, who had none",
    prepare: "apt-get -qq -y install cron >/dev/null 2>&1",
    args: "name: rotate\nhour: '3'\nminute: '30'\njob: /bin/rotate",
    verify: `crontab -l | grep -qxF '30 3 * * * /bin/rotate'
      test "$(stat -c '%a %U %G' /var/spool/cron/crontabs/root)" = "600 root crontab"`,
    result: { jobs: ["rotate"], envs: [] },
    drift: [
      { name: "another command", by: "crontab -l | sed 's,/bin/rotate,/bin/false,' | crontab -" },
      { name: "all gone", by: "crontab -r" },
    ],
  },
  {
    name: "beside what an operator has, of another user",
    prepare: "echo '5 4 * * sun echo mine' | crontab -u ops -",
    args: "name: nightly\nspecial_time: daily\njob: echo ours\nuser: ops\nbackup: true",
    verify: `crontab -u ops -l | head -n1 | grep -qx '5 4 \\* \\* sun echo mine'
      crontab -u ops -l | tail -n1 | grep -qx '@daily echo ours'; grep -q mine /tmp/crontab*`,
    drift: [{ name: "turned off", by: "crontab -u ops -l | sed 's/^@daily/#@daily/' | crontab -u ops -" }],
  },
  {
    name: "a variable",
    args: "name: MAILTO\nenv: true\njob: ops@example.org\nuser: ops",
    verify: `crontab -u ops -l | head -n1 | grep -qx 'MAILTO="ops@example.org"'`,
    drift: [{ name: "set to another", by: "crontab -u ops -l | sed 's/^MAILTO=.*/MAILTO=x/' | crontab -u ops -" }],
  },
  {
    name: "a job goes",
    args: "name: nightly\nuser: ops\nstate: absent",
    verify: "! crontab -u ops -l | grep -q ours; crontab -u ops -l | grep -q mine",
  },
  {
    name: "a user who is not there",
    args: "name: a\njob: x\nuser: nobodyhere",
    fails: /^there is no user 'nobodyhere'/,
  },
]);
