/**
 * The closed list of run actions.
 *
 * @module
 */

import type { RunAction } from "./action.ts";
import assert from "./assert.ts";
import debug from "./debug.ts";
import fail from "./fail.ts";
import meta from "./meta.ts";
import notice from "./notice.ts";
import setFact from "./set_fact.ts";

// deno-lint-ignore no-explicit-any -- the list holds actions of every argument type
const all: readonly RunAction<any>[] = [assert, debug, fail, meta, notice, setFact];

/** The run actions by name. */
// deno-lint-ignore no-explicit-any -- as above
export const actions: ReadonlyMap<string, RunAction<any>> = new Map(all.map((action) => [action.name, action]));
