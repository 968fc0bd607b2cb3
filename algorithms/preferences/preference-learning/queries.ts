/** @file The choice of the pairs of segments to compare, by what an answer would tell about the reward. */

import { mean } from "../../../src/diagnostics/statistics.js";
import type { Rng } from "../../../src/random/rng.js";

/** Two segments, by index. */
export type Pair = readonly [left: number, right: number];

export const queryKinds = ["disagreement", "information", "entropy", "coverage", "random"] as const;
export type QueryKind = (typeof queryKinds)[number];

const logistic = (x: number) => 1 / (1 + Math.exp(-x));
/** H(p) of a coin (nats). */
const entropy = (p: number) => (p <= 0 || p >= 1 ? 0 : -p * Math.log(p) - (1 - p) * Math.log(1 - p));

/** How much a comparison is worth, from each member's P(left is better). */
const worth: Record<
  Exclude<QueryKind, "coverage" | "random">,
  (probabilities: readonly number[]) => number
> = {
  /** The variance of the members' probabilities [Christiano et al. 2017, §2.2.4]. */
  disagreement(probabilities) {
    const centre = mean(probabilities);
    return mean(probabilities.map((p) => (p - centre) ** 2));
  },
  /** The mutual information of the answer and the member [Houlsby et al. 2011]. */
  information: (probabilities) => entropy(mean(probabilities)) - mean(probabilities.map(entropy)),
  entropy: (probabilities) => entropy(mean(probabilities)),
};

/** Different pairs of different segments, uniformly drawn, with random sides: `count` of them, or all there are. */
export function drawPairs(segments: number, count: number, rng: Rng): Pair[] {
  const found = new Map<number, Pair>();
  const most = Math.min(count, (segments * (segments - 1)) / 2);
  while (found.size < most) {
    const left = rng.integer(segments);
    const right = rng.integer(segments);
    const key = Math.min(left, right) * segments + Math.max(left, right);
    if (left !== right && !found.has(key)) found.set(key, [left, right]);
  }
  return [...found.values()];
}

/**
 * The `count` pairs, of the candidates, that are worth most.
 *
 * @param returns the members' returns of each segment, `[M][segments]`, in units of the temperature
 * @param places where each segment is, `[segments][d]`, for "coverage": pairs far from each other [Sener & Savarese
 * 2018, algorithm 1]
 */
export function choosePairs(
  kind: QueryKind,
  candidates: readonly Pair[],
  count: number,
  returns: readonly ArrayLike<number>[],
  places: readonly ArrayLike<number>[],
): Pair[] {
  if (kind === "random") return candidates.slice(0, count);
  if (kind === "coverage") return spread(candidates, count, places);
  const scored = candidates.map((pair) => {
    const [left, right] = pair;
    return { pair, worth: worth[kind](returns.map((of) => logistic(of[left] - of[right]))) };
  });
  return scored
    .sort((a, b) => b.worth - a.worth)
    .slice(0, count)
    .map(({ pair }) => pair);
}

/** Greedy k-centres of the pairs' places: each next one is the farthest from those before. */
function spread(candidates: readonly Pair[], count: number, places: readonly ArrayLike<number>[]): Pair[] {
  const at = candidates.map(([left, right]) => [...Array.from(places[left]), ...Array.from(places[right])]);
  const nearest = new Float64Array(candidates.length).fill(Number.POSITIVE_INFINITY);
  const chosen: Pair[] = [];
  for (let next = 0; chosen.length < Math.min(count, candidates.length); ) {
    chosen.push(candidates[next]);
    for (const [i, place] of at.entries()) {
      const squared = place.reduce((sum, x, j) => sum + (x - at[next][j]) ** 2, 0);
      nearest[i] = Math.min(nearest[i], squared);
    }
    next = nearest.indexOf(Math.max(...nearest));
  }
  return chosen;
}
