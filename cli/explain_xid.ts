/**
 * `aami explain xid` and `aami explain afid`: what error codes of GPUs mean and what to do, from the catalogues or for
 * each line of a kernel log.
 *
 * @module
 */

import { type Afid, AFID_SOURCES, afidActions, AFIDS, findAfid } from "../cluster/afid/catalogue.ts";
import { actionOf, findXid, INSTRUCTIONS, type Xid, XIDS } from "../cluster/xid/catalogue.ts";
import { readKernelLog, type XidEvent } from "../cluster/xid/kernel_log.ts";
import { NVLINK_ROWS } from "../cluster/xid/nvlink5.ts";
import { inputError } from "../engine/support/diagnostic.ts";
import type { Style, Terminal } from "./terminal.ts";
import { xidReport } from "./render/xid_report.ts";

/** The flags of both. */
export interface CodeFlags {
  /** How to print. */
  readonly output: "text" | "json";
  /** The same as `-o json`. */
  readonly json?: boolean;
  /** A kernel log, `-` for stdin. */
  readonly log?: string;
}

const asJson = ({ output, json }: CodeFlags) => json || output === "json";

/**
 * `aami explain xid CODE`, `list`, or `--log FILE`.
 *
 * @throws {DiagnosticError} for a code that is none, a log that cannot be read, or neither of both
 */
export async function explainXid(code: string | undefined, flags: CodeFlags, terminal: Terminal): Promise<number> {
  if (flags.log !== undefined) {
    if (code !== undefined) throw inputError("usage", "a code and --log exclude each other");
    const events = readKernelLog(await readLog(flags.log));
    terminal.out(asJson(flags) ? JSON.stringify(events.map(eventData), undefined, 2) : xidReport(events, terminal));
    return 0;
  }
  if (code === "list") {
    terminal.out(asJson(flags) ? JSON.stringify(XIDS.map(xidData), undefined, 2) : xidTable(terminal));
    return 0;
  }
  const xid = found(code, findXid, "Xid", "xid", XIDS.at(-1)!.code);
  terminal.out(asJson(flags) ? JSON.stringify(xidData(xid), undefined, 2) : xidText(xid, terminal));
  return 0;
}

/**
 * `aami explain afid CODE` or `list`.
 *
 * @throws {DiagnosticError} for a code that is none
 */
export function explainAfid(code: string | undefined, flags: CodeFlags, terminal: Terminal): number {
  if (code === "list") {
    terminal.out(asJson(flags) ? JSON.stringify(AFIDS.map(afidData), undefined, 2) : afidTable(terminal));
    return 0;
  }
  const afid = found(code, findAfid, "AFID", "afid", AFIDS.at(-1)!.afid);
  terminal.out(asJson(flags) ? JSON.stringify(afidData(afid), undefined, 2) : afidText(afid, terminal));
  return 0;
}

function found<T>(
  code: string | undefined,
  find: (code: number) => T | undefined,
  kind: string,
  command: string,
  last: number,
): T {
  if (code === undefined) {
    const help = `aami explain ${command} ${command === "xid" ? "79" : "30"}, or 'list' for all of them`;
    throw inputError("usage", "the command needs a code", undefined, help);
  }
  const number = /^\d+$/.test(code) ? Number(code) : undefined;
  const entry = number === undefined ? undefined : find(number);
  if (entry !== undefined) return entry;
  const help = `'aami explain ${command} list' shows all; the catalogue goes up to ${last}`;
  throw inputError("unknown-xid", `there is no ${kind} '${code}'`, undefined, help);
}

async function readLog(path: string): Promise<string> {
  if (path === "-") return await new Response(Deno.stdin.readable).text();
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw inputError("file-unreadable", `cannot read the log '${path}': ${error.message}`);
  }
}

/** A code with what is to be done about it. */
function xidData(xid: Xid): object {
  const action = actionOf(xid);
  return { ...xid, action, instruction: INSTRUCTIONS[action] };
}

function afidData(afid: Afid): object {
  return { ...afid, actions: afidActions(afid), sources: AFID_SOURCES };
}

function eventData({ xid, nvlink, action, ...event }: XidEvent): object {
  return { ...event, name: xid?.name, severity: xid?.severity, action, instruction: INSTRUCTIONS[action], nvlink };
}

/** The colour of a severity. */
export function severityStyle(severity: string): Style {
  if (/^(critical|Fatal|Fail-to-init)/.test(severity)) return "red";
  return /^(info|unused|Corrected)/.test(severity) ? "dim" : "yellow";
}

function list(heading: string, items: readonly string[], terminal: Terminal): string[] {
  if (items.length === 0) return [];
  return ["", terminal.paint("cyan", heading), ...items.map((item, index) => `  ${index + 1}. ${item}`)];
}

function xidText(xid: Xid, terminal: Terminal): string {
  const { code, name, severity, description, causes, actions, bucket, investigatoryBucket, appliesTo, sources } = xid;
  const shown = severity === "unused" ? "not used on Ampere and later" : severity;
  const rows = NVLINK_ROWS.filter((row) => row.xid === code);
  return [
    `${terminal.paint("bold", `Xid ${code}:`)} ${name} (${xid.mnemonic})`,
    "",
    `Severity: ${terminal.paint(severityStyle(severity), shown)}`,
    `Do first: ${INSTRUCTIONS[actionOf(xid)]}`,
    "",
    terminal.paint("cyan", "Meaning"),
    `  ${description}`,
    ...list("Likely causes", causes, terminal),
    ...list("What to do", actions, terminal),
    "",
    terminal.paint("cyan", "NVIDIA's buckets"),
    `  immediate ${bucket ?? "not published"}, then ${investigatoryBucket ?? "not published"}`,
    ...(appliesTo.length > 0 ? [`  published for ${appliesTo.join(", ")}`] : []),
    ...(xid.xid154Since ? [`  an Xid 154 beside it says what the GPU needs, since ${xid.xid154Since}`] : []),
    ...(rows.length > 0 ? ["", ...nvlinkTable(rows, terminal)] : []),
    "",
    terminal.paint("cyan", "Source"),
    ...sources.map((source) => `  ${source}`),
  ].join("\n");
}

function nvlinkTable(rows: typeof NVLINK_ROWS, terminal: Terminal): string[] {
  const width = Math.max(...rows.map(({ unit }) => unit.length));
  return [
    terminal.paint(
      "cyan",
      "By unit, bits of intrInfo (from driver R575 on) and errorStatus, the two numbers in the message's brackets",
    ),
    ...rows.map(({ unit, since575, errorStatus, bucket, investigatoryBucket, severity }) =>
      `  ${unit.padEnd(width)}  ${since575}  ${errorStatus}  ${
        severity.padEnd(11)
      }  ${bucket}, then ${investigatoryBucket}`
    ),
    "  'aami explain xid --log FILE' decodes the messages of a kernel log.",
  ];
}

function xidTable(terminal: Terminal): string {
  return XIDS.map(({ code, severity, bucket, name }) =>
    `${terminal.paint("bold", String(code).padStart(3))}  ${
      terminal.paint(severityStyle(severity), severity.padEnd(8))
    }  ${(bucket ?? "").padEnd(20)}  ${name}`
  ).join("\n");
}

function afidText(afid: Afid, terminal: Terminal): string {
  const { category, type, severity, detection } = afid;
  return [
    `${terminal.paint("bold", `AFID ${afid.afid}:`)} ${type} (${category})`,
    "",
    `Severity: ${terminal.paint(severityStyle(severity), severity)}`,
    `Found by: ${detection}, a common platform error record`,
    ...list("What to do", afidActions(afid), terminal),
    "",
    terminal.paint("cyan", "Source"),
    ...AFID_SOURCES.map((source) => `  ${source}`),
  ].join("\n");
}

function afidTable(terminal: Terminal): string {
  return AFIDS.map(({ afid, category, type, severity }) =>
    `${terminal.paint("bold", String(afid).padStart(3))}  ${
      terminal.paint(severityStyle(severity), severity.padEnd(22))
    }  ${category}: ${type}`
  ).join("\n");
}
