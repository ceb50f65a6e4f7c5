/**
 * The closed list of run actions.
 *
 * @module
 */

import type { RunAction } from "./action.ts";
import addHost from "./add_host.ts";
import assert from "./assert.ts";
import asyncStatus from "./async_status.ts";
import debug from "./debug.ts";
import fail from "./fail.ts";
import groupBy from "./group_by.ts";
import includeRole from "./include_role.ts";
import includeTasks from "./include_tasks.ts";
import includeVars from "./include_vars.ts";
import meta from "./meta.ts";
import notice from "./notice.ts";
import pause from "./pause.ts";
import setFact from "./set_fact.ts";
import setup from "./setup.ts";

// deno-lint-ignore no-explicit-any -- the list holds actions of every argument type
const all: readonly RunAction<any>[] = [
  addHost,
  assert,
  asyncStatus,
  debug,
  fail,
  groupBy,
  includeRole,
  includeTasks,
  includeVars,
  meta,
  notice,
  pause,
  setFact,
  setup,
];

/** The run actions by name. */
// deno-lint-ignore no-explicit-any -- as above
export const actions: ReadonlyMap<string, RunAction<any>> = new Map(all.map((action) => [action.name, action]));
