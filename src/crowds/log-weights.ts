/** @file Logarithms of probabilities, and probabilities from log-weights. */

/** The logarithm of a probability. That of 0 is finite, so that a weight of 0 leaves 0. */
export const logOf = (p: number): number => (p > 1e-300 ? Math.log(p) : -690.7755278982137);

/** Turns log-weights at `start` into probabilities that sum to 1, in place. @returns the log of their sum */
export function normaliseLog(values: Float64Array, start: number, length: number): number {
  let most = values[start];
  for (let k = 1; k < length; k++) if (values[start + k] > most) most = values[start + k];
  let sum = 0;
  for (let k = 0; k < length; k++) {
    const x = values[start + k] - most;
    const p = x < -36 ? 0 : Math.exp(x);
    values[start + k] = p;
    sum += p;
  }
  for (let k = 0; k < length; k++) values[start + k] /= sum;
  return most + Math.log(sum);
}
