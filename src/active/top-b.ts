/** @file The B largest of many scores, by a heap. */

/**
 * The places of the largest scores, the largest first. Equal scores are ordered by `keys`, so that random keys break ties
 * at random. This is the greedy approximation of a batch by single scores [N eq. 48].
 *
 * @param size the number of places, or all if there are fewer
 */
export function topB(scores: ArrayLike<number>, size: number, keys: ArrayLike<number>): Int32Array {
  const count = Math.min(size, scores.length);
  const heap = new Int32Array(count);
  /** Whether place a is worth less than place b. */
  const isLess = (a: number, b: number) =>
    scores[a] < scores[b] ||
    (scores[a] === scores[b] && (keys[a] < keys[b] || (keys[a] === keys[b] && a > b)));
  const sink = (from: number, length: number) => {
    let at = from;
    for (;;) {
      let least = at;
      for (const child of [2 * at + 1, 2 * at + 2]) {
        if (child < length && isLess(heap[child], heap[least])) least = child;
      }
      if (least === at) return;
      const swapped = heap[at];
      heap[at] = heap[least];
      heap[least] = swapped;
      at = least;
    }
  };
  for (let i = 0; i < count; i++) heap[i] = i;
  for (let i = count >> 1; i >= 0; i--) sink(i, count);
  for (let i = count; i < scores.length; i++) {
    if (count === 0 || !isLess(heap[0], i)) continue;
    heap[0] = i;
    sink(0, count);
  }
  // The least is at the root: moved behind the others one by one, they are in falling order.
  for (let length = count - 1; length > 0; length--) {
    const swapped = heap[0];
    heap[0] = heap[length];
    heap[length] = swapped;
    sink(0, length);
  }
  return heap;
}
