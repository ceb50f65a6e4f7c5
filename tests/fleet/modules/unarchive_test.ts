import { deepStrictEqual, match } from "node:assert";
import unarchive from "../../../modules/unarchive/mod.ts";
import { run } from "../command.ts";
import { testModule } from "./harness.ts";
import { briefly, failure, fileOf, settles } from "./sources.ts";

const MAKE = `mkdir -p /root/make/app-1/bin '/root/make/app-1/with späce'; cd /root/make
printf 'run' > app-1/bin/app; chmod 755 app-1/bin/app; printf 'text' > 'app-1/with späce/readme'; ln -sfn bin/app app-1/app
tar -czf /root/app.tar.gz app-1; mkdir -p /opt/app /opt/remote`;

testModule("unarchive", [
  {
    name: "an archive that lies on the host",
    prepare: MAKE,
    args: "src: /root/app.tar.gz\ndest: /opt/remote\nremote_src: true",
    verify: "diff -r /root/make/app-1 /opt/remote/app-1; test -x /opt/remote/app-1/bin/app",
    drift: [
      { name: "content of the same size", by: "printf ran > /opt/remote/app-1/bin/app" },
      { name: "one file gone", by: "rm '/opt/remote/app-1/with späce/readme'" },
      { name: "mode", by: "chmod 600 /opt/remote/app-1/bin/app" },
      { name: "another link", by: "ln -sfn /etc/passwd /opt/remote/app-1/app" },
    ],
  },
  {
    name: "without its first directory, as another owner",
    prepare: "mkdir -p /opt/stripped",
    args:
      "src: /root/app.tar.gz\ndest: /opt/stripped\nremote_src: true\nextra_opts: [--strip-components=1]\ngroup: adm",
    verify: "test -x /opt/stripped/bin/app; test $(stat -c %G /opt/stripped/bin/app) = adm",
    drift: [{ name: "content", by: "echo longer > /opt/stripped/bin/app" }, {
      name: "group",
      by: "chgrp root /opt/stripped/bin",
    }],
  },
  {
    name: "creates keeps it from looking",
    args: "src: /nowhere.tar\ndest: /opt\nremote_src: true\ncreates: /etc/passwd",
    changes: [],
  },
  {
    name: "no archive",
    args: "src: /etc/passwd\ndest: /opt\nremote_src: true",
    fails: /^the host's tar cannot read \/etc\/passwd: /,
  },
  {
    name: "no directory",
    args: "src: /root/app.tar.gz\ndest: /opt/none\nremote_src: true",
    fails: /^the directory \/opt\/none does not exist$/,
  },
], async (bench, t) => {
  const folder = await Deno.makeTempDir();
  const pack = async (script: string) => {
    await run(["sh", "-c", `set -e; cd ${folder}; ${script}`]);
    return await Deno.readFile(`${folder}/out`);
  };
  try {
    await t.step("an archive of the controller, of which only what strayed is unpacked again", async () => {
      const bytes = await pack(
        "mkdir -p a/b; echo 1 > a/b/one; echo 2 > 'a/two words'; chmod 700 a/b/one; tar -czf out a",
      );
      const args = { src: fileOf(bytes, "/site/files/a.tar.gz"), dest: "/opt/app", owner: "root", group: "root" };
      await settles(bench, unarchive, args, `test $(stat -c %a /opt/app/a/b/one) = 700; test $(ls -A /opt/app) = a`);
      await bench.machine.exec("echo x > '/opt/app/a/two words'", { mustSucceed: true });
      const { plan } = await settles(bench, unarchive, args, `test "$(cat '/opt/app/a/two words')" = 2`);
      deepStrictEqual(briefly(plan), ["/opt/app/a/two words content"]);
    });
    await t.step("include and exclude choose", async () => {
      const bytes = await pack("mkdir -p r/d; echo 1 > r/x; echo 2 > r/y; echo 3 > r/d/x; tar -cf out r");
      await bench.machine.exec("mkdir -p /opt/chosen", { mustSucceed: true });
      const args = { src: fileOf(bytes), dest: "/opt/chosen", include: ["*/x"], exclude: ["r/d"] };
      await settles(
        bench,
        unarchive,
        args,
        "test $(cat /opt/chosen/r/x) = 1; ! test -e /opt/chosen/r/d; ! test -e /opt/chosen/r/y",
      );
    });
    await t.step("entries that would leave the destination are refused", async () => {
      const bytes = await pack("echo x > evil; tar -P --transform 's,^,../,' -cf out evil");
      match(
        await failure(bench, unarchive, { src: fileOf(bytes), dest: "/opt/app" }),
        /'\.\.\/evil' lies outside of the destination/,
      );
      const through = await pack(
        "rm -rf l w; mkdir w; ln -s /etc l; echo x > w/f; tar -cf out l; tar --transform 's,^w,l,' -rf out w/f",
      );
      match(await failure(bench, unarchive, { src: fileOf(through), dest: "/opt/app" }), /goes through the link 'l'/);
    });
    await t.step("other formats are named", async () => {
      const zip = Uint8Array.from([0x50, 0x4b, 0x03, 0x04, ...new Array<number>(600).fill(0)]);
      match(
        await failure(bench, unarchive, { src: fileOf(zip, "/site/files/a.zip"), dest: "/opt" }),
        /^a\.zip is a zip file: .*unzip/,
      );
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
