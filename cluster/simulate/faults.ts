/** The faults that a fake cluster can have, and how they are written: `xid79@60s+120s:fake2/gpu3`. @module */

import { inputError } from "../../engine/support/diagnostic.ts";
import { didYouMean } from "../../engine/support/suggest.ts";
import { type FaultKind, FAULTS } from "./fault_kinds.ts";

/** A fault as it was asked for. */
export interface FaultSpec {
  /** The text. */
  readonly text: string;
  /** What happens. */
  readonly kind: FaultKind;
  /** The code of an Xid or AFID. */
  readonly code?: number;
  /** Seconds after the start; undefined for now. */
  readonly at?: number;
  /** Seconds that it lasts; undefined for until somebody ends it. */
  readonly seconds?: number;
  /** The node's name. */
  readonly node: string;
  /** The GPU's number on the node; undefined for the whole node. */
  readonly gpu?: number;
}

const UNITS = { s: 1, m: 60, h: 3600 } as const;

/** Seconds of `90`, `90s`, `2m`, `1h`. */
function secondsOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const unit = text.slice(-1) as keyof typeof UNITS;
  return parseInt(text) * (UNITS[unit] ?? 1);
}

/**
 * Reads a fault, `KIND[@START][+DURATION]:NODE[/gpuN]`.
 *
 * @param place what the text is a part of, e.g. `--fault`, for messages
 * @throws {DiagnosticError} where it cannot be read, with the part that is wrong
 */
export function parseFault(text: string, place: string): FaultSpec {
  const refuse = (message: string, part: string, help: string) => {
    const start = Math.max(0, text.indexOf(part));
    const span = { source: { path: place, text }, start, end: start + Math.max(1, part.length) };
    return inputError("usage", message, span, help);
  };
  const form = /^([a-z-]+?)(\d*)(?:@(\d+[smh]?))?(?:\+(\d+[smh]?))?:([^/\s]+)(?:\/gpu(\d+))?$/;
  const parts = form.exec(text);
  if (!parts) {
    throw refuse(
      `'${text}' is no fault`,
      text,
      "write KIND[@START][+DURATION]:NODE[/gpuN], e.g. thermal@60s+5m:fake2/gpu3",
    );
  }
  const [, kind, code, at, seconds, node, gpu] = parts;
  if (!(kind in FAULTS)) {
    const help = didYouMean(kind, Object.keys(FAULTS)) ?? `there are ${Object.keys(FAULTS).join(", ")}`;
    throw refuse(`there is no fault '${kind}'`, kind, help);
  }
  const coded = kind === "xid" || kind === "afid";
  if (coded && code === "") throw refuse(`'${kind}' needs a code`, kind, `e.g. ${kind}${kind === "xid" ? 79 : 30}`);
  if (!coded && code !== "") throw refuse(`'${kind}' takes no code`, code, `write ${kind}`);
  if (kind === "node-loss" && gpu !== undefined) {
    throw refuse("'node-loss' is of a whole node", `/gpu${gpu}`, `write node-loss:${node}`);
  }
  if (kind !== "node-loss" && gpu === undefined) {
    throw refuse(`'${kind}' is of one GPU`, node, `say which, e.g. ${node}/gpu0`);
  }
  return {
    ...{ text, node, kind: kind as FaultKind, at: secondsOf(at), seconds: secondsOf(seconds) },
    ...(coded ? { code: Number(code) } : {}),
    ...(gpu === undefined ? {} : { gpu: Number(gpu) }),
  };
}
