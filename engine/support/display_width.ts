/**
 * How many columns of a terminal a text takes, so that a caret stands under its token.
 *
 * @module
 */

// What Unicode's East Asian Width calls wide or fullwidth, by script and block, and what is shown as a picture.
const WIDE =
  /^(?:[\p{sc=Han}\p{sc=Hangul}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Bopomofo}\p{sc=Yi}\p{Emoji_Presentation}]|[\u3000-\u303e\uff01-\uff60\uffe0-\uffe6]|\p{Extended_Pictographic}.*\ufe0f)/u;
const NARROW = /^[\uff61-\uffdc]/;
const EMPTY = /^[\p{Mn}\p{Me}\p{Cf}]+$/u;

/** Made when a text needs it: it takes longer than the rest of an `aami --version`. */
let graphemes: Intl.Segmenter | undefined;

/** The columns that a text without control characters takes: 2 for wide characters, 0 for what joins the one before. */
export function displayWidth(text: string): number {
  // deno-lint-ignore no-control-regex -- these are what is looked for
  if (/^[\x00-\x7f]*$/.test(text)) return text.length;
  graphemes ??= new Intl.Segmenter(undefined, { granularity: "grapheme" });
  let width = 0;
  for (const { segment } of graphemes.segment(text)) {
    width += EMPTY.test(segment) ? 0 : WIDE.test(segment) && !NARROW.test(segment) ? 2 : 1;
  }
  return width;
}
