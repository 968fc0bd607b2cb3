/** @file The two kinds of error that a user can act on, and the "did you mean" suggestion of their messages. */

/** Bad input from the caller: an unknown id, a wrong type, an impossible option. The command line exits with 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** A file or buffer with invalid contents. The message names the file and the position in it. */
export class FormatError extends Error {
  override readonly name = "FormatError";
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

/**
 * The clause `; did you mean "x"?` with the candidate nearest to `name`, or the list of candidates when none is near.
 */
export function didYouMean(name: string, candidates: readonly string[]): string {
  const lower = name.toLowerCase();
  const distances = candidates.map((c) => editDistance(lower, c.toLowerCase()));
  const best = Math.min(...distances);
  if (candidates.length > 0 && best <= Math.max(2, Math.floor(name.length / 3))) {
    return `; did you mean "${candidates[distances.indexOf(best)]}"?`;
  }
  return candidates.length > 0 ? `; known: ${candidates.join(", ")}` : "";
}
