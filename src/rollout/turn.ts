/** @file Lets signals, timers and the page have their turn in long loops, and ends the loops at an `AbortSignal`. */

/** Longest time between two turns (ms). */
const INTERVAL = 50;

/**
 * A function to await in every iteration of a long loop. A loop that awaits only promises which are settled already
 * never returns to the event loop; every 50 ms this function does.
 *
 * @throws the signal's reason once it is aborted
 */
export function createTurns(signal?: AbortSignal): () => Promise<void> {
  let last = performance.now();
  return async () => {
    signal?.throwIfAborted();
    if (performance.now() - last < INTERVAL) return;
    await new Promise((resolve) => setTimeout(resolve));
    last = performance.now();
    signal?.throwIfAborted();
  };
}
