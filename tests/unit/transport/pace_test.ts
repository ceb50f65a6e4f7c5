/** Pacing of logins, and the check of the limit on open files. */

import assert from "node:assert/strict";
import { descriptorShortage } from "../../../engine/transport/descriptors.ts";
import { Pace } from "../../../engine/transport/pace.ts";

Deno.test("so many run at once for a key and in all, and a full key does not hold up the others", async () => {
  const pace = new Pace(2, 3, 0);
  const running = new Map<string, number>();
  let all = 0, most = 0, mostOfOne = 0;
  const order: string[] = [];
  const work = (key: string) =>
    pace.run(key, async () => {
      order.push(key);
      running.set(key, (running.get(key) ?? 0) + 1);
      most = Math.max(most, ++all);
      mostOfOne = Math.max(mostOfOne, running.get(key)!);
      await new Promise((resolve) => setTimeout(resolve, 5));
      running.set(key, running.get(key)! - 1);
      all--;
    });
  await Promise.all(["a", "a", "a", "a", "b", "c", "d"].map(work));
  assert.deepEqual([most, mostOfOne], [3, 2]);
  assert.deepEqual(order.slice(0, 3), ["a", "a", "b"]);
  assert.equal(order.length, 7);
});

Deno.test("a work that is given up while it waits takes no turn; one that fails gives its turn back", async () => {
  const pace = new Pace(1, 1, 0);
  const first = Promise.withResolvers<void>();
  const failing = pace.run("a", () => first.promise);
  const abort = new AbortController();
  const given = pace.run("a", () => Promise.resolve("ran"), abort.signal);
  const last = pace.run("a", () => Promise.resolve("ran"));
  abort.abort(new Error("given up"));
  await assert.rejects(given, /given up/);
  first.reject(new Error("failed"));
  await assert.rejects(failing, /failed/);
  assert.equal(await last, "ran");
});

Deno.test("too many hosts for the limit on open files are told with what to set", () => {
  assert.equal(descriptorShortage(100, false, 1024), undefined);
  assert.deepEqual(descriptorShortage(1000, false, 1024), {
    message: "1000 hosts need up to 2064 open files, and this process may have 1024",
    help:
      "raise the limit with 'ulimit -n 2064' (nofile in /etc/security/limits.conf), or take fewer hosts at a time " +
      "with --limit",
  });
  assert.match(descriptorShortage(100, true, 1024)?.message ?? "", /^100 hosts need up to 1264 /);
});
