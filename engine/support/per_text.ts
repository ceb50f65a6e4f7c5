/**
 * What a file's text comes to, made once however often the file is named.
 *
 * @module
 */

import type { SourceText } from "./diagnostic.ts";

/**
 * Makes a function of a source remember its latest value for each path, for as long as the text there is the same. An
 * error is not remembered. For files of which a run has few: a value is kept until the process ends.
 */
export function perText<T>(make: (source: SourceText) => T): (source: SourceText) => T {
  const made = new Map<string, { readonly text: string; readonly value: T }>();
  return (source) => {
    const known = made.get(source.path);
    if (known?.text === source.text) return known.value;
    const value = make(source);
    made.set(source.path, { text: source.text, value });
    return value;
  };
}
