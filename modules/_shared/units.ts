/**
 * Units of systemd, as the modules systemd and service know them.
 *
 * @module
 */

import type { RunAction } from "../../engine/host/action.ts";
import { type Host, HostError, type ReadOnlyHost, type UnitState } from "../../engine/host/host.ts";
import { type Change, ModuleError, performActions, type Plan, type Result } from "../../engine/module/module.ts";
import { choice, flag } from "../../engine/module/schema.ts";
import { nearest } from "../../engine/support/suggest.ts";
import { explainFailure, settle } from "./unit_start.ts";

/** The arguments that systemd and service share. */
export const unitArguments = {
  state: choice("started", "stopped", "restarted", "reloaded").optional().describe(
    "`started` and `stopped` act only where it is not so; `restarted` and `reloaded` always act, and start what is down.",
  ),
  enabled: flag().optional().describe("Whether it starts at boot."),
};

/** What is asked of a unit. */
export interface UnitArgs {
  /** Undefined leaves it as it is. */
  readonly state?: "started" | "stopped" | "restarted" | "reloaded";
  /** Whether it starts at boot; undefined leaves that as it is. */
  readonly enabled?: boolean;
  /** Whether it is kept from starting at all; undefined leaves that as it is. */
  readonly masked?: boolean;
  /** Have systemd read its unit files first; default false. */
  readonly daemon_reload?: boolean;
  /** Have systemd run itself anew first; default false. */
  readonly daemon_reexec?: boolean;
  /** Do not wait until the unit is up or down; default false. */
  readonly no_block?: boolean;
  /** Replace links that are in the way of `enabled` or `masked`; default false. */
  readonly force?: boolean;
}

/** What is known of a unit. */
export interface UnitFindings {
  /** Whether systemd is the host's process 1. */
  readonly booted: boolean;
  /** Undefined where no unit was asked for, or systemd does not run. */
  readonly unit?: UnitState;
  /** A file of a unit that systemd has not read yet. */
  readonly file?: string;
  /** Whether the file in /etc is the unit's own and not a link, so that nothing can mask it. */
  readonly ownFile?: boolean;
  /** Whether links start it at boot, where its state does not say so (a masked unit, an init script). */
  readonly linked?: boolean;
  /** Units of the host, where this one is not among them. */
  readonly known?: readonly string[];
}

const SUFFIX = /\.(service|socket|timer|target|mount|automount|swap|path|slice|scope|device)$/;
const FOLDERS = ["/etc/systemd/system", "/run/systemd/system", "/usr/lib/systemd/system"];

/** The whole name of a unit: without a suffix it is a service. */
export function unitName(name: string): string {
  if (/[*?[\]\s/]/.test(name) || name === "") {
    throw new ModuleError(`'${name}' is not the name of one unit: globs and paths are not taken here`);
  }
  return SUFFIX.test(name) ? name : `${name}.service`;
}

/** Reads what a plan for a unit rests on: one look at a unit that is in order. */
export async function inspectUnit(host: ReadOnlyHost, name: string | undefined, masks: boolean): Promise<UnitFindings> {
  if (name === undefined) return { booted: await isBooted(host) };
  const unit = unitName(name);
  const [found, booted, stat] = await Promise.all([
    host.unit(unit).catch((error) => error instanceof HostError ? error : Promise.reject(error)),
    isBooted(host),
    masks ? host.stat(`/etc/systemd/system/${unit}`) : undefined,
  ]);
  if (found instanceof HostError) {
    if (booted) throw found;
    return { booted: false };
  }
  return {
    booted: true,
    unit: found,
    ...stat?.type === "file" && { ownFile: true },
    ...await inspectFurther(host, unit, found),
  };
}

async function isBooted(host: ReadOnlyHost): Promise<boolean> {
  return await host.stat("/run/systemd/system", { typeOnly: true }) !== undefined;
}

/** The links that start a unit at boot, by its own name or by that of its init script. */
const LINKED = `for f in /etc/systemd/system/*.wants/"$1" /etc/systemd/system/*.requires/"$1" /etc/rc[2345].d/S??"$2"
do if [ -L "$f" ]; then exit 0; fi; done; exit 1`;

/** What the unit's own state does not tell. These probes rest on the unit, which is recorded as read already. */
async function inspectFurther(
  host: ReadOnlyHost,
  unit: string,
  found: UnitState,
): Promise<Pick<UnitFindings, "linked" | "known" | "file">> {
  if (found.load === "not-found") {
    const template = unit.replace(/@[^.]+\./, "@.");
    const places = FOLDERS.map((folder) => `${folder}/${template}`);
    const [list, ...stats] = await Promise.all([
      host.probe(["systemctl", "list-unit-files", "--no-legend", "--no-pager"], { reads: [] }),
      ...places.map((place) => host.stat(place)),
    ]);
    const file = places.find((_, index) => stats[index] !== undefined);
    if (file !== undefined) return { file };
    return { known: list.stdout.split("\n").map((line) => line.split(" ")[0]).filter((each) => each !== "") };
  }
  if (found.load !== "masked" && found.enabled !== "generated") return {};
  const links = await host.probe(["sh", "-c", LINKED, "sh", unit, unit.replace(/\.service$/, "")], { reads: [] });
  return { linked: links.code === 0 };
}

const RUNNING = new Set(["active", "activating", "reloading", "refreshing"]);
const STARTS_AT_BOOT = new Set(["enabled", "static", "indirect", "alias", "transient"]);
const CAN_DISABLE = new Set(["enabled", "enabled-runtime"]);

/**
 * Decides what to do with a unit.
 *
 * @throws {ModuleError} where the unit does not exist, or cannot become what is asked
 */
export function planUnit(findings: UnitFindings, args: UnitArgs, name: string | undefined): Plan {
  if (!findings.booted) {
    throw new ModuleError("systemd does not run on this host: use the module 'service', which also knows init scripts");
  }
  const manager = managerActions(findings, args);
  const { unit } = findings;
  const reread = manager.length > 0 ? [{ key: "unit:*" }] : [];
  if (unit === undefined || name === undefined) return { changes: [], actions: manager, result: {}, touches: reread };
  const full = unitName(name);
  requireUnit(full, findings, args);
  const steps = [
    planMask(unit, findings, args),
    planEnabled(unit, findings, args),
    planState(unit, args),
  ].filter((step) => step !== undefined);
  const flags = [...args.no_block ? ["--no-block"] : [], ...args.force ? ["--force"] : []];
  const after = Object.assign(
    { ...unit, needsReload: manager.length > 0 ? false : unit.needsReload },
    ...steps.map((step) => step.after),
  );
  return {
    changes: steps.map(({ what, before, after, word }): Change => ({
      path: `unit ${full}`,
      what,
      before,
      after: word ?? String(after[what === "state" ? "active" : "enabled"]),
    })),
    actions: [...manager, ...steps.map((step) => systemctl(...flags, step.verb, full))],
    result: unitResult(full, after, args),
    touches: [...reread, ...steps.length > 0 ? [{ key: `unit:${full}`, after }] : []],
  };
}

function systemctl(...words: string[]): RunAction {
  return { do: "run", argv: ["systemctl", ...words] };
}

/** Rereading unit files is only done where something changed: it is work for systemd, and never a change by itself. */
function managerActions({ unit, file }: UnitFindings, args: UnitArgs): RunAction[] {
  const unread = unit === undefined || unit.needsReload || (unit.load === "not-found" && file !== undefined);
  return [
    ...args.daemon_reload && unread ? [systemctl("daemon-reload")] : [],
    ...args.daemon_reexec ? [systemctl("daemon-reexec")] : [],
  ];
}

function requireUnit(name: string, { unit, file, known, ownFile }: UnitFindings, args: UnitArgs): void {
  if (unit?.load === "not-found" && file === undefined && args.masked === undefined) {
    const near = nearUnit(name, known ?? []);
    const help = near ? `did you mean '${near}'?` : "install what brings it, or write its unit file, first";
    throw new ModuleError(`there is no unit ${name} on the host: ${help}`);
  }
  if (unit?.load === "masked" && args.masked !== false && (args.enabled || (args.state && args.state !== "stopped"))) {
    throw new ModuleError(`unit ${name} is masked, so nothing can start it: masked: false lifts that`);
  }
  if (args.masked && unit?.load !== "masked" && ownFile) {
    throw new ModuleError(
      `unit ${name} has its own file in /etc/systemd/system, so systemd cannot mask it: stop and disable it, or remove that file`,
    );
  }
}

/** The nearest unit of the same kind: the suffix that all have would make every name near. */
function nearUnit(name: string, known: readonly string[]): string | undefined {
  const suffix = name.slice(name.lastIndexOf("."));
  const bare = (unit: string) => unit.slice(0, -suffix.length);
  const near = nearest(bare(name), known.filter((each) => each.endsWith(suffix)).map(bare));
  return near && near + suffix;
}

/** One systemctl verb, the change that it is, and what of the unit's state follows. */
interface Step {
  readonly verb: string;
  readonly what: "masked" | "enabled" | "state";
  readonly before: string;
  /** The word for what it will be, where the state's own is not it. */
  readonly word?: string;
  readonly after: Partial<Record<keyof UnitState, string | number>>;
}

function planMask(unit: UnitState, findings: UnitFindings, { masked }: UnitArgs): Step | undefined {
  const is = unit.load === "masked";
  if (masked === undefined || masked === is) return undefined;
  if (masked) {
    return { verb: "mask", what: "masked", before: "no", word: "yes", after: { load: "masked", enabled: "masked" } };
  }
  const enabled = findings.linked ? "enabled" : "disabled";
  return { verb: "unmask", what: "masked", before: "yes", word: "no", after: { load: "loaded", enabled } };
}

function planEnabled(unit: UnitState, findings: UnitFindings, { enabled }: UnitArgs): Step | undefined {
  if (enabled === undefined) return undefined;
  const byLinks = unit.load === "masked" || unit.enabled === "generated";
  const is = byLinks ? findings.linked === true : STARTS_AT_BOOT.has(unit.enabled);
  const before = byLinks ? (is ? "enabled" : "disabled") : unit.enabled || "disabled";
  if (enabled && !is) return { verb: "enable", what: "enabled", before, after: { enabled: "enabled" } };
  const can = byLinks ? is : CAN_DISABLE.has(unit.enabled);
  if (!enabled && can) return { verb: "disable", what: "enabled", before, after: { enabled: "disabled" } };
  return undefined;
}

function planState(unit: UnitState, { state }: UnitArgs): Step | undefined {
  if (state === undefined) return undefined;
  const before = unit.active;
  const running = RUNNING.has(before);
  if (state === "stopped") {
    if (before === "inactive" || before === "failed") return undefined;
    return { verb: "stop", what: "state", before, after: { active: "inactive", mainPid: 0 } };
  }
  if (!running) return { verb: "start", what: "state", before, after: { active: "active" } };
  if (state === "started") return undefined;
  return {
    verb: state === "restarted" ? "restart" : "reload",
    what: "state",
    before,
    word: state,
    after: { active: "active" },
  };
}

/** What `register` gets: Ansible's keys, and of `systemctl show` what was read. */
export function unitResult(name: string, unit: UnitState, args: UnitArgs): Result {
  return {
    name,
    ...args.state !== undefined && { state: args.state === "stopped" ? "stopped" : "started" },
    ...args.enabled !== undefined && { enabled: args.enabled },
    status: {
      LoadState: unit.load,
      ActiveState: unit.active,
      UnitFileState: unit.enabled,
      NeedDaemonReload: unit.needsReload ? "yes" : "no",
      MainPID: unit.mainPid,
      FragmentPath: unit.path,
    },
  };
}

/**
 * Does a unit's plan and sees that what was started stays up.
 *
 * @throws {ModuleError} with the unit's last journal lines
 */
export async function applyUnit(
  host: Host,
  plan: Plan,
  args: UnitArgs,
  name: string | undefined,
  signal: AbortSignal,
): Promise<Result> {
  try {
    await performActions(host, plan);
  } catch (error) {
    if (!(error instanceof HostError) || name === undefined) throw error;
    throw await explainFailure(host, unitName(name), error.message);
  }
  if (name === undefined) return {};
  const full = unitName(name);
  const starts = plan.actions.some((each) => each.do === "run" && each.argv.some((word) => /^(re)?start$/.test(word)));
  const unit = starts && !args.no_block ? await settle(host, full, signal) : await host.unit(full);
  return unitResult(full, unit, args);
}
