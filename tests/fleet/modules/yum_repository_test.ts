import { dnfHost } from "./dnf_host.ts";
import { testModule } from "./harness.ts";

testModule("yum_repository", [
  {
    name: "a host without dnf",
    args: "name: a\ndescription: A\nbaseurl: https://a/",
    fails: /^the directory .* does not/,
  },
  {
    name: "a repository that dnf reads",
    prepare: dnfHost,
    args:
      "name: site\ndescription: Our own\nbaseurl: file:///srv/rpms\ngpgcheck: false\npriority: 1\nexclude: nothing*",
    verify: `dnf -q repolist --all | grep -q '^site .*Our own'
      dnf -q repoquery --repo site --qf '%{name}-%{version}\\n' probe | grep -q probe-2.0
      test $(stat -c %a /etc/yum.repos.d/site.repo) = 644`,
    drift: [
      { name: "turned off", by: "echo enabled=0 >> /etc/yum.repos.d/site.repo" },
      { name: "another address", by: "sed -i s,/srv/rpms,/srv/none, /etc/yum.repos.d/site.repo" },
      { name: "gone", by: "rm /etc/yum.repos.d/site.repo" },
    ],
  },
  {
    name: "beside another, in its file",
    args: "name: site-old\ndescription: Old\nbaseurl: file:///srv/rpms\nfile: fleet\nenabled: false\ngpgcheck: false",
    verify: "dnf -q repolist --enabled | grep -q ^fleet; dnf -q repolist --disabled | grep -q ^site-old",
    drift: [{ name: "used", by: "sed -i 's/^enabled.*/enabled = 1/' /etc/yum.repos.d/fleet.repo" }],
  },
  {
    name: "it goes, the other stays",
    args: "name: site-old\nfile: fleet\nstate: absent",
    verify: "dnf -q repolist --all | grep -q ^fleet; ! dnf -q repolist --all | grep -q ^site-old",
  },
  {
    name: "the file goes with its last",
    args: "name: site\nstate: absent",
    verify: "! test -e /etc/yum.repos.d/site.repo",
  },
]);
