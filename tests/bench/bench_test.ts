/**
 * Holds that the benchmark itself works: each case runs, and second runs change nothing. No time is asserted.
 * @module
 */

import assert from "node:assert/strict";
import { exists } from "../fleet/command.ts";
import { aims } from "./aims.ts";
import { Bench } from "./bench.ts";
import { compare, TITLES } from "./compare.ts";
import { readOptions } from "./options.ts";
import { printed } from "./report.ts";

const ready = await exists("/usr/sbin/sshd");
if (!ready) console.log("left out: the benchmark's own test needs /usr/sbin/sshd (apt-get install openssh-server)");

Deno.test({
  name: "bench: two hosts, one round, first and second run, with a delay that counts round trips",
  ignore: !ready,
  fn: async () => {
    const options = readOptions(["--rounds", "1", "--hosts", "2"]);
    assert(options);
    const bench = new Bench(options, () => {});
    await compare(bench, { part: "far", hosts: 2, rtt: 4, memory: false, ansible: "none" });
    const titles = bench.rows.map((row) => `${row.title}, ${row.run}`);
    const floors = [TITLES.raw, TITLES.each, TITLES.pipelined, TITLES.once, TITLES.connect];
    assert.deepEqual(titles, [
      `${TITLES.aami}, first`,
      `${TITLES.aami}, second`,
      ...floors.map((title) => `${title}, second`),
    ]);
    for (const row of bench.rows) {
      assert(row.wall! > 0 && row.cpu! > 0, `${row.title} was not measured`);
      assert(row.roundTrips! >= 1 && row.kilobytes! > 1, `${row.title}: nothing was counted on the wire`);
    }
    const judged = aims(bench.rows);
    assert.equal(judged.length, 3);
    assert.match(
      printed({
        schema: 1,
        at: "",
        machine: { cores: 1, memory: 1, load: 0, versions: [] },
        rows: bench.rows,
        aims: judged,
        leftOut: [],
      }),
      /trips\/host/,
    );
  },
});
