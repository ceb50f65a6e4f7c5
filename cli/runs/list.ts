import { resolve } from "node:path";
import type { KnownRun } from "../../engine/run/journals.ts";
import { EXIT } from "../../engine/run/run.ts";
import { inputError } from "../../engine/support/diagnostic.ts";
import { findPlaybook } from "../../engine/playbook/search_path.ts";
import type { Terminal } from "../terminal.ts";
import { runsOf } from "./find.ts";

/** What `aami runs list` takes. */
export interface ListFlags {
  /** --playbook, as on the command line of `aami play`. */
  readonly playbook?: string;
  /** -o. */
  readonly output: "text" | "json";
}

const RESULTS: Readonly<Record<number, string>> = {
  [EXIT.fine]: "ok",
  [EXIT.failed]: "failed",
  [EXIT.unreachable]: "unreachable",
  [EXIT.interrupted]: "interrupted",
};

/** How a run ended, in a word or two. */
export function resultOf({ end, isUnderWay }: KnownRun): string {
  if (isUnderWay) return "under way";
  return end ? RESULTS[end.exit] ?? `exit ${end.exit}` : "killed";
}

/** `aami runs list`: the newest first. @throws {DiagnosticError} for a playbook that is not there */
export async function listRuns({ playbook, output }: ListFlags, terminal: Terminal): Promise<number> {
  const runs = runsOf(playbook === undefined ? undefined : await pathOf(playbook));
  if (output === "json") {
    const data = runs.map((run) => ({
      id: run.header.id,
      playbook: run.header.playbook,
      at: run.header.at,
      check: run.header.check,
      result: resultOf(run),
      exit: run.end?.exit,
      hosts: run.end?.hosts,
      journal: run.path,
    }));
    terminal.out(JSON.stringify({ schema: 1, runs: data }, undefined, 2));
    return EXIT.fine;
  }
  if (runs.length === 0) terminal.talk("There is no run yet: 'aami play' keeps a journal of each.");
  else for (const line of table(runs.map(row))) terminal.out(line);
  return EXIT.fine;
}

async function pathOf(name: string): Promise<string> {
  const path = await findPlaybook(name);
  if (path !== undefined) return resolve(path);
  throw inputError("no-playbook", `there is no playbook '${name}'`, undefined, "'aami runs list' lists all runs");
}

function row(run: KnownRun): string[] {
  const { header, end, short } = run;
  const hosts = end === undefined ? "–" : String(end.hosts);
  return [
    short,
    localTime(header.at),
    `${resultOf(run)}${header.check ? " (check)" : ""}`,
    hosts,
    shown(header.playbook),
  ];
}

function table(rows: readonly string[][]): string[] {
  const all = [["RUN", "BEGUN", "RESULT", "HOSTS", "PLAYBOOK"], ...rows];
  const widths = all[0].map((_, column) => Math.max(...all.map((cells) => cells[column].length)));
  return all.map((cells) => cells.map((cell, column) => cell.padEnd(widths[column])).join("  ").trimEnd());
}

/** The time of this machine's clock, `2026-11-20 14:03:22`. */
export function localTime(at: string): string {
  const date = new Date(at);
  const two = (part: number) => String(part).padStart(2, "0");
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join("-");
  return `${day} ${[date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(":")}`;
}

/** A path as it is typed from here. */
export function shown(path: string): string {
  const here = `${Deno.cwd()}/`;
  return path.startsWith(here) ? path.slice(here.length) : path;
}
