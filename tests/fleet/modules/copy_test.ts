import { deepStrictEqual, match, strictEqual } from "node:assert";
import copy from "../../../modules/copy/mod.ts";
import { testModule } from "./harness.ts";
import { briefly, failure, fileOf, largeFile, perform, settles } from "./sources.ts";

testModule("copy", [
  {
    name: "a text",
    args: 'content: "a=1\\n"\ndest: /etc/default/copied\nmode: "0640"\ngroup: adm',
    verify: `test "$(cat /etc/default/copied)" = a=1; test "$(stat -c '%a %G' /etc/default/copied)" = "640 adm"`,
    drift: [
      { name: "content", by: "echo b=2 > /etc/default/copied" },
      { name: "mode", by: "chmod 666 /etc/default/copied" },
      { name: "gone", by: "rm /etc/default/copied" },
    ],
  },
  {
    name: "a mode is kept when only the content differs",
    prepare: "echo old > /root/kept; chmod 600 /root/kept; chgrp adm /root/kept",
    args: 'content: "new\\n"\ndest: /root/kept',
    changes: ["/root/kept content: old\n -> new\n"],
    verify: `test "$(stat -c '%a %G' /root/kept)" = "600 adm"`,
  },
  {
    name: "a link is replaced",
    prepare: "echo precious > /root/precious; ln -sfn precious /root/link",
    args: 'content: "x"\ndest: /root/link',
    verify: "! test -L /root/link; grep -q precious /root/precious",
  },
  {
    name: "a link is followed on demand",
    prepare: "echo old > /root/behind; rm -f /root/link; ln -sfn behind /root/link",
    args: 'content: "x"\ndest: /root/link\nfollow: true',
    verify: "test -L /root/link; test $(cat /root/behind) = x",
  },
  {
    name: "validation that fails keeps the old file",
    prepare: "echo old > /root/valid",
    args: 'content: "broken"\ndest: /root/valid\nvalidate: "grep -q fine %s"',
    fails: /\/root\/valid is unchanged: the new content failed/,
  },
  {
    name: "a copy on the host",
    prepare: "rm -f /root/from /root/to; echo data > /root/from; chmod 640 /root/from",
    args: "src: /root/from\ndest: /root/to\nremote_src: true\nmode: preserve\ngroup: adm",
    verify:
      `cmp /root/from /root/to; test "$(stat -c '%a %G' /root/to)" = "640 adm"; test -z "$(ls -A /root | grep aami)"`,
    drift: [{ name: "content", by: "echo other > /root/to" }, { name: "mode", by: "chmod 600 /root/to" }],
  },
  {
    name: "a tree on the host",
    prepare: "mkdir -p '/root/tree/a b'; echo 1 > '/root/tree/a b/one'; echo 2 > /root/tree/two",
    args: "src: /root/tree/\ndest: /root/copied\nremote_src: true",
    verify: "diff -r /root/tree /root/copied",
    drift: [{ name: "one file", by: "echo 3 > /root/copied/two" }, {
      name: "a directory",
      by: "rm -r '/root/copied/a b'",
    }],
  },
  {
    name: "a directory that is missing",
    args: "content: x\ndest: /nowhere/x",
    fails: /^the directory \/nowhere does not exist$/,
  },
], async (bench, t) => {
  await t.step("a binary file into a directory takes its name", async () => {
    const bytes = Uint8Array.from({ length: 70_000 }, (_, index) => index % 256);
    const src = fileOf(bytes, "/site/files/tool", 0o755);
    const { result } = await settles(
      bench,
      copy,
      { src, dest: "/usr/local/bin/", mode: "preserve" },
      "test -x /usr/local/bin/tool",
    );
    strictEqual(result.checksum, src.sha256);
  });
  await t.step("a large file is streamed, once", async () => {
    const local = await Deno.makeTempFile();
    try {
      const chunk = crypto.getRandomValues(new Uint8Array(65536));
      using file = await Deno.open(local, { write: true });
      for (let index = 0; index < 48; index++) await file.write(chunk);
      await settles(
        bench,
        copy,
        { src: await largeFile(local), dest: "/opt/large" },
        "test $(stat -c %s /opt/large) = 3145728",
      );
    } finally {
      await Deno.remove(local);
    }
  });
  await t.step("a tree goes file by file, and only what strayed goes again", async () => {
    const files = ["a", "sub/b", "sub/c d"].map((relative) => ({ ...fileOf(relative), relative }));
    const src = {
      kind: "tree",
      path: "/site/files/tree",
      contentsOnly: false,
      directories: [{ path: "sub", mode: 0o755 }],
      files,
    };
    const args = { src, dest: "/srv", directory_mode: "0750", mode: "0640" };
    await settles(
      bench,
      copy,
      args,
      `test "$(cat '/srv/tree/sub/c d')" = 'sub/c d'; test $(stat -c %a /srv/tree/sub) = 750`,
    );
    await bench.machine.exec("echo x > /srv/tree/a; chmod 755 /srv/tree/sub", { mustSucceed: true });
    const { plan } = await settles(bench, copy, args, "test $(cat /srv/tree/a) = a");
    deepStrictEqual(briefly(plan), ["/srv/tree/sub mode", "/srv/tree/a content"]);
  });
  await t.step("a large file of the host is copied there", async () => {
    await bench.machine.exec("head -c 300000 /dev/urandom > /root/big; rm -f /root/big2", { mustSucceed: true });
    const args = {
      src: "/root/big",
      dest: "/root/big2",
      remote_src: true,
      mode: "0600",
      group: "adm",
      validate: "test -s %s",
    };
    const script =
      `cmp /root/big /root/big2; test "$(stat -c '%a %G' /root/big2)" = "600 adm"; ! ls -A /root | grep aami`;
    await settles(bench, copy, args, script);
    await bench.machine.exec("echo x > /root/big2", { mustSucceed: true });
    await settles(bench, copy, { ...args, mode: undefined, backup: true }, `${script}; ls /root/big2.*~`);
    match(
      await failure(bench, copy, { ...args, dest: "/root/big3", validate: "false %s" }),
      /failed with exit status 1/,
    );
  });
  await t.step("a backup is told", async () => {
    await bench.machine.exec("echo old > /root/backed", { mustSucceed: true });
    const { result } = await perform(bench, copy, { content: "new\n", dest: "/root/backed", backup: true });
    match(String(result.backup_file), /^\/root\/backed\.\d+\..*~$/);
  });
  await t.step("an owner that does not exist", async () => {
    match(
      await failure(bench, copy, { content: "x", dest: "/root/owned", owner: "nobody-there" }),
      /^there is no user 'nobody-there'/,
    );
  });
});
