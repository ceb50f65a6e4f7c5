import { deepStrictEqual, match } from "node:assert";
import template from "../../../modules/template/mod.ts";
import { testModule } from "./harness.ts";
import { briefly, failure, settles } from "./sources.ts";

testModule("template", [], async (bench, t) => {
  const src = (text: string) => ({ kind: "rendered", path: "/site/templates/motd.hbs", text });
  await t.step("a rendered text is written, and mended", async () => {
    const args = { src: src("hello\n"), dest: "/etc/motd", mode: "0644" };
    await settles(bench, template, args, "test $(cat /etc/motd) = hello");
    await bench.machine.exec("echo x >> /etc/motd; chmod 600 /etc/motd", { mustSucceed: true });
    const { plan } = await settles(bench, template, args, "test $(stat -c %a /etc/motd) = 644");
    deepStrictEqual(briefly(plan), ["/etc/motd content", "/etc/motd mode"]);
  });
  await t.step("into a directory it loses the suffix of templates", async () => {
    await settles(bench, template, { src: src("x"), dest: "/root" }, "test $(cat /root/motd) = x");
  });
  await t.step("with line ends of Windows", async () => {
    const args = { src: src("a\nb\n"), dest: "/root/dos", newline_sequence: "\\r\\n" };
    await settles(bench, template, args, "test $(wc -c < /root/dos) = 6");
  });
  await t.step("validation keeps the old file", async () => {
    const args = { src: src("bad"), dest: "/etc/motd", validate: "grep -q good %s" };
    match(await failure(bench, template, args), /\/etc\/motd is unchanged: the new content failed/);
  });
});
