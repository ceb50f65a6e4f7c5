import { testModule } from "./harness.ts";

const repo = "deb [trusted=yes] file:/srv/more ./";

testModule("apt_repository", [
  {
    name: "a repository, read at once",
    // The host's own repository again, under another path: its packages are known already.
    prepare: "mkdir -p /srv/more; cp /srv/repo/Packages* /srv/more/",
    args: `repo: "${repo}"`,
    changes: [
      "/etc/apt/sources.list.d/srv_more.list state: absent -> file",
      `/etc/apt/sources.list.d/srv_more.list content:  -> ${repo}\n`,
    ],
    verify: "apt-cache policy | grep -q file:/srv/more; test $(stat -c %a /etc/apt/sources.list.d/srv_more.list) = 644",
    drift: [
      { name: "commented out", by: "sed -i 's/^/# /' /etc/apt/sources.list.d/srv_more.list" },
      { name: "gone", by: "rm /etc/apt/sources.list.d/srv_more.list" },
    ],
  },
  {
    name: "it goes, with its file",
    args: `repo: "${repo}"\nstate: absent`,
    verify: "! test -e /etc/apt/sources.list.d/srv_more.list; apt-get -q update",
    drift: [{ name: "it is back, elsewhere", by: `echo '${repo}' >> /etc/apt/sources.list` }],
  },
  {
    name: "one that apt cannot read is taken out again, with the reason",
    args: "repo: deb [trusted=yes] file:/srv/nothing ./\nfilename: nothing",
    fails:
      /^apt cannot use 'deb \[trusted=yes\] file:\/srv\/nothing \.\/', so it was taken out again: .*file:\/srv\/nothing/s,
  },
  {
    name: "one without a signature too, and its neighbours stay",
    prepare: "! test -e /etc/apt/sources.list.d/nothing.list; echo '# mine' > /etc/apt/sources.list.d/ours.list",
    args: "repo: deb file:/srv/more ./\nfilename: ours",
    fails: /^apt cannot use 'deb file:\/srv\/more \.\/', so it was taken out again: .*(not signed|Release)/s,
  },
  {
    name: "without reading it",
    prepare: 'test "$(cat /etc/apt/sources.list.d/ours.list)" = "# mine"',
    args: "repo: deb https://packages.example.org/apt stable main\nfilename: ours\nupdate_cache: false",
    verify: "test $(wc -l < /etc/apt/sources.list.d/ours.list) = 2",
  },
  {
    name: "a keyring that is missing",
    args: "repo: deb [signed-by=/etc/apt/keyrings/x.asc] https://x.org/apt stable main",
    fails: /^the keyring \/etc\/apt\/keyrings\/x\.asc does not exist/,
  },
]);
