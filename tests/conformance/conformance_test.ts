/**
 * The plays below `plays/`, by aami, against what ansible-playbook made of them; and some of them, chosen by chance, by
 * ansible-playbook again, so that the recordings stay true. `AAMI_CONFORMANCE=full` runs all by both.
 */

import { deepStrictEqual, ok } from "node:assert/strict";
import { ansiblePackages, ensurePackages, fleetObstacle } from "../fleet/prerequisites.ts";
import { ansibleVersion } from "./ansible.ts";
import { loadCases } from "./case.ts";
import { compare, recordingOf, share, withLanes } from "./suite.ts";
import { tryCase } from "./trial.ts";

const FULL = Deno.env.get("AAMI_CONFORMANCE") === "full";

const cases = await loadCases();
const obstacle = await fleetObstacle();
if (obstacle) console.log(`left out: plays beside ansible-core: ${obstacle.reason} ${obstacle.aptLine ?? ""}`);

Deno.test("there are at least 80 plays", () => ok(cases.length >= 80, `${cases.length} plays`));

Deno.test({
  name: "aami makes of each play what ansible-core makes of it",
  ignore: obstacle !== undefined,
  fn: async () => {
    const { verdicts, lines, summary } = await withLanes(2, (lanes) => compare(cases, lanes));
    console.log([...lines, summary].join("\n"));
    const unexplained = [...verdicts].filter(([, verdict]) => verdict.unexplained.length > 0);
    deepStrictEqual(unexplained.map(([name, verdict]) => [name, ...verdict.unexplained]), []);
  },
});

Deno.test({
  name: "ansible-core still makes of the plays what is recorded",
  ignore: obstacle !== undefined,
  fn: async () => {
    const missing = await ensurePackages(ansiblePackages);
    const version = await ansibleVersion();
    if (version === undefined) {
      console.log(`left out: recordings against ansible-playbook: ${missing.reason}: ${missing.aptLine}`);
      return;
    }
    const chosen = FULL ? cases : cases.filter(() => Math.random() < 0.1);
    console.log(`ansible-core ${version} plays ${chosen.map(({ name }) => name).join(", ")}`);
    await withLanes(FULL ? 2 : 1, (lanes) =>
      share(chosen, lanes, async (each, lane) => {
        const { ansible, ...recorded } = await recordingOf(each);
        if (ansible !== version) console.log(`${each.name} is recorded with ansible-core ${ansible}`);
        deepStrictEqual(await tryCase(each, lane, "ansible"), recorded, each.name);
      }));
  },
});
