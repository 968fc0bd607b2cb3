/**
 * @file The intrinsic rewards of exploration of MILET: for what an action tells about the cluster, and for keeping to what
 * was told [Chu 2024, eq. 3.27].
 */

export interface IntrinsicOptions {
  /** a_h = b_h: the weight of the entropy reward at the start of the episode, about. */
  entropy: number;
  /** b_c; a_c is twice as large: the consistency reward has weight −b_c at the start and b_c at the end. */
  consistency: number;
  /** s · H: how fast the weights change, in units of the episode. */
  rate: number;
}

/** γ_h(t) = b − a e^{−s (H − t)} with a = b: near b at the start, 0 at the end of an episode of H steps. */
export const entropyWeight = (t: number, horizon: number, { entropy, rate }: IntrinsicOptions): number =>
  entropy - entropy * Math.exp((-rate / horizon) * (horizon - t));

/** γ_c(t) = −b + a e^{−s (H − t)} with a = 2 b: near −b at the start, b at the end. */
export const consistencyWeight = (
  t: number,
  horizon: number,
  { consistency, rate }: IntrinsicOptions,
): number => -consistency + 2 * consistency * Math.exp((-rate / horizon) * (horizon - t));

/** The entropy of `probabilities` `[…, C]` from entry `at` on (nats). */
export function entropyAt(probabilities: ArrayLike<number>, at: number, clusters: number): number {
  let sum = 0;
  for (let j = at; j < at + clusters; j++) {
    const p = probabilities[j];
    if (p > 0) sum -= p * Math.log(p);
  }
  return sum;
}

/** Smallest probability in a logarithm: float32 probabilities can be 0. */
const SMALLEST = 1e-30;

/** KL(p ‖ q) of rows of `probabilities` that start at entries `p` and `q` (nats). */
export function divergenceAt(
  probabilities: ArrayLike<number>,
  p: number,
  q: number,
  clusters: number,
): number {
  let sum = 0;
  for (let j = 0; j < clusters; j++) {
    const x = probabilities[p + j];
    if (x > 0) sum += x * Math.log(x / Math.max(probabilities[q + j], SMALLEST));
  }
  return Math.max(0, sum);
}

/**
 * The intrinsic rewards of the H steps of the first episode, from q(c | τ:t) before each step and after the last:
 * r_h(a_t) = H(q_t) − H(q_{t+1}), and r_c(a_t) = −KL(q_t ‖ q_{t+1}).
 *
 * @param clusters `[H + 1, N, C]`
 * @param lengths `[N]`: the steps of the episode in each environment, at most H
 * @returns `[H, N]` each, 0 after the end of an episode
 */
export function intrinsicRewards(
  clusters: ArrayLike<number>,
  horizon: number,
  lengths: ArrayLike<number>,
): { entropy: Float64Array; consistency: Float64Array } {
  const count = lengths.length;
  const width = clusters.length / ((horizon + 1) * count);
  const entropy = new Float64Array(horizon * count);
  const consistency = new Float64Array(horizon * count);
  for (let k = 0; k < horizon * count; k++) {
    if (k >= lengths[k % count] * count) continue;
    const [now, next] = [k * width, (k + count) * width];
    entropy[k] = entropyAt(clusters, now, width) - entropyAt(clusters, next, width);
    consistency[k] = -divergenceAt(clusters, now, next, width);
  }
  return { entropy, consistency };
}
