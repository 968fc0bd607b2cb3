/**
 * @file Takes the place of the package `string-width` in the bundled command. The package loads rules of segmentation
 * for every text that is not ASCII, which takes half of the time of a `--help`.
 */

/** ASCII, Latin, Greek, punctuation, arrows and mathematical operators: one column a character. */
const NARROW = /^[ -~\u00a1-\u00ac\u00ae-\u02ff\u0384-\u03ff\u2010-\u2027\u2030-\u203b\u2190-\u22ff]*$/;
const INVISIBLE = /^[\p{Mark}\p{Control}\p{Format}]$/u;
/** Wide and fullwidth characters of East Asia, and emoji. */
const WIDE =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}\p{Emoji_Presentation}]$/u;

const columns = (character: string): number => {
  if (INVISIBLE.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
};

/** The number of columns of a terminal that a text without escape sequences takes. */
export default function stringWidth(text: string): number {
  if (NARROW.test(text)) return text.length;
  return Array.from(text).reduce((sum, character) => sum + columns(character), 0);
}
