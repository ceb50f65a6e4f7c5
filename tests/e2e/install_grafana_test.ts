/**
 * Grafana's part of install-stack, on a real host. No Grafana can be had here: a stand-in in the layout of its archive
 * answers in its place, so that user, unit, configuration, password and service are real, and Grafana is not.
 *
 * @module
 */

import { deepStrictEqual, match, strictEqual } from "node:assert";
import { DASHBOARDS } from "../../cluster/dashboards/dashboards.ts";
import { grafanaJson } from "../../cluster/dashboards/grafana.ts";
import { run } from "../fleet/command.ts";
import { fleetObstacle } from "../fleet/prerequisites.ts";
import { ask, bootCluster, expectFine, expectNoChange, expectParity, tasksOf } from "./stack.ts";

const obstacle = await fleetObstacle();
const because = obstacle ? ` (${obstacle.reason ?? obstacle.missing.join(" ")})` : "";

/** Reads its port and its password file as Grafana would, and answers every request. */
const STAND_IN = `#!/usr/bin/perl
use strict; use IO::Socket::INET;
my ($file) = map { /^--config=(.+)/ } @ARGV; local $/; open my $f, "<", $file or die "$file: $!"; my $ini = <$f>;
my ($port) = $ini =~ /^http_port = (\\d+)$/m; my ($secret) = $ini =~ /__file\\{(.+)\\}/;
open my $p, "<", $secret or die "$secret: $!"; -w "/var/lib/grafana" or die "no data directory";
my $server = IO::Socket::INET->new(LocalPort => $port, Listen => 9, ReuseAddr => 1) or die $!;
while (my $c = $server->accept) { my $line; { local $/ = "\\r\\n\\r\\n"; $line = <$c>; }
  print $c "HTTP/1.0 200 OK\\r\\nContent-Type: application/json\\r\\n\\r\\n{\\"stand-in\\":true}"; close $c; }
`;

/** An archive as Grafana's are: everything below one folder. */
async function packStandIn(): Promise<Uint8Array<ArrayBuffer>> {
  const folder = await Deno.makeTempDir();
  await Deno.mkdir(`${folder}/grafana-v13.0.0/bin`, { recursive: true });
  await Deno.writeTextFile(`${folder}/grafana-v13.0.0/bin/grafana`, STAND_IN, { mode: 0o755 });
  await run(["tar", "-C", folder, "-czf", `${folder}/grafana.tar.gz`, "grafana-v13.0.0"]);
  const bytes = await Deno.readFile(`${folder}/grafana.tar.gz`);
  await Deno.remove(folder, { recursive: true });
  return bytes;
}

Deno.test({ name: `install-stack with Grafana's archive${because}`, ignore: obstacle !== undefined }, async (t) => {
  const archive = await packStandIn();
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", archive)).toHex();
  let server: Deno.HttpServer<Deno.NetAddr> | undefined;
  await using cluster = await bootCluster(1, (fleet) => {
    server = Deno.serve({ hostname: fleet.gateway, port: 0, onListen() {} }, () => new Response(archive));
    const grafana_url = `http://${fleet.gateway}:${server.addr.port}/grafana_13.0.0_1_linux_amd64.tar.gz`;
    return { components: "grafana", install_from: "distro", grafana_port: 3100, grafana_url };
  });
  const { monitor } = cluster;
  const passwordFile = "/etc/aami/grafana/admin_password";
  try {
    await t.step("an archive without a checksum, or with another, is refused", async () => {
      for (const [sum, words] of [["", /grafana_sha256/], ["0".repeat(64), /sha256/]] as const) {
        const ran = await cluster.play("install-stack", "-e", "install_from=release", "-e", `grafana_sha256=${sum}`);
        strictEqual(ran.code, 2);
        match(String(tasksOf(ran).at(-1)?.result.msg), words);
      }
      strictEqual((await monitor.exec("ls /opt/aami/grafana")).stdout, "");
    });
    const args = ["-e", "install_from=release", "-e", `grafana_sha256=${digest}`];
    await t.step("it is installed, and its password is told once", async () => {
      const check = await cluster.play("install-stack", "--check", ...args);
      expectFine(check);
      const apply = await cluster.play("install-stack", ...args);
      expectFine(apply);
      console.log(expectParity(check, apply));
      const notices = apply.events.filter((event) => event.type === "notice").map(({ message }) => message);
      const password = await monitor.read(passwordFile);
      match(password, /^[A-Za-z0-9+/]{24}$/);
      deepStrictEqual(notices.map((notice) => notice.includes(`password ${password} `)), [true]);
      strictEqual(JSON.stringify(tasksOf(apply)).includes(password), false, "the password is in a task's result");
      strictEqual((await monitor.exec(`stat -c '%a %U' ${passwordFile}`)).stdout, "600 grafana\n");
      deepStrictEqual(await ask(`http://${monitor.address}:3100/api/health`), { "stand-in": true });
    });
    await t.step("the dashboards lie where it looks for them, and ask the data source that it has", async () => {
      const folder = "/etc/aami/grafana/dashboards";
      strictEqual(
        (await monitor.exec(`ls ${folder}`)).stdout,
        DASHBOARDS.map(({ uid }) => `${uid}.json\n`).sort().join(""),
      );
      match(await monitor.read("/etc/aami/grafana/provisioning/dashboards/aami.yaml"), new RegExp(`path: ${folder}\n`));
      const source = /uid: (\w+)/.exec(await monitor.read("/etc/aami/grafana/provisioning/datasources/aami.yaml"))?.[1];
      for (const dashboard of DASHBOARDS) {
        const text = await monitor.read(`${folder}/${dashboard.uid}.json`);
        strictEqual(text, grafanaJson(dashboard));
        deepStrictEqual([...new Set([...text.matchAll(/"uid": "(\w+)"/g)].map(([, uid]) => uid))], [source]);
      }
    });
    await t.step("again: nothing changes, the password stays and is not told", async () => {
      const again = await cluster.play("install-stack", ...args);
      expectNoChange(again);
      deepStrictEqual(again.events.filter((event) => event.type === "notice"), []);
      expectNoChange(await cluster.play("install-stack", "--check", ...args));
    });
    await t.step("a given password takes its place", async () => {
      expectFine(await cluster.play("install-stack", ...args, "-e", 'grafana_admin_password="correct horse"'));
      strictEqual(await monitor.read(passwordFile), "correct horse");
    });
    await t.step("uninstall takes it away", async () => {
      expectFine(await cluster.play("uninstall-stack", ...args, "-e", "remove_data=true"));
      strictEqual((await monitor.exec("ls -d /etc/aami /opt/aami /var/lib/aami /var/lib/grafana")).stdout, "");
      strictEqual((await monitor.exec("systemctl is-active grafana-server")).stdout, "inactive\n");
    });
  } finally {
    await server?.shutdown();
  }
});
