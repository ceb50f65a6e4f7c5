/**
 * One inspection: arguments evaluated, sources resolved, the host read through a recorder. Runs ahead of its task where
 * it can; what a later change makes stale is thrown away.
 *
 * @module
 */

import { touchesOverlap } from "../host/touch_keys.ts";
import type { PlannedHost } from "../host/planned_host.ts";
import { Recorder } from "../host/recorder.ts";
import { RemoteHost } from "../host/remote_host.ts";
import type { ReadOnlyHost, TouchKey } from "../host/host.ts";
import type { Value } from "../module/module.ts";
import { DiagnosticError } from "../support/diagnostic.ts";
import { argumentDiagnostics } from "../playbook/argument_issues.ts";
import { calleeOf } from "../playbook/load_tasks.ts";
import type { Task } from "../playbook/playbook.ts";
import type { Scope } from "../variables/variable.ts";
import { refuseInArguments } from "./censor.ts";
import { becomeOf, missingConnection, targetOf } from "./connections.ts";
import { type ChainPlace, UnreachableError } from "../transport/session.ts";
import type { RunContext } from "./context.ts";

/** A host as one task sees it. */
export interface TaskHost {
  /** Reads and writes as the task's user. */
  readonly host: RemoteHost;
  /** Whether a fresh connection stands in place of the one that this host uses. */
  isLost(): boolean;
  /** The real target, for check mode's planned state. */
  readonly target: string;
}

/** How a task's host is opened. */
export interface TaskHostOptions {
  /** Where the task's command stands in a chain of commands. */
  readonly chain?: ChainPlace;
  /** Gives up what the task is doing there. */
  readonly signal?: AbortSignal;
  /** A shell of its own, for what runs beside other tasks. */
  readonly session?: string;
}

/** Opens the host of a task, or the one that it is delegated to: connection, become-user's shell, environment. */
export async function openTaskHost(
  run: RunContext,
  name: string,
  task: Task,
  scope: Scope,
  { chain, signal, session }: TaskHostOptions = {},
): Promise<TaskHost> {
  const options = run.options.connection;
  const delegate = delegateOf(task, scope, name);
  const place = delegate === undefined ? scope : delegatedScope(run, delegate, scope);
  const target = targetOf(delegate ?? name, place, task.settings, options);
  const become = becomeOf(place, task.settings, options);
  for (const secret of [target.password, become?.password]) if (secret) run.redactor.add(secret);
  const environment = environmentOf(task, scope);
  const connection = await run.connections.get(target, name).catch((error) => {
    if (waitsForHost(task) && error instanceof UnreachableError) return missingConnection(target, error);
    throw error;
  });
  const shell = await connection.shell(become, session);
  const host = new RemoteHost({
    name: delegate ?? name,
    signal,
    user: become?.user ?? connection.user,
    connection,
    shell,
    environment,
    chain,
    checkArguments: (argv) => refuseInArguments(argv, run.redactor),
    reconnect: async ({ deadline }) => {
      const fresh = await run.connections.renew(target, deadline);
      return { connection: fresh, shell: await fresh.shell(become) };
    },
  });
  return { host, target: connection.target, isLost: () => run.connections.isReplaced(connection) };
}

/** The host that a task acts on instead of its own. */
export function delegateOf({ settings }: Task, scope: Scope, name: string): string | undefined {
  if (!settings.delegateTo) return undefined;
  const delegate = String(settings.delegateTo.evaluate(scope)).trim();
  return delegate === "" || delegate === name ? undefined : delegate;
}

/** The variables that say how the other host is reached; a name that the inventory does not know is an address. */
function delegatedScope(run: RunContext, delegate: string, scope: Scope): Scope {
  const other = run.host(delegate);
  const inventory = other && run.scopes.host(other);
  return {
    get: (key) => /^ansible_/.test(key) ? inventory?.get(key) : scope.get(key),
    has: (key) => /^ansible_/.test(key) ? inventory?.has(key) === true : scope.has(key),
    placeOf: (key) => /^ansible_/.test(key) ? inventory?.placeOf(key) : scope.placeOf(key),
    names: () => scope.names(),
    controller: scope.controller,
  };
}

function waitsForHost({ callee }: Task): boolean {
  return callee.kind === "module" && callee.module.waitsForHost === true;
}

function environmentOf(task: Task, scope: Scope): Record<string, string> | undefined {
  if (task.settings.environment.length === 0) return undefined;
  const merged: Record<string, string> = {};
  for (const layer of task.settings.environment) {
    const value = layer.evaluate(scope);
    if (value === null || typeof value !== "object" || Array.isArray(value)) continue;
    for (const [name, item] of Object.entries(value)) merged[name] = String(item);
  }
  return merged;
}

/** The arguments of a task as the schema gives them. @throws {DiagnosticError} */
export async function parseArguments(
  run: RunContext,
  task: Task,
  raw: { [key: string]: Value },
  scope: Scope,
): Promise<unknown> {
  const input = task.args.sources.size > 0 ? await run.sources.resolve(task, raw, scope) : raw;
  const callee = calleeOf(task.callee);
  const parsed = callee.args.safeParse(input);
  if (parsed.success) return parsed.data;
  throw new DiagnosticError(argumentDiagnostics(parsed.error.issues, callee, task.args, input));
}

/** One inspection under way. */
export interface Inspection {
  /** Where reading found that a path really leads; in check mode also through links that are only planned. */
  readonly realPathOf: (path: string) => string | undefined;
  /** The arguments as the schema gives them. */
  readonly args: unknown;
  /** The host that was read. */
  readonly host: TaskHost;
  /** What the module's `inspect` found. */
  readonly state: unknown;
  /** Check mode: an answer came from what earlier tasks planned. */
  readonly predicted: boolean;
  /** Check mode: something earlier may have changed anything, so no answer is certain. */
  readonly uncertain: boolean;
}

/** An inspection that failed, with what check mode needs to judge the failure. */
export class InspectionError extends Error {
  /** Tells it from other errors where `instanceof` cannot. */
  override readonly name = "InspectionError";
  /** Wraps `cause`, whose message it takes; the rest is as in {@linkcode Inspection}. */
  constructor(
    override readonly cause: unknown,
    readonly args: unknown,
    readonly host: TaskHost,
    readonly predicted: boolean,
    readonly uncertain: boolean,
  ) {
    super(cause instanceof Error ? cause.message : String(cause));
  }
}

/** What is inspected. */
export interface InspectionSubject {
  /** The host's name. */
  readonly host: string;
  /** The task; it calls a module. */
  readonly task: Task;
  /** The task's arguments, evaluated. */
  readonly raw: { [key: string]: Value };
  /** What the task's expressions see on the host. */
  readonly scope: Scope;
  /** Whether reads answer from check mode's planned state. */
  readonly check: boolean;
  /** How its host is opened. */
  readonly open?: TaskHostOptions;
}

/** Starts an inspection and remembers what it reads. */
export class RunningInspection {
  /** Its outcome. @throws {InspectionError} where the module failed; else what opening the host threw */
  readonly done: Promise<Inspection>;
  #recorder: Recorder | undefined;
  #host: TaskHost | undefined;
  #stale = false;
  /** What changed while this is reading; undefined once it has read. */
  #touched: TouchKey[] | undefined = [];

  /** Starts at once; nothing waits for it here. */
  constructor(run: RunContext, subject: InspectionSubject) {
    this.done = this.#inspect(run, subject);
    const reading = run.host(subject.host)?.reading;
    reading?.add(this.done);
    // Whoever takes the inspection sees its failure; one that nobody takes must not end the process.
    this.done.catch(() => {}).finally(() => {
      reading?.delete(this.done);
      const touched = this.#touched ?? [];
      this.#touched = undefined;
      this.invalidate(touched);
    });
  }

  /** Marks the inspection stale where a change touches what it has read so far. */
  invalidate(touches: readonly TouchKey[]): void {
    this.#touched?.push(...touches);
    const reads = this.#recorder?.reads;
    if (reads && touches.some((touch) => touchesOverlap(touch, reads))) this.#stale = true;
  }

  /** Whether what was read may not be so any more, or the connection is another by now. */
  get stale(): boolean {
    return this.#stale || this.#host?.isLost() === true;
  }

  /** Whether it may yet turn out to be stale by what changed while it was reading. */
  get doubtful(): boolean {
    const { reads = [], underWay = [] } = this.#recorder ?? {};
    return this.#touched?.some((touch) => touchesOverlap(touch, underWay) || touchesOverlap(touch, reads)) === true;
  }

  async #inspect(
    run: RunContext,
    { host: name, task, raw, scope, check, open }: InspectionSubject,
  ): Promise<Inspection> {
    if (task.callee.kind !== "module") throw new Error("an action has no inspection");
    const args = await parseArguments(run, task, raw, scope);
    const host = this.#host = await openTaskHost(run, name, task, scope, open);
    const planned: PlannedHost | undefined = check ? run.planned.of(host.target).wrap(host.host) : undefined;
    const seen: ReadOnlyHost = planned ?? host.host;
    this.#recorder = new Recorder(seen);
    const rests = () => ({ predicted: planned?.predicted ?? false, uncertain: planned?.uncertain ?? false });
    try {
      const state = await task.callee.module.inspect(this.#recorder, args, open?.signal ?? run.signal);
      return { args, host, state, realPathOf: (path) => seen.realPathOf?.(path), ...rests() };
    } catch (error) {
      const { predicted, uncertain } = rests();
      throw new InspectionError(error, args, host, predicted, uncertain);
    }
  }
}
