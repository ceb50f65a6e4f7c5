/**
 * Runs plays by aami's command line within this process and reads what came of them.
 *
 * @module
 */

import { runProgram } from "../../cli/program.ts";
import type { Terminal } from "../../cli/terminal.ts";
import type { Event, TaskEvent } from "../../engine/run/event.ts";
import type { Value } from "../../engine/module/module.ts";
import { registry } from "../../modules/registry.ts";
import { recapText, type RunOutcome, taskLine } from "./outcome.ts";

/** What a run said. */
export interface Played {
  /** The exit status. */
  readonly exit: number;
  /** All events. */
  readonly events: readonly Event[];
  /** What was written to stderr. */
  readonly talk: string;
}

/** Runs `aami play ARGS` with `-o jsonl`. */
export async function play(args: readonly string[]): Promise<Played> {
  const out: string[] = [];
  const talk: string[] = [];
  const terminal: Terminal = {
    out: (text) => void out.push(...text.split("\n")),
    talk: (text) => void talk.push(text),
    paint: (_style, text) => text,
    paintTalk: (_style, text) => text,
    progress: () => {},
    columns: 120,
    isTerminal: false,
    askSecret: () => Promise.resolve(undefined),
    canAsk: false,
    ask: () => Promise.resolve(undefined),
  };
  const exit = await runProgram(["play", ...args, "-o", "jsonl"], { terminal, registry });
  const events = out.filter((line) => line.startsWith("{")).map((line) => JSON.parse(line) as Event);
  return { exit, events, talk: talk.join("\n") };
}

/** The task events of a run. */
export function tasksOf({ events }: Played): TaskEvent[] {
  return events.filter((event) => event.type === "task");
}

/** The outcome of a run in the form of both programs. */
export function outcomeOf(played: Played): RunOutcome {
  const recap = played.events.find((event) => event.type === "recap");
  if (!recap) {
    return { exit: played.exit, hosts: {}, refused: played.talk.split("\n")[0].replace(/^\/\S*\/case\//, "") };
  }
  // Ansible reports no result for meta.
  const tasks = tasksOf(played).filter((task) => task.module !== "meta");
  const hosts = Object.entries(recap.hosts).map(([host, counts]) => {
    const lines = tasks.filter((task) => task.host === host).map((task) => taskLine(resultOf(task)));
    return [host, { recap: recapText(counts), tasks: lines }] as const;
  }).sort(([one], [other]) => one < other ? -1 : 1);
  return { exit: played.exit, hosts: Object.fromEntries(hosts) };
}

function resultOf(task: TaskEvent) {
  const { name, handler = false, module, result, items } = task;
  const status = task.status === "rescued" ? "failed" : task.status;
  const speaks = module === "debug" ? status === "ok" : module === "fail" && ["failed", "ignored"].includes(status);
  return {
    name,
    handler,
    status,
    items: items?.map((item) => item.status),
    attempts: result.attempts,
    said: speaks ? said(task) : undefined,
  };
}

function said({ result, items }: TaskEvent): Value {
  if (!items) return result.msg ?? "censored";
  const results = (result.results ?? []) as { skipped?: boolean; msg: Value }[];
  return results.filter((each) => !each.skipped).map((each) => each.msg);
}
