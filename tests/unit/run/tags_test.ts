/** Tags: what runs for each selection, as ansible-playbook has it. */
import assert from "node:assert/strict";
import recorded from "./recorded/tags.json" with { type: "json" };
import { tagPlay } from "./recorded/tag_plays.ts";
import { play, Site } from "./harness.ts";

Deno.test(`--tags and --skip-tags choose as ${recorded.version}`, async () => {
  await Site.with({ "site.yml": tagPlay() }, async (site) => {
    const differences: unknown[] = [];
    for (const { only, skip, ran } of recorded.cases) {
      const { tasks } = await site.play({ tags: only, skipTags: skip });
      const mine = tasks.map((task) => task.name);
      const [missing, extra] = [ran.filter((name) => !mine.includes(name)), mine.filter((name) => !ran.includes(name))];
      if (missing.length + extra.length > 0) differences.push({ only, skip, missing, extra });
    }
    assert.deepEqual(differences, []);
  });
});

Deno.test("the tags of a role, of a play and of a task add up", async () => {
  const files = { "roles/r/tasks/main.yml": "- { name: t, debug: { msg: x }, tags: own }\n" };
  const playbook =
    "- { hosts: all, tags: whole, roles: [ { role: r, tags: [part] } ], tasks: [ { name: u, debug: { msg: x } } ] }";
  for (
    const [tag, expected] of [["own", ["r : t"]], ["part", ["r : t"]], ["whole", ["r : t", "u"]], ["x", []]] as const
  ) {
    const { tasks } = await play(playbook, { files, tags: [tag] });
    assert.deepEqual(tasks.map((task) => task.name), expected);
  }
});
