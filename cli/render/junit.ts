/**
 * Runs as JUnit's XML, in the form that GitLab, Jenkins and GitHub's actions read: a suite for each play, a case for
 * each task on each host.
 *
 * @module
 */

import type { TaskEvent, TaskStatus } from "../../engine/run/event.ts";
import type { PlayReport, RunReport } from "../runs/report.ts";
import { escaped } from "./escape.ts";
import { detailsOf } from "./recap.ts";

/** What a case holds beside its name, where it is not just passed. */
const KINDS: Partial<Readonly<Record<TaskStatus, "failure" | "error" | "skipped">>> = {
  failed: "failure",
  unreachable: "error",
  skipped: "skipped",
  unknown: "skipped",
};

/** The document. */
export function junitXml(reports: readonly RunReport[]): string {
  const plays = reports.flatMap((report) => report.plays.map((play) => ({ play, report })));
  const all = plays.flatMap(({ play }) => casesOf(play));
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="aami" ${totals(all)}>`,
    ...plays.flatMap(({ play, report }) => suite(play, report)),
    "</testsuites>",
    "",
  ].join("\n");
}

function casesOf({ tasks }: PlayReport): TaskEvent[] {
  return tasks.flatMap(({ hosts }) => [...hosts.values()]);
}

function totals(cases: readonly TaskEvent[]): string {
  const of = (kind: string) => cases.filter(({ status }) => KINDS[status] === kind).length;
  const seconds = cases.reduce((sum, each) => sum + each.seconds, 0);
  return `tests="${cases.length}" failures="${of("failure")}" errors="${of("error")}" skipped="${of("skipped")}" ` +
    `time="${seconds.toFixed(3)}"`;
}

function suite(play: PlayReport, report: RunReport): string[] {
  const cases = casesOf(play);
  if (cases.length === 0) return [];
  const name = escaped(`${report.playbook}: ${play.name}`);
  const at = cases.map(({ at }) => at).sort()[0].replace(/\.\d+Z$/, "");
  return [
    `  <testsuite name="${name}" ${totals(cases)} timestamp="${at}">`,
    ...cases.flatMap((event) => testcase(event, play)),
    "  </testsuite>",
  ];
}

function testcase(event: TaskEvent, { name }: PlayReport): string[] {
  const [file, line] = event.place?.split(":") ?? [];
  const place = file === undefined ? "" : ` file="${escaped(file)}" line="${escaped(line ?? "1")}"`;
  const title = `${event.handler ? "handler: " : ""}${event.name}`;
  const head =
    `    <testcase classname="${escaped(`${name}.${event.host}`)}" name="${escaped(`${title} [${event.host}]`)}" ` +
    `time="${event.seconds.toFixed(3)}"${place}`;
  const kind = KINDS[event.status];
  if (kind === undefined) return [`${head}/>`];
  const [first] = String(event.result.msg ?? event.result.censored ?? event.status).split("\n");
  const message = escaped(first);
  if (kind === "skipped") return [`${head}>`, `      <skipped message="${message}"/>`, "    </testcase>"];
  const details = escaped(detailsOf(event).map(([key, text]) => `${key}: ${text}`).join("\n"));
  return [
    `${head}>`,
    `      <${kind} message="${message}" type="${event.status}">${details}</${kind}>`,
    "    </testcase>",
  ];
}
