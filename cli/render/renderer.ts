/**
 * Chooses how events are printed.
 *
 * @module
 */

import type { Event } from "../../engine/run/event.ts";
import type { Terminal } from "../terminal.ts";
import type { TextOptions } from "./task_text.ts";
import { TextRenderer } from "./text.ts";

/** Takes the events of a run. */
export interface Renderer {
  /** Takes one event. */
  take(event: Event): void;
  /** Called when no more events come. */
  end(): void;
}

/** How many seconds a task may take before progress is shown. */
const QUIET = 2;

/** The renderer for `-o`. */
export function makeRenderer(
  format: "text" | "json" | "jsonl",
  terminal: Terminal,
  options: TextOptions,
): Renderer {
  if (format === "jsonl") return { take: (event) => terminal.out(line(event)), end: () => {} };
  if (format === "json") {
    const events: Event[] = [];
    // Without a run there is nothing to tell but what was wrong, which is a document of its own.
    return {
      take: (event) => void events.push(event),
      end: () => events.length > 0 && terminal.out(document(events)),
    };
  }
  return textRenderer(terminal, options);
}

function line(event: Event): string {
  return JSON.stringify({ schema: 1, ...event });
}

/** The whole run as one JSON document. */
function document(events: readonly Event[]): string {
  const of = <T extends Event["type"]>(type: T) =>
    events.filter((event): event is Extract<Event, { type: T }> => event.type === type);
  const recaps = of("recap");
  return JSON.stringify(
    {
      schema: 1,
      runs: of("run"),
      plays: of("play"),
      tasks: of("task"),
      notices: of("notice"),
      hosts: Object.assign({}, ...recaps.map((recap) => recap.hosts)),
      exit: Math.max(0, ...recaps.map((recap) => recap.exit)),
    },
    undefined,
    2,
  );
}

function textRenderer(
  terminal: Terminal,
  options: TextOptions,
): Renderer {
  const renderer = new TextRenderer(terminal, options);
  let since = Date.now();
  const timer = setInterval(() => {
    const seconds = (Date.now() - since) / 1000;
    if (seconds >= QUIET) terminal.progress(renderer.progressLine(seconds));
  }, 500);
  return {
    take(event) {
      since = Date.now();
      renderer.take(event);
    },
    end() {
      clearInterval(timer);
      terminal.progress(undefined);
    },
  };
}
