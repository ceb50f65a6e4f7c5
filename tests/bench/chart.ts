/**
 * Writes what a bench run found into docs/performance.md, between its markers, and draws its charts.
 *
 * `deno run -A tests/bench/chart.ts FILE.json…`; of several runs, a later one's parts take the place of an earlier one's.
 * @module
 */

import { fileURLToPath } from "node:url";
import { aims } from "./aims.ts";
import { TITLES } from "./compare.ts";
import { cells, figure, type Report, type Row, type Source } from "./report.ts";

const docs = fileURLToPath(new URL("../../docs/", import.meta.url));

/** What each part is, for the reader of the page. */
const HEADINGS: Readonly<Record<string, string>> = {
  compare: "The same 20 tasks, hosts nearby",
  near: "More hosts",
  far: "50 ms away",
  language: "Parts of the language",
  simulate: "Large fleets",
  startup: "Start-up",
  bulk: "One large file",
};

/** The tables of the page. */
export function tables(report: Report): string {
  const { machine, rows, aims: judged, leftOut, sources = [] } = report;
  const out = [`Measured on ${machine.cores} cores, ${machine.memory} GiB; ${machine.versions.join(", ")}.`];
  if (machine.load > machine.cores / 4) {
    out.push(
      "",
      "**The machine was busy with other work: these figures are provisional, the ratios are what counts.**",
    );
  }
  for (const part of new Set(rows.map((row) => row.part))) {
    const own = rows.filter((row) => row.part === part);
    out.push("", `### ${HEADINGS[part] ?? part}`, "");
    if (chartRows(own).length > 1) out.push(`![${HEADINGS[part]}](performance/${part}.svg)`, "");
    out.push(markdown(cells(own)), "", sourceLine(sources.find((source) => source.part === part), own));
  }
  if (judged.length > 0) {
    out.push(
      "",
      "### Aims",
      "",
      markdown([
        ["aim", "seen", ""],
        ...judged.map(({ aim, seen, met }) => [aim, seen, met ? "met" : "**missed**"]),
      ]),
    );
  }
  if (leftOut.length > 0) out.push("", "Left out:", "", ...leftOut.map((line) => `- ${line}`));
  return out.join("\n");
}

function sourceLine(source: Source | undefined, rows: readonly Row[]): string {
  const rounds = `Medians of ${roundsOf(rows)}`;
  if (!source) return `${rounds}.`;
  const { at, load, commit } = source;
  return `${rounds}; ${at.slice(0, 16).replace("T", " ")} UTC, load ${load.toFixed(1)} before, commit ${
    commit ?? "not noted"
  }.`;
}

function roundsOf(rows: readonly Row[]): string {
  return [...new Set(rows.map((row) => row.rounds))].sort((one, other) => one - other).join(" or ");
}

function markdown([head, ...rows]: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const rule = head.map((_, index) => index === 0 ? "---" : "---:");
  return [line(head), line(rule), ...rows.map(line)].join("\n");
}

/** What is drawn of a part: second runs, and ansible beside them. */
function chartRows(rows: readonly Row[]): Row[] {
  const known: readonly string[] = Object.values(TITLES);
  if (!rows.some((row) => row.title === TITLES.raw)) return [];
  return rows.filter((row) => row.run === "second" && known.includes(row.title) && row.title !== TITLES.connect);
}

const WIDTH = 760;
const LABELS = 250;
const BAR = 18;
const COLOURS = { wall: "#3b6ea5", cpu: "#d08a2e" } as const;

/** Bars for time on the clock and CPU, on a scale on which each step is ten times the last. */
export function chart(title: string, rows: readonly Row[]): string {
  const values = rows.flatMap((row) => [row.wall!, row.cpu!]).filter((value) => value > 0);
  const low = Math.floor(Math.log10(Math.min(...values)));
  const high = Math.ceil(Math.log10(Math.max(...values)));
  const x = (value: number) =>
    LABELS + (Math.log10(Math.max(value, 10 ** low)) - low) / (high - low) * (WIDTH - LABELS - 70);
  const height = 60 + rows.length * (2 * BAR + 12);
  const out = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="13">`,
    `<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>`,
    text(10, 20, `${title}, second run: seconds, logarithmic`, "bold"),
    text(10, 40, "upper bar: on the clock; lower bar: CPU of the controller", "normal"),
  ];
  for (let power = low; power <= high; power++) {
    const at = x(10 ** power).toFixed(1);
    out.push(`<line x1="${at}" y1="48" x2="${at}" y2="${height - 4}" stroke="#dddddd"/>`);
  }
  for (const [index, row] of rows.entries()) {
    const top = 54 + index * (2 * BAR + 12);
    out.push(text(10, top + BAR + 4, row.title, row.title === TITLES.aami ? "bold" : "normal"));
    for (const [which, key] of (["wall", "cpu"] as const).entries()) {
      const end = x(row[key]!);
      const y = top + which * BAR;
      out.push(
        `<rect x="${LABELS}" y="${y}" width="${(end - LABELS).toFixed(1)}" height="${BAR - 2}" fill="${
          COLOURS[key]
        }"/>`,
      );
      out.push(text(end + 5, y + BAR - 5, figure(row[key]), "normal"));
    }
  }
  return [...out, "</svg>", ""].join("\n");
}

function text(x: number, y: number, words: string, weight: string): string {
  return `<text x="${x.toFixed(1)}" y="${y}" font-weight="${weight}" fill="#222222">${words}</text>`;
}

const BEGIN = "<!-- begin: figures, written by tests/bench/chart.ts -->";
const END = "<!-- end: figures -->";

/** Puts the tables between the markers of the page. @throws {Error} where they are missing */
export function withTables(page: string, text: string): string {
  const [from, to] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (from === -1 || to < from) throw new Error("docs/performance.md has lost its markers");
  return `${page.slice(0, from)}${BEGIN}\n\n${text}\n\n${page.slice(to)}`;
}

/** Several runs as one; the aims are judged anew. */
export function joined(reports: readonly Report[]): Report {
  const last = reports.at(-1);
  if (!last) throw new Error("name the JSON file of a bench run");
  const parts = new Map<string, Row[]>();
  const sources = new Map<string, Source>();
  for (const { rows, at, machine, commit } of reports) {
    for (const part of new Set(rows.map((row) => row.part))) {
      parts.set(part, rows.filter((row) => row.part === part));
      sources.set(part, { part, at, load: machine.load, ...commit !== undefined && { commit } });
    }
  }
  const rows = [...parts.values()].flat();
  const load = Math.max(...reports.map(({ machine }) => machine.load));
  const leftOut = [...new Set(reports.flatMap((report) => report.leftOut))];
  return {
    ...last,
    machine: { ...last.machine, load },
    rows,
    aims: aims(rows),
    leftOut,
    sources: [...sources.values()],
  };
}

if (import.meta.main) {
  const report = joined(Deno.args.map((path) => JSON.parse(Deno.readTextFileSync(path)) as Report));
  await Deno.mkdir(`${docs}performance`, { recursive: true });
  for (const part of new Set(report.rows.map((row) => row.part))) {
    const rows = chartRows(report.rows.filter((row) => row.part === part));
    if (rows.length < 2) continue;
    const far = rows[0].rtt > 0 ? `, ${rows[0].rtt} ms away` : "";
    await Deno.writeTextFile(`${docs}performance/${part}.svg`, chart(`${rows[0].hosts} hosts × 20 tasks${far}`, rows));
  }
  const page = await Deno.readTextFile(`${docs}performance.md`);
  await Deno.writeTextFile(`${docs}performance.md`, withTables(page, tables(report)));
  await new Deno.Command(Deno.execPath(), { args: ["fmt", "-q", `${docs}performance.md`] }).output();
}
