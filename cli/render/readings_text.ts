/**
 * What lookahead did, hosts with the same to say together.
 *
 * @module
 */

import type { LookaheadEvent } from "../../engine/run/event.ts";
import { namesOf } from "./task_text.ts";

/** One line for all hosts of a play that lookahead served alike. */
export function readingsLines(events: readonly LookaheadEvent[]): string[] {
  const alike = new Map<string, string[]>();
  for (const event of events) {
    const text = readingsText(event);
    alike.set(text, [...alike.get(text) ?? [], event.host]);
  }
  return [...alike].map(([text, hosts]) => `${namesOf(hosts)}: ${text}`);
}

function readingsText({ ahead, used, thrown }: LookaheadEvent): string {
  const names = thrown.map(({ task, times }) => times === 1 ? task : `${task} (${times} times)`);
  const away = ahead === used ? "0 thrown away" : `${ahead - used} thrown away: ${names.join(", ")}`;
  return `${ahead} read ahead, ${used} used, ${away}`;
}
