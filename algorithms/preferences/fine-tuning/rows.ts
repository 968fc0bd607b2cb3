/** @file Segments and pairs of them as arrays, from which gradient steps gather. */

import type { Spaces } from "../../../src/datasets/demonstrations.js";
import { segmentSteps } from "../../../src/datasets/preferences.js";
import { UsageError } from "../../../src/errors.js";
import type { Segment } from "../../../src/people/segment.js";
import type { Policy } from "../../../src/policies/contract.js";
import type { ObservationStatistics } from "../../../src/policies/index.js";
import { normaliseRows } from "../../../src/policies/statistics.js";
import { allocateActions, spaceWidth } from "../../../src/spaces/index.js";
import type { ActionBatch } from "../../../src/spaces/values.js";

/** N segments of at most L steps. */
export interface SegmentArrays {
  /** `[N, L · w]`; after the end of a segment its last step is repeated. */
  observations: Float32Array;
  /** `[N, L · k]`. */
  actions: ActionBatch;
  /** `[N, L]`: γ^t of each step, 0 after the end. */
  discounts: Float32Array;
  /** `[N]`: Σ_t γ^t log π₀(a_t | s_t); 0 without a reference. */
  references: Float32Array;
}

/** The first segment of a pair is better with probability `target`. */
export interface Pair {
  first: number;
  second: number;
  target: number;
  /** Of mean 1 over all pairs. */
  weight: number;
}

export interface SegmentArrayOptions {
  /** L. */
  length: number;
  discount: number;
  reference: Policy | undefined;
  statistics?: ObservationStatistics;
}

/**
 * @param name of the algorithm, for messages
 * @throws UsageError where the reference cannot take an action of a segment
 */
export async function segmentArrays(
  name: string,
  segments: readonly Segment[],
  spaces: Spaces,
  { length, discount, reference, statistics }: SegmentArrayOptions,
): Promise<SegmentArrays> {
  const [width, actionWidth] = [spaceWidth(spaces.observationSpace), spaceWidth(spaces.actionSpace)];
  const arrays: SegmentArrays = {
    observations: new Float32Array(segments.length * length * width),
    actions: allocateActions(spaces.actionSpace, segments.length * length),
    discounts: new Float32Array(segments.length * length),
    references: new Float32Array(segments.length),
  };
  for (const [n, segment] of segments.entries()) {
    const steps = segmentSteps(segment, spaces);
    const observations = segment.observations.subarray(0, steps * width);
    const seen = statistics ? normaliseRows(statistics, observations) : observations;
    for (let t = 0; t < length; t++) {
      const [row, from] = [n * length + t, Math.min(t, steps - 1)];
      arrays.observations.set(seen.subarray(from * width, (from + 1) * width), row * width);
      arrays.actions.set(
        segment.actions.subarray(from * actionWidth, (from + 1) * actionWidth),
        row * actionWidth,
      );
      arrays.discounts[row] = t < steps ? discount ** t : 0;
    }
    if (reference === undefined) continue;
    const logProbs = await reference.logProb(observations, segment.actions);
    const lost = logProbs.findIndex((x) => !Number.isFinite(x));
    if (lost >= 0) {
      throw new UsageError(
        `${name}: the reference gives the action of step ${lost} of segment ${n} the log-probability ${logProbs[lost]}: ` +
          'compare segments of a policy that it can imitate, or set reference to "uniform" or "none"',
      );
    }
    arrays.references[n] = logProbs.reduce((sum, x, t) => sum + discount ** t * x, 0);
  }
  return arrays;
}

/** The pairs with weights of mean 1. @throws UsageError where no pair has a weight */
export function normalisedPairs(name: string, pairs: readonly Pair[]): Pair[] {
  const kept = pairs.filter(({ weight }) => weight > 0);
  const total = kept.reduce((sum, { weight }) => sum + weight, 0);
  if (kept.length > 0) return kept.map((pair) => ({ ...pair, weight: (pair.weight * kept.length) / total }));
  throw new UsageError(`${name}: no comparison has a weight above 0, so there is nothing to learn from`);
}
