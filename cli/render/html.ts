/**
 * Runs as one page that a person reads: what failed first, then hosts × tasks, then each task with its time and its
 * differences. It needs no network and runs no script.
 *
 * @module
 */

import { EXIT } from "../../engine/run/run.ts";
import type { HostCounts, TaskEvent, TaskStatus } from "../../engine/run/event.ts";
import type { PlayReport, RunReport, TaskReport } from "../runs/report.ts";
import { secondsOf } from "../runs/report.ts";
import { escaped } from "./escape.ts";
import { changesHtml } from "./html_changes.ts";
import style from "./page.css" with { type: "text" };
import { failureGroups, noticeGroups } from "./recap.ts";
import { namesOf } from "./task_text.ts";

/** The letter of each status in the grid, so that colours alone need not tell. */
const LETTERS: Readonly<Record<TaskStatus, string>> = {
  ok: "·",
  changed: "C",
  predicted: "P",
  unknown: "?",
  skipped: "–",
  failed: "F",
  unreachable: "U",
  ignored: "i",
  rescued: "r",
};

/** The page. */
export function htmlPage(reports: readonly RunReport[]): string {
  const title = reports.map(({ playbook }) => nameOf(playbook)).join(", ");
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>aami: ${escaped(title)}</title>
<style>
${style}</style>
</head>
<body>
${reports.map(runHtml).join("\n")}
</body>
</html>
`;
}

function nameOf(playbook: string): string {
  return playbook.split("/").at(-1) ?? playbook;
}

function runHtml(report: RunReport): string {
  return [
    head(report),
    failures(report),
    notices(report),
    recap(report),
    legend(report),
    ...report.plays.map(playHtml),
  ].filter((part) => part !== "").join("\n");
}

const RESULTS: Readonly<Record<number, readonly [string, TaskStatus]>> = {
  [EXIT.fine]: ["ended well", "ok"],
  [EXIT.failed]: ["failed", "failed"],
  [EXIT.unreachable]: ["hosts could not be reached", "unreachable"],
  [EXIT.interrupted]: ["interrupted", "skipped"],
};

function head(report: RunReport): string {
  const { playbook, id, at, check, exit } = report;
  const [words, status] = exit === undefined ? ["has no end", "skipped"] : RESULTS[exit] ?? [`exit ${exit}`, "failed"];
  const hosts = Object.keys(report.hosts).length;
  const facts = [
    ...at ? [`begun ${at.replace("T", " ").replace(/\.\d+Z$/, " UTC")}`] : [],
    `${secondsOf(report).toFixed(1)} s`,
    `${hosts} host${hosts === 1 ? "" : "s"}`,
    ...check ? ["check mode: nothing was changed"] : [],
    `run ${id}`,
  ];
  return `<header><h1>${escaped(nameOf(playbook))} <span class="badge ${status}">${words}</span></h1>` +
    `<p class="soft">${escaped(facts.join(" · "))}<br><code>${escaped(playbook)}</code></p></header>`;
}

function failures({ failures }: RunReport): string {
  if (failures.length === 0) return "";
  const articles = failureGroups(failures).map(({ event, hosts, details }) => {
    const rows = details.map(([key, text]) => `<dt>${key}</dt><dd>${escaped(text)}</dd>`);
    return `<article><h3><span class="bad">${event.status}</span> ${escaped(event.name)}</h3>` +
      `<p>${escaped(namesOf(hosts, { full: true }))}</p><dl>${rows.join("")}</dl></article>`;
  });
  return `<section><h2>What failed</h2>\n${articles.join("\n")}</section>`;
}

function notices({ notices }: RunReport): string {
  if (notices.length === 0) return "";
  const items = noticeGroups(notices).map(({ message, hosts }) =>
    `<li>${hosts.length > 0 ? `<b>${escaped(namesOf(hosts))}</b>: ` : ""}${escaped(message)}</li>`
  );
  return `<section><h2>Notices</h2><ul>${items.join("\n")}</ul></section>`;
}

const COUNTS: readonly (keyof HostCounts)[] = [
  ...["ok", "changed", "unreachable", "failed", "skipped", "rescued", "ignored", "unknown"] as const,
];

function recap({ hosts, check }: RunReport): string {
  const keys = COUNTS.filter((key) => check || key !== "unknown");
  const rows = Object.entries(hosts).sort(([a], [b]) => a.localeCompare(b, "en", { numeric: true }))
    .map(([name, counts]) => {
      const cells = keys.map((key) =>
        `<td class="number ${counts[key] > 0 && key !== "ok" ? key : ""}">${counts[key]}</td>`
      );
      return `<tr><th>${escaped(name)}</th>${cells.join("")}</tr>`;
    });
  const titles = keys.map((key) => `<th class="number">${key}</th>`);
  return `<section><h2>Hosts</h2><div class="wide"><table><thead><tr><th></th>${titles.join("")}</tr></thead>` +
    `<tbody>${rows.join("\n")}</tbody></table></div></section>`;
}

function legend({ plays }: RunReport): string {
  const events = plays.flatMap(({ tasks }) => tasks.flatMap(({ hosts }) => [...hosts.values()]));
  const seen = new Set(events.map(({ status }) => status));
  const shown = (Object.keys(LETTERS) as TaskStatus[]).filter((status) => seen.has(status));
  if (shown.length === 0) return "";
  const items = shown.map((status) => `<span class="${status}">${LETTERS[status]} ${status}</span>`);
  return `<p class="legend">${items.join("")}</p>`;
}

function playHtml(play: PlayReport): string {
  if (play.tasks.length === 0) return "";
  const numbers = play.tasks.map((task, index) => `<th title="${escaped(titleOf(task))}">${index + 1}</th>`);
  const rows = play.hosts.map((host) => {
    const cells = play.tasks.map((task) => cell(task, task.hosts.get(host)));
    return `<tr><th>${escaped(host)}</th>${cells.join("")}</tr>`;
  });
  const longest = Math.max(0.001, ...play.tasks.map((task) => timesOf(task).longest));
  return `<section><h2>Play: ${escaped(play.name)}</h2>
<div class="wide"><table class="grid"><thead><tr><th>host / task</th>${numbers.join("")}</tr></thead>
<tbody>${rows.join("\n")}</tbody></table></div>
<h3>Tasks</h3>
<div class="wide"><table><thead><tr><th class="number">#</th><th>task</th><th>module</th><th>outcome</th>
<th class="number">longest</th><th>&nbsp;</th></tr></thead>
<tbody>${play.tasks.map((task, index) => taskRow(task, index, longest)).join("\n")}</tbody></table></div>
${changesHtml(play)}</section>`;
}

function titleOf({ name, handler }: Pick<TaskReport, "name" | "handler">): string {
  return `${handler ? "handler: " : ""}${name}`;
}

function cell(task: TaskReport, event: TaskEvent | undefined): string {
  if (!event) return "<td></td>";
  const title = `${titleOf(task)}: ${event.status}, ${event.seconds} s${
    event.replayed ? ", before it was resumed" : ""
  }`;
  return `<td class="${event.status}" title="${escaped(title)}">${LETTERS[event.status]}</td>`;
}

function timesOf({ hosts }: TaskReport): { longest: number; host: string } {
  let [longest, at] = [0, ""];
  for (const { seconds, host } of hosts.values()) if (seconds >= longest) [longest, at] = [seconds, host];
  return { longest, host: at };
}

function taskRow(task: TaskReport, index: number, longestOfAll: number): string {
  const statuses = Map.groupBy(task.hosts.values(), ({ status }) => status);
  const outcome = [...statuses].map(([status, events]) => `${events.length} ${status}`).join(", ");
  const { longest, host } = timesOf(task);
  const width = (longest / longestOfAll * 10).toFixed(2);
  return `<tr><td class="number">${index + 1}</td><th>${escaped(titleOf(task))}</th><td>${escaped(task.module)}</td>` +
    `<td>${outcome}</td><td class="number">${longest.toFixed(2)} s</td>` +
    `<td title="${escaped(host)}"><span class="bar" style="width:${width}rem"></span></td></tr>`;
}
