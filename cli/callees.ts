/**
 * What tasks may call: the modules of the registry and the run actions.
 *
 * @module
 */

import { actions } from "../engine/run/actions/mod.ts";
import type { Module } from "../engine/module/module.ts";
import type { Callees } from "../engine/playbook/load_tasks.ts";
import type { Callee } from "../engine/playbook/playbook.ts";

/** Module names and how to load each, as modules/registry.ts has them. */
// deno-lint-ignore no-explicit-any -- the registry holds modules of every argument and state type
export type Registry = Readonly<Record<string, () => Promise<{ default: Module<any, any> }>>>;

/** The callees of a registry. Each module is loaded once, when a task names it. */
export function calleesOf(registry: Registry): Callees {
  const loaded = new Map<string, Promise<Callee | undefined>>();
  const names = [...Object.keys(registry), ...actions.keys()].sort();
  return {
    names: () => names,
    load(name) {
      let callee = loaded.get(name);
      if (!callee) loaded.set(name, callee = load(registry, name));
      return callee;
    },
  };
}

async function load(registry: Registry, name: string): Promise<Callee | undefined> {
  const action = actions.get(name);
  if (action) return { kind: "action", action };
  if (!Object.hasOwn(registry, name)) return undefined;
  return { kind: "module", module: (await registry[name]()).default };
}
