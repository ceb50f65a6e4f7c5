/** A failure that may pass is tried again by itself; whether it may pass is the module's word. */
import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { failure, outline, play } from "./harness.ts";

/** A server that answers 503 a number of times, then 200. */
async function withServer(failures: number, body: (url: string, requests: string[]) => Promise<void>): Promise<void> {
  const requests: string[] = [];
  await using server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, (request) => {
    requests.push(request.method);
    return new Response("", { status: requests.length > failures ? 200 : 503 });
  });
  await body(`http://127.0.0.1:${server.addr.port}/`, requests);
}

const tasks = (url: string, method: string, more = "") =>
  `- hosts: all\n  tasks:\n    - uri: { url: "${url}", method: ${method} }\n${more}`;

Deno.test("a server that is overloaded for a moment is asked again, and at -v that is told", async () => {
  await withServer(1, async (url, requests) => {
    const played = await play(tasks(url, "GET"), { verbosity: 1 });
    deepStrictEqual(outline(played), ["uri: ok"]);
    strictEqual(played.tasks[0].result.attempts, 2);
    deepStrictEqual(requests, ["GET", "GET"]);
    const [notice] = played.events.filter((event) => event.type === "notice");
    match(notice.message, /^uri: Status code was 503 .*; trying again in 1 s$/);
  });
});

Deno.test("after three tries the failure counts", async () => {
  await withServer(9, async (url, requests) => {
    const played = await play(tasks(url, "GET"));
    match(failure(played), /^Status code was 503/);
    strictEqual(played.tasks[0].result.attempts, 3);
    strictEqual(requests.length, 3);
  });
});

Deno.test("what must not be done twice, and what says how often itself, is not tried again", async () => {
  await withServer(9, async (url, requests) => {
    match(failure(await play(tasks(url, "POST"))), /^Status code was 503/);
    deepStrictEqual(requests, ["POST"]);
    await play(
      tasks(
        url,
        "GET",
        "      register: answer\n      until: answer.status == 200\n      retries: 1\n      delay: 0\n",
      ),
    );
    deepStrictEqual(requests, ["POST", "GET", "GET"]);
  });
});
