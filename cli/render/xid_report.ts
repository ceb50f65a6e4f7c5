/**
 * A kernel log's Xid errors for people: what happened to which GPU in the order of time, and what to do about each GPU.
 *
 * @module
 */

import { INSTRUCTIONS, type XidAction } from "../../cluster/xid/catalogue.ts";
import { heaviest, type XidEvent } from "../../cluster/xid/kernel_log.ts";
import type { Style, Terminal } from "../terminal.ts";

/** The report of some events; says so where there are none. */
export function xidReport(events: readonly XidEvent[], terminal: Terminal): string {
  if (events.length === 0) return "No Xid errors in this log.";
  const width = Math.max(...events.map(({ at }) => at?.written.length ?? 0));
  return [
    ...events.flatMap((event) => eventLines(event, width, terminal)),
    "",
    terminal.paint("cyan", "What to do"),
    ...adviceLines(events, terminal),
  ].join("\n");
}

/** The machine, where the log names it, and the GPU's address. */
function gpuOf({ host, pci }: XidEvent): string {
  return host === undefined ? pci : `${host} ${pci}`;
}

function eventLines(event: XidEvent, width: number, terminal: Terminal): string[] {
  const { at, code, xid, process, detail, nvlink } = event;
  const name = xid?.name ?? "not in the catalogue";
  const who = process ? `, by ${process.name ?? "process"} (${process.pid})` : "";
  const time = width === 0 ? "" : `${(at?.written ?? "").padEnd(width)}  `;
  const head = `${terminal.paint("dim", time)}${gpuOf(event)}  ${
    terminal.paint(styleOf(event.action), `Xid ${code}`)
  } ${name}${who}`;
  const indent = " ".repeat(time.length);
  const rows = nvlink.map(({ unit, severity, bucket, investigatoryBucket }) =>
    `${indent}  ${unit}: ${severity}, ${bucket}, then ${investigatoryBucket}`
  );
  return [head, ...(detail ? [`${indent}  ${terminal.paint("dim", detail)}`] : []), ...rows];
}

function styleOf(action: XidAction): Style {
  if (action === "none") return "dim";
  return ["reset_gpu", "reboot_node", "check_hardware"].includes(action) ? "red" : "yellow";
}

/** One entry a GPU, in the order in which they had their first error. */
function adviceLines(events: readonly XidEvent[], terminal: Terminal): string[] {
  const gpus = new Map<string, XidEvent[]>();
  for (const event of events) gpus.set(gpuOf(event), [...gpus.get(gpuOf(event)) ?? [], event]);
  return [...gpus].flatMap(([gpu, its]) => {
    const action = its.map((event) => event.action).reduce(heaviest);
    const counts = new Map<number, number>();
    for (const { code } of its) counts.set(code, (counts.get(code) ?? 0) + 1);
    const codes = [...counts].map(([code, count]) => count === 1 ? `Xid ${code}` : `Xid ${code} (${count} times)`);
    const uuid = its[0].uuid ? ` ${its[0].uuid}` : "";
    return [
      `  ${terminal.paint("bold", gpu)}${uuid}: ${codes.join(", ")}`,
      `    ${terminal.paint(styleOf(action), INSTRUCTIONS[action])}`,
    ];
  });
}
