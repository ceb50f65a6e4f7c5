/**
 * The details of Xid 144 to 150: NVLink 5 errors, whose meaning is in two registers of the message.
 *
 * @module
 */

import table from "./nvlink5.json" with { type: "json" };

/** One row of NVIDIA's table. */
export interface NvlinkRow {
  /** 144 to 150. */
  readonly xid: number;
  /** The unit of the GPU, e.g. `RLW_REMAP`; several names of one are joined by `/`. */
  readonly unit: string;
  /** The bits of intrInfo from 31 down, `-` for any, as drivers before R575 print it. */
  readonly before575: string;
  /** The same, as drivers from R575 on print it. */
  readonly since575: string;
  /** The errorStatus register, e.g. `0x00000004`. */
  readonly errorStatus: string;
  /** The immediate action's bucket. */
  readonly bucket: string;
  /** What to look into later. */
  readonly investigatoryBucket: string;
  /** NVIDIA's word on it, e.g. `Link Fatal`. */
  readonly severity: string;
  /** What to do when the first action did not help; null for nothing else. */
  readonly bucketAfter: string | null;
  /** Hardware, software or firmware. */
  readonly layer: string;
}

/** All rows. */
export const NVLINK_ROWS: readonly NvlinkRow[] = table.rows;

/** What the message of such an Xid says, beside its code. */
export interface NvlinkMessage {
  /** The unit as it was printed, e.g. `NETIR_LINK_EVT`. */
  readonly unit: string;
  /** The first register. */
  readonly intrInfo: number;
  /** The second register. */
  readonly errorStatus: number;
}

/**
 * The rows that a message means; more than one where errorStatus has several bits, none where the table knows of
 * none. The two layouts of intrInfo are told apart by the unit that was printed.
 */
export function decodeNvlink(xid: number, message: NvlinkMessage): NvlinkRow[] {
  const possible = NVLINK_ROWS.filter((row) =>
    row.xid === xid && (fits(row.before575, message.intrInfo) || fits(row.since575, message.intrInfo))
  );
  const named = possible.filter(({ unit }) => unit.split("/").some((name) => sameUnit(name, message.unit)));
  const rows = named.length > 0 ? named : possible;
  const exact = rows.filter((row) => Number(row.errorStatus) === message.errorStatus);
  if (exact.length > 0) return exact;
  return rows.filter((row) => {
    const bit = Number(row.errorStatus);
    return bit !== 0 && (bit & message.errorStatus) >>> 0 === bit;
  });
}

/** `NETIR` may be printed for `NETIR_INT`. */
function sameUnit(name: string, printed: string): boolean {
  return name === printed || name.startsWith(`${printed}_`);
}

function fits(pattern: string, value: number): boolean {
  const bits = (value >>> 0).toString(2).padStart(32, "0");
  for (let place = 0; place < 32; place++) {
    if (pattern[place] !== "-" && pattern[place] !== bits[place]) return false;
  }
  return true;
}
