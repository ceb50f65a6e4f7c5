/**
 * What the benchmark found, as data, and as a table for a terminal.
 * @module
 */

/** One case, measured. What was not measured is left out. */
export interface Row {
  readonly part: string;
  readonly title: string;
  readonly hosts: number;
  /** Milliseconds of round trip added to the loopback's. */
  readonly rtt: number;
  readonly run: "first" | "second" | "";
  /** Seconds, medians. */
  readonly wall?: number;
  readonly cpu?: number;
  /** MiB, the peak of all processes of the controller. */
  readonly memory?: number;
  /** Of a host. */
  readonly roundTrips?: number;
  readonly kilobytes?: number;
  /** How often it was measured. */
  readonly rounds: number;
}

/** An aim, and what was seen. */
export interface Aim {
  readonly aim: string;
  readonly seen: string;
  readonly met: boolean;
}

/** When and on what a part was measured; parts of one page may come from several runs. */
export interface Source {
  readonly part: string;
  readonly at: string;
  /** Of the machine, before the run. */
  readonly load: number;
  /** Of this repository; a plus for changes that are not committed. */
  readonly commit?: string;
}

/** The whole result, as it stands in the JSON file. */
export interface Report {
  readonly schema: 1;
  readonly at: string;
  readonly commit?: string;
  readonly sources?: readonly Source[];
  readonly machine: {
    readonly cores: number;
    readonly memory: number;
    readonly load: number;
    readonly versions: string[];
  };
  readonly rows: readonly Row[];
  readonly aims: readonly Aim[];
  readonly leftOut: readonly string[];
}

/** A figure as a person reads it. */
export function figure(value: number | undefined, unit = ""): string {
  if (value === undefined) return "";
  const text = value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
  return `${text}${unit}`;
}

/** The rows of a table: heading, then cells. */
export function cells(rows: readonly Row[]): string[][] {
  const shown = rows.map((row) => [
    row.title,
    String(row.hosts),
    row.rtt === 0 ? "-" : `${row.rtt} ms`,
    row.run,
    figure(row.wall),
    figure(row.cpu),
    row.memory === undefined ? "" : row.memory.toFixed(0),
    row.roundTrips === undefined ? "" : row.roundTrips.toFixed(1),
    row.kilobytes === undefined ? "" : row.kilobytes.toFixed(0),
  ]);
  return [["", "hosts", "RTT", "run", "wall s", "CPU s", "MiB", "trips/host", "KB/host"], ...shown];
}

/** Columns, the first to the left, the others to the right. */
export function aligned(table: readonly (readonly string[])[]): string {
  const widths = table[0].map((_, column) => Math.max(...table.map((row) => row[column].length)));
  const line = (row: readonly string[]) =>
    row.map((cell, column) => column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column])).join("  ");
  return table.map((row) => line(row).trimEnd()).join("\n");
}

/** The report for a terminal. */
export function printed(report: Report): string {
  const parts = [...new Set(report.rows.map((row) => row.part))];
  const out = parts.flatMap((part) => ["", part, aligned(cells(report.rows.filter((row) => row.part === part)))]);
  if (report.aims.length > 0) {
    out.push("", "Aims of the design");
    for (const { aim, seen, met } of report.aims) out.push(`${met ? "met   " : "MISSED"}  ${aim}: ${seen}`);
  }
  for (const line of report.leftOut) out.push("", `left out: ${line}`);
  return out.join("\n").trimStart();
}
