import { structuredPatch } from "diff";

/** One line of a unified diff. */
export interface DiffLine {
  /** A line that came, went or stayed; `place` is a heading such as `@@ -1,3 +1,4 @@`. */
  readonly kind: "added" | "removed" | "same" | "place";
  /** The line without its line break; the `+`, `-` or space in front is part of it. */
  readonly text: string;
}

/**
 * The unified diff of two texts, with three lines around each change.
 *
 * @param limit how many lines at the most; a last line says how many were left out
 */
export function unifiedDiff(before: string, after: string, limit = 200): DiffLine[] {
  const { hunks } = structuredPatch("before", "after", before, after, undefined, undefined, { context: 3 });
  const lines = hunks.flatMap((hunk): DiffLine[] => [
    { kind: "place", text: `@@ -${hunk.oldStart},${hunk.oldLines} +${hunk.newStart},${hunk.newLines} @@` },
    ...hunk.lines.map((text): DiffLine => ({
      kind: text.startsWith("+") ? "added" : text.startsWith("-") ? "removed" : "same",
      text,
    })),
  ]);
  if (lines.length <= limit) return lines;
  return [...lines.slice(0, limit), { kind: "place", text: `… ${lines.length - limit} more lines` }];
}
