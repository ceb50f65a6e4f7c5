import { canBeResumed } from "../../engine/run/journals.ts";
import { EXIT } from "../../engine/run/run.ts";
import { failureLines, noticeLines, recapLines } from "../render/recap.ts";
import { type ReportFiles, writeReports } from "../render/reports.ts";
import type { Terminal } from "../terminal.ts";
import { findRun, ownJournals } from "./find.ts";
import { localTime, resultOf, shown } from "./list.ts";
import { hostsOutOf, reportOf, secondsOf } from "./report.ts";

/** What `aami runs show` takes. */
export interface ShowFlags extends ReportFiles {
  /** -o. */
  readonly output: "text" | "json";
}

/** `aami runs show`: how a run ended. @throws {DiagnosticError} for a run that is not there */
export function showRun(id: string | undefined, flags: ShowFlags, terminal: Terminal): number {
  const run = findRun(id);
  const report = reportOf(ownJournals().read(run));
  writeReports([report], flags);
  const { check, at, playbook } = run.header;
  const result = resultOf(run);
  if (flags.output === "json") {
    const { plays, ...rest } = report;
    const tasks = plays.flatMap(({ tasks }) => tasks.flatMap(({ hosts }) => [...hosts.values()]));
    terminal.out(JSON.stringify({ schema: 1, ...rest, result, tasks }, undefined, 2));
    return EXIT.fine;
  }
  const mode = check ? ", in check mode" : "";
  terminal.out(`Run ${run.header.id} of ${shown(playbook)}${mode}`);
  terminal.out(`${localTime(at)}, ${secondsOf(report).toFixed(1)} s: ${result}`);
  const lines = [
    ...recapLines(report.hosts, check, terminal),
    ...noticeLines(report.notices, terminal),
    ...failureLines(report.failures, terminal),
  ];
  if (lines.length > 0) terminal.out(["", ...lines].join("\n"));
  if (canBeResumed(run)) {
    terminal.talk("");
    terminal.talk(`To go on: aami play ${shown(playbook)} --resume ${run.short}`);
    if (hostsOutOf(report).length > 0) {
      terminal.talk(`To run all of it again on the hosts that failed: aami play ${shown(playbook)} --limit @failed`);
    }
  }
  return EXIT.fine;
}
