/** Which variable wins, of every pair of levels and of many subsets: as in ansible-core. */

import { deepStrictEqual } from "node:assert/strict";
import { outcomeOf, play } from "./aami.ts";
import { contests, LEVELS, loginContests, winnersBy } from "./precedence.ts";
import recorded from "./recorded_precedence.json" with { type: "json" };

Deno.test(`of all ${LEVELS.length} levels the same variable wins as in ansible-core ${recorded.ansible}`, async () => {
  const mine = await winnersBy(async (args) => {
    const { hosts, refused } = outcomeOf(await play(args));
    return hosts.h?.tasks ?? [refused ?? "nothing"];
  });
  const theirs: Record<string, string> = recorded.winners;
  const levels = new Map(contests().map(({ name, levels }) => [name, levels.join(", ")]));
  deepStrictEqual(Object.keys(mine).length, contests().length + loginContests().length);
  const differences = Object.keys(theirs).filter((name) => mine[name] !== theirs[name])
    .map((name) => `${levels.get(name) ?? name}: ansible ${theirs[name]}, aami ${mine[name]}`);
  deepStrictEqual(differences, []);
});
