/** Numbers by chance that are the same for the same seed. @module */

/** A source of numbers from 0 to below 1. */
export type Random = () => number;

/** A source of its own for each name: the same seed and name give the same numbers (FNV-1a and mulberry32). */
export function randomOf(seed: number, name: string): Random {
  let state = 2166136261 ^ seed;
  for (let index = 0; index < name.length; index++) state = Math.imul(state ^ name.charCodeAt(index), 16777619);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** Hexadecimal digits by chance. */
export function hexDigits(random: Random, count: number): string {
  return Array.from({ length: count }, () => Math.floor(random() * 16).toString(16)).join("");
}
