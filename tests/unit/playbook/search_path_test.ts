import { deepStrictEqual } from "node:assert/strict";
import { findRole, searchPath } from "../../../engine/playbook/search_path.ts";
import { BUILTIN_PLAYBOOKS, BUILTIN_ROOT } from "../../../engine/support/assets.ts";

async function withRoles(files: readonly string[], body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    for (const file of files) {
      await Deno.mkdir(`${folder}/roles/${file.slice(0, file.lastIndexOf("/"))}`, { recursive: true });
      await Deno.writeTextFile(`${folder}/roles/${file}`, "");
    }
    await body(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const builtin = `${BUILTIN_PLAYBOOKS}/roles/prometheus`;

Deno.test("a role of the operator's wins over the built-in one, its files and templates alone lie over it", async () => {
  await withRoles(["prometheus/tasks/main.yml", "own/templates/x.hbs"], async (folder) => {
    deepStrictEqual(await findRole("prometheus", folder, []), [`${folder}/roles/prometheus`]);
    deepStrictEqual(await findRole("own", folder, []), [`${folder}/roles/own`]);
    deepStrictEqual(await findRole("alertmanager", folder, []), [`${BUILTIN_PLAYBOOKS}/roles/alertmanager`]);
    deepStrictEqual(await findRole("nowhere", folder, []), []);
  });
  await withRoles(["prometheus/templates/prometheus.yml.hbs"], async (folder) => {
    deepStrictEqual(await findRole("prometheus", folder, []), [`${folder}/roles/prometheus`, builtin]);
  });
});

Deno.test("what is built in looks in the operator's directory before the built-in templates", () => {
  const { templates } = searchPath("/site", ["/site/roles/prometheus", builtin]);
  deepStrictEqual(templates.map((path) => path.replace(/\/$/, "")), [
    "/site/roles/prometheus/templates",
    "/site/roles/prometheus",
    `${builtin}/templates`,
    builtin,
    "/site/templates",
    "/site",
    `${Deno.cwd()}/templates`,
    Deno.cwd(),
    `${BUILTIN_ROOT.replace(/\/$/, "")}/templates`,
    BUILTIN_ROOT.replace(/\/$/, ""),
  ]);
  deepStrictEqual(searchPath("/site", ["/site/roles/own"]).templates, [
    ...["/site/roles/own/templates", "/site/roles/own"],
    ...["/site/templates", "/site"],
  ]);
});
