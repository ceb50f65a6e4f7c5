import { match } from "node:assert";
import deb822 from "../../../modules/deb822_repository/mod.ts";
import { testModule } from "./harness.ts";
import { withServer } from "./http_server.ts";
import { failure, settles } from "./sources.ts";

const KEY = "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmQINBA==\n-----END PGP PUBLIC KEY BLOCK-----\n";
const FILE = "/etc/apt/sources.list.d/fleet-more.sources";

testModule("deb822_repository", [
  {
    name: "a repository that apt reads",
    prepare: "mkdir -p /srv/more; cp /srv/repo/Packages* /srv/more/",
    args: "name: Fleet more\nuris: file:/srv/more\nsuites: ./\ntrusted: true",
    verify: "apt-get -q update 2>&1 | grep -q file:/srv/more; apt-cache policy | grep -q file:/srv/more",
    drift: [
      { name: "turned off", by: `echo 'Enabled: no' >> ${FILE}` },
      { name: "its mode", by: `chmod 600 ${FILE}` },
      { name: "gone", by: `rm ${FILE}` },
    ],
  },
  {
    name: "with its key in it",
    args: `name: keyed\nuris: https://a.example.org\nsuites: ./\nenabled: false\nsigned_by: |\n  ${
      KEY.trim().replaceAll("\n", "\n  ")
    }`,
    verify: "grep -qx '    .' /etc/apt/sources.list.d/keyed.sources; apt-get indextargets >/dev/null",
  },
  { name: "it goes", args: "name: Fleet more\nstate: absent", verify: `! test -e ${FILE}` },
], async (bench, t) => {
  const served = (path: string) => path === "/key" ? new Response(KEY) : new Response("<html>", { status: 200 });
  await withServer(bench, ({ path }) => served(path), async (base) => {
    const args = { name: "fetched", uris: "https://a.example.org", suites: "./", enabled: false };
    await t.step("a key that the host downloads", async () => {
      const own = { ...args, signed_by: `${base}/key` };
      const verify = "test $(stat -c %a /etc/apt/keyrings/fetched.asc) = 644; apt-get indextargets >/dev/null";
      await settles(bench, deb822, own, verify);
      await bench.machine.exec("echo x > /etc/apt/keyrings/fetched.asc", { mustSucceed: true });
      await settles(bench, deb822, own, "grep -q mQINBA /etc/apt/keyrings/fetched.asc");
      await settles(bench, deb822, { name: "fetched", state: "absent" }, "! ls /etc/apt/keyrings/fetched.asc");
    });
    await t.step("what is no key is refused", async () => {
      match(
        await failure(bench, deb822, { ...args, signed_by: `${base}/page` }),
        /what came is no public key of OpenPGP$/,
      );
    });
  });
});
