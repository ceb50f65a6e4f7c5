/**
 * The factors of a GPU's health, for people: what each looks at and what it weighs. Their expressions are in `factors.ts`;
 * apart, so that what only names them loads no catalogue.
 *
 * @module
 */

/** The names of the factors. */
export const FACTOR_NAMES = ["temperature", "ecc", "xid", "nvlink", "uptime"] as const;

/** The name of a factor. */
export type FactorName = (typeof FACTOR_NAMES)[number];

/** A factor. */
export interface Factor {
  /** What it looks at, for people. */
  readonly title: string;
  /** The points that it has in 100 where nobody says otherwise. */
  readonly weight: number;
  /** When it is good and when it is bad, a sentence without a full stop. */
  readonly meaning: string;
}

/** °C up to which a GPU is well. */
export const COOL = 75;
/** °C at which it is as bad as it gets: it slows down to save itself. */
export const HOT = 90;
/** An Instinct's junction is hotter by so many °C when it is well. */
export const JUNCTION = 15;
/** The same of an edge sensor (MI200). */
export const EDGE = 5;

/** The factors by name. */
export const FACTORS: Readonly<Record<FactorName, Factor>> = {
  temperature: {
    ...{ title: "Temperature", weight: 20 },
    meaning:
      `good up to ${COOL} °C, bad from ${HOT} °C on, in between by degree; of an MI300's junction ${JUNCTION} °C ` +
      `more, of an MI200's edge ${EDGE} °C more`,
  },
  ecc: {
    ...{ title: "Memory errors", weight: 25 },
    meaning: "bad with an uncorrectable memory error in the last 24 hours, or a row that could not be remapped",
  },
  xid: {
    ...{ title: "Xid / AFID errors", weight: 25 },
    meaning: "bad with an error of the GPU in the last 24 hours, 0.8 with one that is mostly an application's",
  },
  nvlink: {
    ...{ title: "NVLink", weight: 15 },
    meaning:
      "bad with a recovery of a link or more than 10 CRC or replay errors in the last hour; of GPUs that have NVLink",
  },
  uptime: {
    ...{ title: "Uptime", weight: 15 },
    meaning: "the share of the last 24 hours in which the GPU reported",
  },
};
