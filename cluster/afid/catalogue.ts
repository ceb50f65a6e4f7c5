/**
 * AMD's field identifiers (AFID) of hardware errors, as `amd-smi`, the exporter's `gpu_afid_errors` and error records
 * name them.
 *
 * @module
 */

import catalogue from "./catalogue.json" with { type: "json" };

/** One identifier. */
export interface Afid {
  /** The number. */
  readonly afid: number;
  /** What part of the GPU it is about, e.g. `HBM Errors`. */
  readonly category: string;
  /** The error, e.g. `On-die ECC`. */
  readonly type: string;
  /** How it is found: `CPER`, a common platform error record. */
  readonly detection: string;
  /** `Fatal`, `Uncorrected, Non-fatal`, `Corrected` or `Fail-to-init`. */
  readonly severity: string;
}

/** All identifiers, by number. */
export const AFIDS: readonly Afid[] = catalogue.codes;

/** Where the list is from. */
export const AFID_SOURCES: readonly string[] = catalogue.source;

const BY_NUMBER = new Map(AFIDS.map((afid) => [afid.afid, afid]));

/** The entry of an identifier; undefined for one that is not in the list. */
export function findAfid(afid: number): Afid | undefined {
  return BY_NUMBER.get(afid);
}

/** What to do about an error, by its severity and category: AMD's own service actions are in document 70122. */
export function afidActions({ severity, category, type }: Afid): string[] {
  if (type === "Bad Page Retirement Threshold") {
    return ["Drain the node and have the GPU replaced: too many memory pages are bad."];
  }
  if (severity === "Fail-to-init") {
    return ["Power-cycle the node.", "If the GPU fails again, update its firmware, then contact support."];
  }
  if (severity === "Corrected") {
    return ["No immediate action needed: the error was corrected.", "Watch the rate; contact support if it rises."];
  }
  if (severity === "Fatal") {
    const reset = category === "Off-Package Link Errors"
      ? "Drain the node and reboot it: a link to the GPU failed."
      : "Drain the node and reset the GPU (amd-smi reset --gpureset); reboot the node where that fails.";
    return [reset, "If it recurs, contact support with the error records."];
  }
  return [
    "Restart the affected application: its data may be lost.",
    "Reset the GPU at a convenient time; contact support if it recurs.",
  ];
}
