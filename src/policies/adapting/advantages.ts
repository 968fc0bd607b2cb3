/**
 * @file Advantages of a few episodes of one task, with a linear baseline that is fitted to these episodes, as in
 * the code of [Rothfuss et al. 2019].
 */

/** K episodes of one task, of at most H steps each. Entries after the end of an episode are ignored. */
export interface Episodes {
  /** H. */
  readonly horizon: number;
  /** `[K, H, w]`, encoded. */
  readonly observations: Float32Array;
  /** `[K, H]`. */
  readonly rewards: ArrayLike<number>;
  /** `[K]`: the numbers of steps. */
  readonly lengths: ArrayLike<number>;
}

/** The inputs of a gradient step, `[K, H]` each, 0 after the end of an episode. */
export interface EpisodeAdvantages {
  /** With mean 0 and deviation 1 over the steps of all episodes. */
  advantages: Float32Array;
  /** The share of each step in means over all steps; they sum to 1. */
  shares: Float32Array;
}

/** Weight of the squared norm of the baseline's coefficients, and how often it is raised tenfold if the fit fails. */
const RIDGE = 1e-5;
const ATTEMPTS = 5;

/**
 * Generalised advantages [Schulman et al. 2016] under the baseline b, normalised. An episode is worth its rewards up to
 * its last step, also at a time limit: nothing is known of what would follow, and b knows the time.
 */
export function episodeAdvantages(
  episodes: Episodes,
  { discount, gaeLambda }: { discount: number; gaeLambda: number },
): EpisodeAdvantages {
  const { horizon, rewards, lengths } = episodes;
  const entries = stepsOf(episodes);
  const baseline = linearBaseline(episodes, returnsToGo(episodes, discount));
  const advantages = new Float32Array(lengths.length * horizon);
  const shares = new Float32Array(advantages.length);
  for (let k = 0; k < lengths.length; k++) {
    let following = 0;
    for (let step = lengths[k] - 1; step >= 0; step--) {
      const at = k * horizon + step;
      const next = step + 1 < lengths[k] ? baseline[at + 1] : 0;
      following = rewards[at] + discount * next - baseline[at] + discount * gaeLambda * following;
      advantages[at] = following;
    }
  }
  const mean = entries.reduce((sum, at) => sum + advantages[at], 0) / entries.length;
  const variance = entries.reduce((sum, at) => sum + (advantages[at] - mean) ** 2, 0) / entries.length;
  for (const at of entries) {
    advantages[at] = (advantages[at] - mean) / (Math.sqrt(variance) + 1e-8);
    shares[at] = 1 / entries.length;
  }
  return { advantages, shares };
}

/** `[K, H]`: 1 at the last step of each episode, else 0. */
export function lastSteps({ horizon, lengths }: Pick<Episodes, "horizon" | "lengths">): Float32Array {
  const lasts = new Float32Array(lengths.length * horizon);
  for (let k = 0; k < lengths.length; k++) lasts[k * horizon + lengths[k] - 1] = 1;
  return lasts;
}

/** The entries of all steps. */
const stepsOf = ({ horizon, lengths }: Episodes): number[] =>
  Array.from(lengths).flatMap((length, k) => Array.from({ length }, (_, step) => k * horizon + step));

/** `[K, H]`: the discounted sum of the rewards from each step to the end of its episode. */
function returnsToGo({ horizon, rewards, lengths }: Episodes, discount: number): Float64Array {
  const returns = new Float64Array(lengths.length * horizon);
  for (let k = 0; k < lengths.length; k++) {
    let following = 0;
    for (let at = k * horizon + lengths[k] - 1; at >= k * horizon; at--) {
      following = rewards[at] + discount * following;
      returns[at] = following;
    }
  }
  return returns;
}

/**
 * `[K, H]`: the least-squares fit of `targets` by the features [o, o², t, t², t³, 1] of each step, with o clipped to ±10
 * and t = step / 100.
 */
export function linearBaseline(episodes: Episodes, targets: Float64Array): Float64Array {
  const { horizon, observations, lengths } = episodes;
  const width = observations.length / (lengths.length * horizon);
  const size = 2 * width + 4;
  const entries = stepsOf(episodes);
  const features = (at: number): Float64Array => {
    const row = new Float64Array(size);
    for (let j = 0; j < width; j++) {
      const o = Math.max(-10, Math.min(10, observations[at * width + j]));
      row[j] = o;
      row[width + j] = o * o;
    }
    const time = (at % horizon) / 100;
    row.set([time, time ** 2, time ** 3, 1], 2 * width);
    return row;
  };
  const rows = entries.map(features);
  const coefficients = ridgeRegression(
    rows,
    entries.map((at) => targets[at]),
  );
  const fitted = new Float64Array(targets.length);
  for (const [i, at] of entries.entries()) {
    fitted[at] = coefficients.reduce((sum, c, j) => sum + c * rows[i][j], 0);
  }
  return fitted;
}

/** The solution c of (XᵀX + λ I) c = Xᵀy for the rows of X; λ grows until the matrix is positive definite in float64. */
function ridgeRegression(rows: readonly Float64Array[], targets: readonly number[]): Float64Array {
  const size = rows[0].length;
  const gram = new Float64Array(size * size);
  const moments = new Float64Array(size);
  for (const [n, row] of rows.entries()) {
    for (let i = 0; i < size; i++) {
      moments[i] += row[i] * targets[n];
      for (let j = 0; j <= i; j++) gram[i * size + j] += row[i] * row[j];
    }
  }
  for (let attempt = 0, ridge = RIDGE; attempt < ATTEMPTS; attempt++, ridge *= 10) {
    const solution = solveSymmetric(gram, moments, ridge);
    if (solution.every(Number.isFinite)) return solution;
  }
  return new Float64Array(size);
}

/** Solves (A + λ I) x = b by Cholesky factors L Lᵀ, from the lower triangle of A. NaN if A + λ I is not positive definite. */
function solveSymmetric(lower: Float64Array, b: Float64Array, ridge: number): Float64Array {
  const size = b.length;
  const factor = lower.slice();
  const x = b.slice();
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      let entry = factor[i * size + j] + (i === j ? ridge : 0);
      for (let k = 0; k < j; k++) entry -= factor[i * size + k] * factor[j * size + k];
      factor[i * size + j] = i === j ? Math.sqrt(entry) : entry / factor[j * size + j];
    }
    for (let k = 0; k < i; k++) x[i] -= factor[i * size + k] * x[k];
    x[i] /= factor[i * size + i];
  }
  for (let i = size - 1; i >= 0; i--) {
    for (let k = i + 1; k < size; k++) x[i] -= factor[k * size + i] * x[k];
    x[i] /= factor[i * size + i];
  }
  return x;
}
