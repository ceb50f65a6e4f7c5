import { distance } from "fastest-levenshtein";

/**
 * The known name nearest to what was typed, or undefined when none is near (more than a third of it would change).
 */
export function nearest(typed: string, known: Iterable<string>): string | undefined {
  const names = [...known];
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(typed.length / 3)) + 1;
  for (const name of names) {
    const edits = distance(typed.toLowerCase(), name.toLowerCase());
    if (edits < bestDistance) {
      best = name;
      bestDistance = edits;
    }
  }
  return best ?? names.find((name) => name.length === typed.length && letters(name) === letters(typed));
}

/** Two swapped letters are two edits, which is much for a short name. */
function letters(name: string): string {
  return [...name.toLowerCase()].sort().join("");
}

/** `did you mean 'X'?`, or undefined where nothing is near. Ready for a diagnostic's help. */
export function didYouMean(typed: string, known: Iterable<string>): string | undefined {
  const name = nearest(typed, known);
  return name === undefined ? undefined : `did you mean '${name}'?`;
}
