/**
 * What a play changed, as HTML: each task with its changes, and the hosts that have the same together.
 *
 * @module
 */

import type { Change } from "../../engine/module/module.ts";
import { unifiedDiff } from "../../engine/support/diff.ts";
import type { PlayReport, TaskReport } from "../runs/report.ts";
import { changeSentence } from "./changes.ts";
import { escaped } from "./escape.ts";
import { namesOf } from "./task_text.ts";

/** The section; empty where nothing was changed. */
export function changesHtml({ tasks }: PlayReport): string {
  const shown = tasks.map(taskChanges).filter((text) => text !== "");
  return shown.length === 0 ? "" : `<h3>What changed</h3>\n${shown.join("\n")}`;
}

function taskChanges({ name, handler, hosts }: TaskReport): string {
  const changed = [...hosts.values()].filter(({ changes }) => changes.length > 0);
  if (changed.length === 0) return "";
  const groups = [...Map.groupBy(changed, ({ changes }) => JSON.stringify(changes)).values()];
  const parts = groups.map((events) => {
    const names = escaped(namesOf(events.map(({ host }) => host)));
    return `<p class="soft">${names}</p>\n${events[0].changes.map(changeHtml).join("\n")}`;
  });
  const hostCount = `${changed.length} host${changed.length === 1 ? "" : "s"}`;
  return `<details><summary>${handler ? "handler: " : ""}${escaped(name)} <span class="soft">${hostCount}</span>` +
    `</summary>${parts.join("\n")}</details>`;
}

function changeHtml(change: Change): string {
  if (change.what !== "content" || change.sensitive) return `<p><code>${escaped(changeSentence(change))}</code></p>`;
  const lines = unifiedDiff(change.before, change.after).map(({ kind, text }) =>
    kind === "same" ? escaped(text) : `<span class="${kind}">${escaped(text)}</span>`
  );
  return `<p><code>${escaped(change.path)}</code></p><pre>${lines.join("\n")}</pre>`;
}
