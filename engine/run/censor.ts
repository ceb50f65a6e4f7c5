/**
 * Keeps secrets out of what leaves a run: its events, and the command lines of the hosts.
 *
 * @module
 */

import type { Action } from "../host/action.ts";
import { HostError } from "../host/host.ts";
import type { Change } from "../module/module.ts";
import type { Redactor } from "../support/redact.ts";
import type { Event, TaskEvent } from "./event.ts";

/**
 * The event without secrets. What a program reads it by (types, statuses, ids, names of hosts) stays as it is. A change
 * in which a secret stands is not shown at all: beside a new password there would be the old one.
 */
export function censored(event: Event, redactor: Redactor): Event {
  if (!redactor.active || event.type === "run" || event.type === "recap") return event;
  const clean = redactor.value(event);
  if (event.type === "play") return { ...clean, type: event.type, hosts: event.hosts } as Event;
  if (event.type !== "task") return { ...clean, type: event.type } as Event;
  const { id, module, host, status, seconds, at } = event;
  const { items } = clean as TaskEvent;
  return {
    ...clean as TaskEvent,
    ...{ type: "task", id, module, host, status, seconds, at },
    changes: event.changes.map((change) => censoredChange(change, redactor)),
    ...(items ? { items: items.map((item, at) => ({ ...item, status: event.items![at].status })) } : {}),
  };
}

function censoredChange(change: Change, redactor: Redactor): Change {
  const { path, before, after } = change;
  const shown = { ...change, path: redactor.text(path) };
  if (!redactor.holds(before) && !redactor.holds(after)) return shown;
  return { ...shown, before: "", after: "", sensitive: true };
}

/**
 * Holds that no decrypted value is among the words of a command, which every user of the host can read while it runs.
 *
 * @throws {HostError} naming where the value was written
 */
export function refuseInArguments(argv: readonly string[], redactor: Redactor): void {
  if (!redactor.active) return;
  const place = redactor.decryptedIn(argv.join(" "));
  if (place === undefined) return;
  throw new HostError(
    `the command would show the secret of ${place} in the host's process list; hand it over by 'environment' or ` +
      "'stdin', or, if it is no secret, keep it in a file that is not encrypted",
  );
}

/** The same for what a plan would run, so that check mode says it too. @throws {HostError} */
export function refuseInPlan(actions: readonly Action[], redactor: Redactor): void {
  for (const action of actions) if (action.do === "run") refuseInArguments(action.argv, redactor);
}
