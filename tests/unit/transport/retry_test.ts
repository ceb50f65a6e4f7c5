import assert from "node:assert/strict";
import { retrying } from "../../../engine/transport/mod.ts";

Deno.test("three attempts with pauses that double, up to the longest", async () => {
  const pauses: number[] = [];
  const numbers: number[] = [];
  const failing = retrying((number) => {
    numbers.push(number);
    return Promise.reject(new Error(`attempt ${number}`));
  }, {
    attempts: 7,
    retryable: () => true,
    sleep: (seconds) => Promise.resolve(void pauses.push(seconds)),
    random: () => 1,
  });
  await assert.rejects(failing, /attempt 7/);
  assert.deepEqual(numbers, [1, 2, 3, 4, 5, 6, 7]);
  assert.deepEqual(pauses, [2, 4, 8, 16, 30, 30]);
});

Deno.test("jitter shortens a pause by up to a half", async () => {
  const pauses: number[] = [];
  const sleep = (seconds: number) => Promise.resolve(void pauses.push(seconds));
  await assert.rejects(
    retrying(() => Promise.reject(new Error("no")), { retryable: () => true, sleep, random: () => 0 }),
  );
  assert.deepEqual(pauses, [1, 2]);
});

Deno.test("what cannot be mended is not tried again", async () => {
  let attempts = 0;
  const once = retrying(() => Promise.reject(new Error(`no ${++attempts}`)), { retryable: () => false });
  await assert.rejects(once, /no 1/);
});

Deno.test("an abort ends the pause", async () => {
  const signal = AbortSignal.timeout(20);
  await assert.rejects(
    retrying(() => Promise.reject(new Error("no")), { retryable: () => true, signal }),
    { name: "TimeoutError" },
  );
});
