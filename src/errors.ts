/** @file The two kinds of error that a user can act on, and the "did you mean" suggestion of their messages. */

/**
 * Bad input from the caller: an unknown id, a wrong type, an impossible option. The command line exits with 2. Long
 * values in the message are shortened.
 */
export class UsageError extends Error {
  override readonly name = "UsageError";

  constructor(message: string, options?: ErrorOptions) {
    super(shortened(message), options);
  }
}

/**
 * A file or buffer with invalid contents. The message names the file and the position in it. Long values in the
 * message are shortened.
 */
export class FormatError extends Error {
  override readonly name = "FormatError";

  constructor(message: string, options?: ErrorOptions) {
    super(shortened(message), options);
  }
}

/** A function that a browser has in place of one of Node.js: it throws a UsageError. @param what it would do */
export const needsNode = (what: string) => (): never => {
  throw new UsageError(`${what}: this needs Node.js`);
};

/** The largest length of a message, and of a word in it, in characters. A longer one loses its middle. */
const MOST_MESSAGE = 8000;
const MOST_WORD = 400;

/** A message without the middles of long values, which may be of any length in files and options. */
function shortened(message: string): string {
  const whole = withoutMiddle(message, MOST_MESSAGE);
  return whole.length <= MOST_WORD ? whole : whole.replace(/\S+/g, (word) => withoutMiddle(word, MOST_WORD));
}

function withoutMiddle(text: string, most: number): string {
  if (text.length <= most) return text;
  const kept = most / 4;
  return `${text.slice(0, kept)}… (${text.length} characters) …${text.slice(-kept)}`;
}

/** Levenshtein distance between two short strings [Wagner & Fischer 1974]. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = previous[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(previous[j] + 1, row[j - 1] + 1, substitution));
    }
    previous = row;
  }
  return previous[b.length];
}

/** The largest length of names that are compared: the time grows with its square. */
const MOST_COMPARED = 200;

/**
 * The clause `; did you mean "x"?` with the candidate nearest to `name`, or the list of candidates when none is near.
 */
export function didYouMean(name: string, candidates: readonly string[]): string {
  const isShort = (text: string) => text.length <= MOST_COMPARED;
  const distances = candidates.map((candidate) =>
    isShort(name) && isShort(candidate)
      ? editDistance(name.toLowerCase(), candidate.toLowerCase())
      : Number.POSITIVE_INFINITY,
  );
  const best = distances.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  if (best <= Math.max(2, Math.floor(name.length / 3))) {
    return `; did you mean "${candidates[distances.indexOf(best)]}"?`;
  }
  return candidates.length > 0 ? `; known: ${candidates.join(", ")}` : "";
}

/** What the operating system refuses as EMFILE or ENFILE, and the way out. */
export const TOO_MANY_FILES = "too many files are open: allow more, as in ulimit -n 1024";
