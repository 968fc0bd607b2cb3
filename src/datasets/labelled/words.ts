/** @file Features of a text: how often its words occur, in buckets by a hash of the word. */

/** Number of buckets, and so of features. */
const BUCKETS = 1024;

/** Counts of words of letters and digits, without case, `[BUCKETS]`. Two words may share a bucket. */
export function wordCounts(text: string): Float32Array {
  const counts = new Float32Array(BUCKETS);
  for (const [word] of text.toLowerCase().matchAll(/[\p{L}\p{N}]+/gu)) counts[hash(word) % BUCKETS]++;
  return counts;
}

/** FNV-1a, 32 bits. */
function hash(word: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < word.length; i++) value = Math.imul(value ^ word.charCodeAt(i), 0x01000193);
  return value >>> 0;
}
