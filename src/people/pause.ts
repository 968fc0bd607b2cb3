/** @file Waiting that ends early. */

/** Waits for a time, or until the signal is aborted or the bell rings for an answer. */
export function pause(milliseconds: number, signal: AbortSignal, bell?: EventTarget): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      bell?.removeEventListener("answered", end);
      resolve();
    };
    const timer = setTimeout(end, milliseconds);
    signal.addEventListener("abort", end);
    bell?.addEventListener("answered", end);
  });
}
