/**
 * The status of the monitoring for people.
 *
 * @module
 */

import type { Component, Status } from "../status.ts";
import type { Terminal } from "../terminal.ts";

/** More targets that are down are counted. */
const SHOWN = 10;

/** The status as text. */
export function statusText(status: Status, terminal: Terminal): string {
  const { components, targets, alerts, disk, tsdb } = status;
  const width = Math.max(...components.map(({ name }) => name.length));
  return [
    terminal.paint("bold", "Components"),
    ...components.map((each) => componentLine(each, width, terminal)),
    "",
    ...targets ? targetLines(targets, terminal) : [],
    ...alerts ? [`${terminal.paint("bold", "Alerts")}   ${alertText(alerts, terminal)}`] : [],
    ...disk
      ? [`${terminal.paint("bold", "Disk")}     ${bytes(disk.available)} of ${bytes(disk.size)} left on ${disk.path}`]
      : [],
    ...tsdb ? [`${terminal.paint("bold", "Metrics")}  ${metricsText(tsdb)}`] : [],
    ...targets ? [""] : [],
    status.ok ? terminal.paint("green", "All is well.") : terminal.paint("red", "Something is down or critical."),
  ].join("\n");
}

function targetLines({ up, down }: NonNullable<Status["targets"]>, terminal: Terminal): string[] {
  return [
    `${terminal.paint("bold", "Targets")}  ${up} up, ${down.length} down`,
    ...down.slice(0, SHOWN).map(({ job, node, url, error }) =>
      `  ${terminal.paint("red", "down")}  ${job} on ${node} (${url}): ${error}`
    ),
    ...down.length > SHOWN ? [`  and ${down.length - SHOWN} more`] : [],
  ];
}

function componentLine(
  { name, up, version, url, targets, reason }: Component,
  width: number,
  terminal: Terminal,
): string {
  const state = up ? terminal.paint("green", "up  ") : terminal.paint("red", "down");
  const counted = targets && `${targets.up} of ${targets.all}`;
  return `  ${name.padEnd(width)}  ${state}  ${[version, counted, url, reason].filter((part) => part).join("  ")}`;
}

function alertText(alerts: Readonly<Record<string, number>>, terminal: Terminal): string {
  const rank = (name: string) => ["critical", "warning", "info"].indexOf(name) >>> 0;
  const parts = Object.entries(alerts).sort(([a], [b]) => rank(a) - rank(b)).map(([severity, count]) => {
    const text = `${count} ${severity}`;
    return severity === "critical"
      ? terminal.paint("red", text)
      : severity === "warning"
      ? terminal.paint("yellow", text)
      : text;
  });
  return parts.join(", ") || "none fire";
}

/** A Prometheus of some hours has nothing in blocks yet, and old ones do not tell of the rest. */
function metricsText({ bytes: size, retention, series }: NonNullable<Status["tsdb"]>): string {
  return `${size > 0 ? `${bytes(size)}, ` : ""}${series} series, kept ${retention}`;
}

function bytes(count: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
  const power = count < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(count) / 10));
  const number = count / 1024 ** power;
  return `${number < 10 && power > 0 ? number.toFixed(1) : Math.round(number)} ${units[power]}`;
}
