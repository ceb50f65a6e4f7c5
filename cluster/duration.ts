/** Durations as Prometheus writes them, e.g. `1h30m`. @module */

/** A duration: numbers, each with its unit. */
export const DURATION = /^(?:\d+(?:ms|[smhdwy]))+$/;

const UNITS: Readonly<Record<string, number>> = {
  ms: 0.001,
  s: 1,
  m: 60,
  h: 3600,
  d: 86_400,
  w: 604_800,
  y: 31_536_000,
};

/** The seconds of a text that {@linkcode DURATION} fits. */
export function secondsOf(duration: string): number {
  const parts = [...duration.matchAll(/(\d+)(ms|[smhdwy])/g)];
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * UNITS[unit], 0);
}
