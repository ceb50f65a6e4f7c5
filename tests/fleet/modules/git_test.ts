import { strictEqual } from "node:assert";
import git from "../../../modules/git/mod.ts";
import { testModule } from "./harness.ts";
import { settles } from "./sources.ts";

const GIT = "git -c user.name=fleet -c user.email=fleet@example.org -c protocol.file.allow=always";
/** Adds a commit to the remote, whose file `f` then holds the word. */
const commit = (word: string) =>
  `cd /root/work; echo ${word} > f; git add f; ${GIT} commit -qm ${word}; git push -q origin HEAD`;
const MAKE = `apt-get -qq -y install --no-install-recommends git >/dev/null 2>&1
git init -q --bare -b main /srv/a.git; git clone -q /srv/a.git /root/work 2>/dev/null
cd /root/work; git checkout -q -b main; ${commit("one")}; ${GIT} tag -m first v1; git push -q origin v1
git checkout -q -b next; ${commit("next")}; git checkout -q main; ${commit("two")}
git clone -q --bare /srv/a.git /srv/b.git`;

testModule("git", [
  { name: "a host without git", args: "repo: /srv/a.git\ndest: /opt/a", fails: /^the host has no git: install it/ },
  {
    name: "the remote's own branch",
    prepare: MAKE,
    args: "repo: /srv/a.git\ndest: /opt/deep/a",
    verify: `test "$(cat /opt/deep/a/f)" = "$(cat /root/work/f)"
      test "$(git -C /opt/deep/a symbolic-ref --short HEAD)" = main`,
    drift: [
      { name: "the remote has a new commit", by: commit("three") },
      { name: "another branch is checked out", by: "git -C /opt/deep/a checkout -q -b mine" },
      { name: "the remote is another", by: "git -C /opt/deep/a remote set-url origin /srv/b.git" },
      { name: "there is no remote", by: "git -C /opt/deep/a remote remove origin" },
    ],
  },
  {
    name: "local modifications stop it",
    prepare: `${commit("four")}; echo mine > /opt/deep/a/f`,
    args: "repo: /srv/a.git\ndest: /opt/deep/a",
    fails: /^in \/opt\/deep\/a there are local modifications \(f\): 'force: true'/,
  },
  {
    name: "and force drops them; what git does not know stays",
    prepare: "grep -qx mine /opt/deep/a/f; echo own > /opt/deep/a/untracked",
    args: "repo: /srv/a.git\ndest: /opt/deep/a\nforce: true",
    verify: "grep -qx four /opt/deep/a/f; grep -qx own /opt/deep/a/untracked",
    drift: [{ name: "changed again", by: "echo x > /opt/deep/a/f" }, { name: "removed", by: "rm /opt/deep/a/f" }],
  },
  {
    name: "a tag that is annotated, of little history",
    args: "repo: file:///srv/a.git\ndest: /opt/tag\nversion: v1\ndepth: 1",
    verify: 'grep -qx one /opt/tag/f; test "$(git -C /opt/tag rev-list --count HEAD)" = 1',
    drift: [{ name: "another commit", by: "cd /opt/tag; git checkout -q origin/next" }],
  },
  {
    name: "that clone goes to another branch",
    args: "repo: file:///srv/a.git\ndest: /opt/tag\nversion: next\ndepth: 1",
    verify: "grep -qx next /opt/tag/f",
  },
  {
    name: "one branch, later another",
    prepare: "git clone -q --single-branch -b next file:///srv/a.git /opt/one",
    args: "repo: file:///srv/a.git\ndest: /opt/one\nversion: main\nsingle_branch: true",
    verify: "grep -qx four /opt/one/f",
  },
  {
    name: "a bare mirror follows every branch",
    args: "repo: /srv/a.git\ndest: /opt/mirror.git\nbare: true",
    verify: 'test "$(git -C /opt/mirror.git show-ref --heads)" = "$(git -C /srv/a.git show-ref --heads)"',
    drift: [{ name: "a branch that is not HEAD moves", by: `cd /root/work; git checkout -q next; ${commit("n2")}` }],
  },
  {
    name: "no such version",
    args: "repo: /srv/a.git\ndest: /opt/none\nversion: v9",
    fails: /^there is no branch or tag 'v9' in \/srv\/a\.git$/,
  },
  {
    name: "no repository",
    args: "repo: /srv/nothing.git\ndest: /opt/none",
    fails: /^\/srv\/nothing\.git cannot be read: /,
  },
  { name: "a place that is taken", args: "repo: /srv/a.git\ndest: /etc", fails: /^\/etc is not empty and no clone/ },
], async ({ machine, ...rest }, t) => {
  const bench = { machine, ...rest };
  const on = async (script: string) => (await machine.exec(script, { mustSucceed: true })).stdout.trim();
  await t.step("a commit by its digits, with and without history", async () => {
    const first = await on("git -C /srv/a.git rev-parse v1^{commit}");
    for (const more of [{}, { depth: 1 }]) {
      const dest = `/opt/commit${"depth" in more ? 1 : 0}`;
      const args = { repo: "file:///srv/a.git", dest, version: first, ...more };
      const { result } = await settles(bench, git, args, `grep -qx one ${dest}/f`);
      strictEqual(result.after, first);
    }
  });
  await t.step("submodules come with it, and come back", async () => {
    await on(`export GIT_ALLOW_PROTOCOL=file; set -e; cd /root/work; git checkout -q main
      ${GIT} submodule --quiet add /srv/b.git sub; ${GIT} commit -qm sub; git push -q origin HEAD
      git config --global protocol.file.allow always`);
    const args = { repo: "/srv/a.git", dest: "/opt/with" };
    await settles(bench, git, args, "grep -qx two /opt/with/sub/f");
    await on("git -C /opt/with submodule --quiet deinit -f sub");
    await settles(bench, git, args, "grep -qx two /opt/with/sub/f");
  });
});
