/**
 * Decides what to install, upgrade or remove, and says what else that brings.
 *
 * @module
 */

import type { RunAction } from "../../engine/host/action.ts";
import { type Change, ModuleError, type Plan, type Result, type Touch } from "../../engine/module/module.ts";
import { downgradeAction, installAction, removeAction, updateAction } from "./commands.ts";
import type { PackagesState, Simulation } from "./inspect.ts";
import type { PackageArgs } from "./mod.ts";
import { type Found, type Manager, parseSpec, resolved, satisfied, type Wanted } from "./wanted.ts";

/** The plan of the package module. */
export function planPackages(state: PackagesState, args: PackageArgs): Plan {
  const { manager } = state;
  if (manager === undefined) {
    throw new ModuleError(
      "the host has none of apt-get, dnf and zypper on its PATH, the package managers that aami knows",
    );
  }
  const removing = args.state === "absent" || args.state === "removed";
  const open = args.name.map((spec) => resolved(parseSpec(spec, manager), state.packages[spec]))
    .filter((each) => !satisfied(each, state.packages[each.spec], args.state));
  const updating = mustUpdate(state, args, removing ? [] : open);
  const update = updating ? [updateAction(manager)] : [];
  const result: Result = { cache_updated: updating };
  const index = updating ? [{ key: "path:/var/lib/apt/lists" }] : [];
  if (removing) refuseFiles(open);
  if (open.length === 0) return { changes: [], actions: update, result, ...updating && { touches: index } };
  if (!removing && manager === "apt" && !updating) requireKnown(open, state);
  if (!removing && !args.allow_downgrade) refuseDowngrade(open, state);
  const specs = open.map((each) => each.spec);
  const work = removing ? [removeAction(manager, specs, args)] : installActions(manager, open, state, args);
  return {
    changes: changesOf(open, state, removing),
    actions: [...update, ...work],
    result,
    touches: [...index, ...open.map((each) => touch(each, state, removing)), { key: "*" }],
    ...removing && args.purge && { destructive: true },
  };
}

function installActions(
  manager: Manager,
  open: readonly Wanted[],
  { packages }: PackagesState,
  args: PackageArgs,
): RunAction[] {
  const isOlder = ({ spec, file }: Wanted) => manager === "dnf" && file && packages[spec].otherIsNewer;
  const older = open.filter(isOlder).map((each) => each.spec);
  const others = open.filter((each) => !isOlder(each)).map((each) => each.spec);
  return [
    ...others.length > 0 ? [installAction(manager, others, args)] : [],
    ...older.length > 0 ? [downgradeAction(older, args)] : [],
  ];
}

/** An index that does not know a wanted package is not good enough, however young. */
function mustUpdate(
  { indexAge, manager, packages }: PackagesState,
  args: PackageArgs,
  open: readonly Wanted[],
): boolean {
  if (args.cache_valid_time === 0 || manager !== "apt") return args.update_cache;
  if (open.some(({ spec }) => !packages[spec].installed && packages[spec].candidate === undefined)) return true;
  return indexAge === undefined || indexAge > args.cache_valid_time;
}

/** Refuses what apt would refuse, so that check mode says so too. Right after an update only apt knows. */
function requireKnown(open: readonly Wanted[], { packages, simulation }: PackagesState): void {
  for (const { spec, name, file } of open) {
    const { installed, candidate, providers = [] } = packages[spec];
    if (installed || candidate !== undefined || file) continue;
    if (providers.length > 1) {
      throw new ModuleError(
        `package '${name}' is a name that several packages provide: name one of ${providers.join(", ")}`,
      );
    }
    if (providers.length === 0) {
      throw new ModuleError(
        `package '${name}' is not known to the host's repositories: check the name, or read them again with update_cache: true`,
      );
    }
  }
  const refusal = simulation?.refusal;
  if (refusal === undefined) return;
  const hint = /downgraded/.test(refusal)
    ? "allow_downgrade: true permits it"
    : /Held packages/i.test(refusal)
    ? "allow_change_held_packages: true permits it"
    : /Version '.*' for '.*' was not found/.test(refusal)
    ? "leave the version out, or read the repositories again with update_cache: true"
    : undefined;
  throw new ModuleError(`apt refuses: ${refusal.replace(/^E: /gm, "").replace(/\.$/, "")}${hint ? `: ${hint}` : ""}`);
}

/** A file says what to install, not what is there. */
function refuseFiles(open: readonly Wanted[]): void {
  const file = open.find((each) => each.file);
  if (file) throw new ModuleError(`'${file.spec}' is a file: to remove a package give its name`);
}

/** apt refuses by itself; dnf would do it. */
function refuseDowngrade(open: readonly Wanted[], { packages }: PackagesState): void {
  for (const { spec } of open) {
    const { other, otherIsNewer } = packages[spec];
    if (!otherIsNewer) continue;
    throw new ModuleError(
      `package '${spec}' is older than ${other}, which is installed: allow_downgrade: true permits it`,
    );
  }
}

function changesOf(open: readonly Wanted[], { packages, simulation }: PackagesState, removing: boolean): Change[] {
  const named = open.map((each): Change => {
    const { spec, name } = each;
    const found = packages[spec];
    const before = found.installed ? found.version ?? "installed" : found.other ?? "absent";
    const path = `package ${
      found.providers?.[0] && simulation?.install[name] === undefined ? found.providers[0] : name
    }`;
    return { path, what: "state", before, after: removing ? "absent" : versionAfter(each, found, simulation) };
  });
  return simulation ? [...named, ...alongside(named, simulation)] : named;
}

function versionAfter({ name, version }: Wanted, found: Found, simulation: Simulation | undefined): string {
  return simulation?.install[name] ?? simulation?.install[found.providers?.[0] ?? ""] ?? version ?? found.candidate ??
    "installed";
}

/** What comes or goes along with the packages that were named. */
function alongside(named: readonly Change[], { install, remove, from }: Simulation): Change[] {
  const known = new Set(named.map((change) => change.path));
  const others = [
    ...Object.entries(install).map(([name, version]) => [name, from[name] ?? "absent", `${version} (along with it)`]),
    ...Object.entries(remove).map(([name, version]) => [name, version || "installed", "absent (along with it)"]),
  ];
  return others.filter(([name]) => !known.has(`package ${name}`))
    .map(([name, before, after]) => ({ path: `package ${name}`, what: "state", before, after }));
}

function touch({ spec, name }: Wanted, { packages, simulation }: PackagesState, removing: boolean): Touch {
  const key = `package:${name}`;
  const found = packages[spec];
  const version = simulation?.install[name];
  if (removing) return { key, after: { installed: false, ...found.candidate && { candidate: found.candidate } } };
  return version === undefined
    ? { key }
    : { key, after: { installed: true, version, candidate: found.candidate ?? version } };
}
