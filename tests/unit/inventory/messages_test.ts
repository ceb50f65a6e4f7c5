/**
 * What an operator reads when something is wrong with an inventory, to the letter.
 *
 * @module
 */

import assert from "node:assert/strict";
import { loadInventory } from "../../../engine/inventory/load.ts";
import { DiagnosticError, formatDiagnostic } from "../../../engine/support/diagnostic.ts";
import { INI_MESSAGES } from "./messages_ini.ts";
import { OTHER_MESSAGES } from "./messages_others.ts";
import { withFiles } from "./recorded/files.ts";

/** An inventory and the message about it. */
export interface MessageCase {
  readonly name: string;
  readonly files: Readonly<Record<string, string>>;
  readonly sources?: readonly string[];
  readonly says: string;
}

async function said(sources: readonly string[], root: string): Promise<string> {
  try {
    const inventory = await loadInventory(sources.map((source) => source.includes(",") ? source : `${root}/${source}`));
    return inventory.warnings.map((warning) => formatDiagnostic(warning)).join("\n");
  } catch (error) {
    if (error instanceof DiagnosticError) return error.message;
    throw error;
  }
}

for (const { name, files, sources, says } of [...INI_MESSAGES, ...OTHER_MESSAGES]) {
  Deno.test(`inventory message: ${name}`, async () => {
    await withFiles(files, async (root) => {
      const text = await said(sources ?? [Object.keys(files)[0]], root);
      assert.equal(text.replaceAll(`${root}/`, ""), says);
    });
  });
}

Deno.test("inventory message: a script that may not be run", async () => {
  await withFiles({ "inv": "#!/bin/sh\n" }, async (root) => {
    await Deno.chmod(`${root}/inv`, 0o644);
    const text = await said(["inv"], root);
    const path = `${root}/inv`;
    assert.equal(text, `error: ${path} is a script but not executable\n  help: chmod +x ${path}`);
  });
});
