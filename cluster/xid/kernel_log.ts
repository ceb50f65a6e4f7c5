/**
 * Reads Xid errors out of kernel logs: dmesg with and without times, with `-T`, with ISO times, decoded or not, the
 * journal, syslog, and raw kmsg records.
 *
 * @module
 */

import { actionOf, actionOfBucket, findXid, type Xid, type XidAction } from "./catalogue.ts";
import { decodeNvlink, type NvlinkRow } from "./nvlink5.ts";

/** One Xid of a log. */
export interface XidEvent {
  /** The line's number, from 1. */
  readonly line: number;
  /** When it was, as far as the line tells; sorts within one log. Undefined where the line has no time. */
  readonly at?: EventTime;
  /** The machine's name, where the line has it. */
  readonly host?: string;
  /** The GPU's PCI address, e.g. `0000:3b:00`. */
  readonly pci: string;
  /** The GPU's UUID, where the log tells it. */
  readonly uuid?: string;
  /** The code. */
  readonly code: number;
  /** The process, where the line names one. */
  readonly process?: { readonly pid: number; readonly name?: string };
  /** What follows the code and the process. */
  readonly detail: string;
  /** The catalogue's entry; undefined for a code that it does not have. */
  readonly xid?: Xid;
  /** The rows of NVIDIA's table, for NVLink 5 errors. */
  readonly nvlink: readonly NvlinkRow[];
  /** What to do first, details considered. */
  readonly action: XidAction;
}

/** A time of a log. */
export interface EventTime {
  /** As it stands in the log. */
  readonly written: string;
  /** Milliseconds since 1970, or since the machine started where `sinceBoot`; times without a year are of year 2000. */
  readonly milliseconds: number;
  /** Whether the time counts from the start of the machine. */
  readonly sinceBoot: boolean;
}

const XID = /NVRM: Xid \((?:PCI:)?([0-9a-fA-F:.]+)\): (\d+)(?:, ?(.*))?$/;
const PROCESS = /^pid='?(\d+|<unknown>)[^,]*?(?:, name=([^,]*))?(?:, |$)/;
const GPU = /NVRM: GPU at PCI:([0-9a-fA-F:.]+): (GPU-[0-9a-fA-F-]+)/;

/** The Xid events of a log, in the order of time; lines without a time stay behind the line before them. */
export function readKernelLog(text: string): XidEvent[] {
  const uuids = new Map<string, string>();
  const events: XidEvent[] = [];
  text.split(/\r?\n/).forEach((line, index) => {
    const gpu = GPU.exec(line);
    if (gpu) uuids.set(gpuKey(prefixOf(line.slice(0, gpu.index)).host, addressOf(gpu[1])), gpu[2]);
    const event = readLine(line.trimEnd(), index + 1);
    if (event) events.push(event);
  });
  return inOrder(events).map((event) => ({ ...event, uuid: uuids.get(gpuKey(event.host, event.pci)) }));
}

/** GPUs of two machines may have the same address. */
function gpuKey(host: string | undefined, pci: string): string {
  return `${host ?? ""} ${pci}`;
}

function readLine(line: string, number: number): XidEvent | undefined {
  const found = XID.exec(line);
  if (!found) return undefined;
  const [, pci, digits, rest = ""] = found;
  const code = Number(digits);
  const process = PROCESS.exec(rest);
  const detail = (process ? rest.slice(process[0].length) : rest).trim();
  const xid = findXid(code);
  const nvlink = nvlinkRows(code, detail);
  return {
    ...{ line: number, ...prefixOf(line.slice(0, found.index)), pci: addressOf(pci), code, detail, xid, nvlink },
    process: processOf(process),
    action: xid ? eventAction(xid, detail, nvlink) : "contact_support",
  };
}

function processOf(found: RegExpExecArray | null): XidEvent["process"] {
  if (!found || !/^\d+$/.test(found[1])) return undefined;
  const name = found[2]?.trim();
  return { pid: Number(found[1]), name: name === "" || name === "<unknown>" ? undefined : name };
}

/** Without the function, in lower case: `0000:3B:00.0` is `0000:3b:00`. */
function addressOf(pci: string): string {
  return pci.replace(/\.\d+$/, "").toLowerCase();
}

const NVLINK = /^([A-Z][A-Z0-9_/]*) (?:Nonfatal|Fatal|.*?)\b.*?[([](0x[0-9a-f]+)(?: (0x[0-9a-f]+))?/i;

function nvlinkRows(code: number, detail: string): NvlinkRow[] {
  if (code < 144 || code > 150) return [];
  const found = NVLINK.exec(detail);
  if (!found || found[3] === undefined) return [];
  return decodeNvlink(code, { unit: found[1], intrInfo: Number(found[2]), errorStatus: Number(found[3]) });
}

/** From the least to the most that has to be done. */
const WEIGHT: readonly XidAction[] = [
  ...["none", "restart_application", "restart_vm", "contact_support", "update_software", "follow_xid_154"] as const,
  ...["check_nvlink", "reset_gpu", "reboot_node", "check_hardware"] as const,
];

/** Of two actions the one that takes more. */
export function heaviest(a: XidAction, b: XidAction): XidAction {
  return WEIGHT.indexOf(a) >= WEIGHT.indexOf(b) ? a : b;
}

/** An NVLink error's registers and the text of an Xid 154 tell more than the code does. */
function eventAction(xid: Xid, detail: string, nvlink: readonly NvlinkRow[]): XidAction {
  if (nvlink.length > 0) return nvlink.map(({ bucket }) => actionOfBucket(bucket)).reduce(heaviest);
  if (xid.code !== 154) return actionOf(xid);
  const wanted = /to 0x[0-9a-f]+ \(([^)]*)\)/i.exec(detail)?.[1] ?? "";
  if (/^none$/i.test(wanted)) return "none";
  if (/reboot/i.test(wanted)) return "reboot_node";
  return /reset|drain/i.test(wanted) ? "reset_gpu" : "follow_xid_154";
}

/** The time and the host in front of the driver's own text. */
function prefixOf(prefix: string): Pick<XidEvent, "at" | "host"> {
  const host = /(?:^|\s)(\S+) kernel: *(?:\[[^\]]*\] *)?$/.exec(prefix)?.[1];
  const named = host !== undefined && !/^[\d:.+,TZ-]+$/.test(host) ? host : undefined;
  return { at: timeOf(prefix), host: named };
}

const MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec";

function timeOf(prefix: string): EventTime | undefined {
  const iso = /(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)([.,]\d+)?(Z|[+-]\d\d:?\d\d)?/.exec(prefix);
  if (iso) return dated(iso[0], Date.parse(`${iso[1]}T${iso[2]}${fraction(iso[3])}${zone(iso[4])}`));
  const dmesg = /\[(\w{3} (\w{3}) +(\d+) (\d\d:\d\d:\d\d) (\d{4}))\]/.exec(prefix);
  if (dmesg) return dated(dmesg[1], utc(dmesg[5], dmesg[2], dmesg[3], dmesg[4]));
  const syslog = /(?:^|[\s>])((\w{3}) +(\d{1,2}) (\d\d:\d\d:\d\d)([.,]\d+)?) /.exec(prefix);
  if (syslog && MONTHS.includes(syslog[2])) return dated(syslog[1], utc("2000", syslog[2], syslog[3], syslog[4]));
  const boot = /\[ *(\d+\.\d+)\]/.exec(prefix);
  if (boot) return { written: boot[1], milliseconds: Number(boot[1]) * 1000, sinceBoot: true };
  const kmsg = /^\d+,\d+,(\d+),[^;]*;/.exec(prefix);
  if (!kmsg) return undefined;
  const seconds = Number(kmsg[1]) / 1e6;
  return { written: seconds.toFixed(6), milliseconds: seconds * 1000, sinceBoot: true };
}

function dated(written: string, milliseconds: number): EventTime | undefined {
  return Number.isNaN(milliseconds) ? undefined : { written, milliseconds, sinceBoot: false };
}

function utc(year: string, month: string, day: string, time: string): number {
  const index = MONTHS.indexOf(month) / 3 + 1;
  return Date.parse(`${year}-${String(index).padStart(2, "0")}-${day.padStart(2, "0")}T${time}Z`);
}

/** The kernel's dmesg writes microseconds behind a comma; three digits are enough. */
function fraction(written: string | undefined): string {
  return written ? `.${written.slice(1, 4).padEnd(3, "0")}` : "";
}

function zone(written: string | undefined): string {
  return written === undefined ? "Z" : written.replace(/^([+-]\d\d)(\d\d)$/, "$1:$2");
}

/** By time where the lines have times of one kind; else as they stand. */
function inOrder(events: readonly XidEvent[]): XidEvent[] {
  const kinds = new Set(events.flatMap(({ at }) => at ? [at.sinceBoot] : []));
  if (kinds.size !== 1) return [...events];
  let last = -Infinity;
  const timed = events.map((event) => ({ event, time: last = event.at?.milliseconds ?? last }));
  return timed.sort((a, b) => a.time === b.time ? a.event.line - b.event.line : a.time - b.time)
    .map(({ event }) => event);
}
