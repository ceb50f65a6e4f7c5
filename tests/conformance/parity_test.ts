/**
 * What check mode foretells is what a run then does, task by task: over a third of the plays, another one each time, and
 * with `AAMI_CONFORMANCE=full` over all of them.
 */

import { deepStrictEqual } from "node:assert/strict";
import { fleetObstacle } from "../fleet/prerequisites.ts";
import { loadCases } from "./case.ts";
import { noParity, type Parity, parityOf } from "./parity.ts";
import { share, withLanes } from "./suite.ts";

const obstacle = await fleetObstacle();
if (obstacle) console.log(`left out: check mode over the plays: ${obstacle.reason} ${obstacle.aptLine ?? ""}`);

const FULL = Deno.env.get("AAMI_CONFORMANCE") === "full";

function add(sum: Parity, { compared, equal, unknown, behindCommands, differences }: Parity): void {
  sum.compared += compared;
  sum.equal += equal;
  sum.unknown.push(...unknown);
  sum.behindCommands += behindCommands;
  sum.differences.push(...differences);
}

Deno.test({
  name: "check mode foretells what the plays do: on fresh hosts, once they are done, after drift",
  ignore: obstacle !== undefined,
  fn: async () => {
    const sums = { fresh: noParity(), converged: noParity(), drifted: noParity() };
    const cases = (await loadCases()).filter((each) => !each.checkActsOtherwise && (FULL || Math.random() < 1 / 3));
    console.log(`check mode over ${cases.map(({ name }) => name).join(", ")}`);
    await withLanes(2, (lanes) =>
      share(cases, lanes, async (each, lane) => {
        const found = await parityOf(each, lane);
        for (const state of ["fresh", "converged", "drifted"] as const) add(sums[state], found[state]);
      }));
    for (const [state, sum] of Object.entries(sums)) {
      console.log(
        `${state}: ${sum.compared} compared, ${sum.equal} equal, ${sum.unknown.length} unknown, ` +
          `${sum.behindCommands} rest on commands, ${sum.differences.length} differ`,
      );
    }
    const differences = Object.values(sums).flatMap((sum) => sum.differences);
    const unknown = [...sums.converged.unknown, ...sums.drifted.unknown];
    deepStrictEqual({ differences, unknown }, { differences: [], unknown: [] });
  },
});
