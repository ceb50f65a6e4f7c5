import { deepStrictEqual, strictEqual } from "node:assert";
import { touchedKeys, touchesOverlap, unitPart } from "../../../engine/host/touch_keys.ts";

const MEETS: readonly (readonly [touch: string, read: string])[] = [
  ["path:/a/b", "path:/a/b"],
  ["path:/a/b", "path:/a"],
  ["path:/a", "path:/a/b/c"],
  ["path:/a//b/./x/../", "path:/a/b"],
  ["path:/lib/systemd/system/x.service", "path:/usr/lib/systemd/system"],
  ["path:/var/run/x", "path:/run/x"],
  ["*", "path:/a"],
  ["*", "net:example.org:443"],
  ["facts", "*"],
  ["facts", "facts"],
  ["path:/a", "*"],
  ["package:curl", "package:curl"],
  ["path:/etc/systemd/system/x.service", "unit:x.service"],
  ["path:/lib/systemd/system/x@.service", "unit:x@1"],
  ["path:/usr/lib/systemd/system/x.service.d/10.conf", "unit:x"],
  ["path:/etc/systemd/system/service.d/10.conf", "unit:x"],
  ["path:/etc/systemd/system/x-.service.d/10.conf", "unit:x-y.service"],
  ["path:/etc/systemd/system/multi-user.target.wants/x.service", "unit:x"],
  ["path:/etc/systemd", "unit:x"],
  ["unit:x", "unit:x.service"],
  ["unit:*", "unit:x.service"],
  ["unit:x", "net:localhost:9090"],
  ["unit:x", "net:::1:9090"],
  ["path:/etc/passwd", "user:x"],
  ["path:/etc/group", "group:x"],
  ["user:x", "path:/etc/passwd"],
  ["user:x", "group:x"],
  ["path:/usr/local/bin/tool", "program:tool"],
];

const PASSES: readonly (readonly [touch: string, read: string])[] = [
  ["path:/a/b", "path:/a/bc"],
  ["path:/a/b", "package:b"],
  ["*", "facts"],
  ["path:/etc/x", "facts"],
  ["package:curl", "package:curl2"],
  ["path:/etc/systemd/system/x.service", "unit:y.service"],
  ["path:/etc/x.service", "unit:x.service"],
  ["path:/etc/systemd/system/timer.d/10.conf", "unit:x"],
  ["unit:x", "unit:y"],
  ["unit:x", "net:example.org:443"],
  ["path:/etc/passwd2", "user:x"],
  ["user:x", "group:y"],
  ["path:/usr/local/bin/tool", "program:tool2"],
];

Deno.test("touchesOverlap() says which changes make a reading stale", () => {
  for (const [touch, read] of MEETS) strictEqual(touchesOverlap(touch, [read]), true, `${touch} meets ${read}`);
  for (const [touch, read] of PASSES) strictEqual(touchesOverlap(touch, [read]), false, `${touch} passes ${read}`);
  strictEqual(touchesOverlap("*", []), false);
  strictEqual(touchesOverlap("path:/a", ["path:/b", "path:/a"]), true);
});

Deno.test("touchedKeys() adds paths and real paths, and * for a command that says nothing", () => {
  const run = { do: "run" as const, argv: ["x"] };
  const write = { do: "write" as const, path: "/a", content: "" };
  deepStrictEqual(touchedKeys([run]), ["*"]);
  deepStrictEqual(touchedKeys([run, write], [{ key: "unit:x" }]), ["unit:x", "path:/a"]);
  deepStrictEqual(touchedKeys([write], [], () => "/b"), ["path:/a", "path:/b"]);
});

Deno.test("unitPart() tells a unit's file from its drop-ins and links", () => {
  strictEqual(unitPart("/etc/systemd/system/x.service", "x"), "file");
  strictEqual(unitPart("/etc/systemd/system/x.service.d/a.conf", "x"), "drop-in");
  strictEqual(unitPart("/etc/systemd/system/a.target.wants/x.service", "x"), "link");
  strictEqual(unitPart("/etc/x.service", "x"), undefined);
});
