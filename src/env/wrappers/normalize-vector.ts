/** @file NormalizeObservation and NormalizeReward for vectors: all environments share the statistics. */

import { box } from "../../spaces/index.js";
import type { VectorEnvironment } from "../contracts.js";
import { addRow, normalizeRow } from "../moments.js";
import {
  checkNormalizer,
  createNormalizer,
  type Normalized,
  type NormalizeOptions,
  type NormalizeRewardOptions,
  rewardScale,
} from "./normalize.js";
import { wrapVector } from "./wrap-vector.js";
import { boxOf } from "./wrapper.js";

/** {@link normalizeObservation} for a vector. Final observations also update the statistics. */
export function normalizeObservations(
  vector: VectorEnvironment,
  { normalizer, clip = 10 }: NormalizeOptions = {},
): Normalized<VectorEnvironment> {
  const what = "normalizeObservations";
  const { shape, low } = boxOf(what, "observations", vector.id, vector.observationSpace);
  const learnt = normalizer ?? createNormalizer(low.length);
  checkNormalizer(what, learnt, low.length, clip);
  const { count, terminated, truncated } = vector;
  const observations = new Float32Array(vector.observations.length);
  const finalObservations = new Float32Array(vector.finalObservations.length);
  // The current output was normalised with earlier statistics and cannot be recomputed, so it is part of the state.
  const state = { normalizer: learnt, shown: new Float32Array(observations.length) };

  /** Updates the statistics with all rows before normalising any, so that the order of environments has no effect. */
  function show(stepped: boolean): void {
    const ended = (i: number) => stepped && (terminated[i] | truncated[i]) === 1;
    for (let i = 0; !learnt.frozen && i < count; i++) {
      if (ended(i)) addRow(learnt.moments, vector.finalObservations, i);
      addRow(learnt.moments, vector.observations, i);
    }
    for (let i = 0; i < count; i++) {
      if (ended(i)) normalizeRow(learnt.moments, clip, vector.finalObservations, finalObservations, i);
      normalizeRow(learnt.moments, clip, vector.observations, observations, i);
    }
    state.shown.set(observations);
  }

  const wrapped = wrapVector(vector, {
    observationSpace: box(shape, -clip, clip),
    observations,
    finalObservations,
    state,
    afterReset: () => show(false),
    afterStep: () => show(true),
    afterRestore: () => observations.set(state.shown),
  });
  return Object.assign(wrapped, { normalizer: learnt });
}

/** {@link normalizeReward} for a vector. */
export function normalizeRewards(
  vector: VectorEnvironment,
  options: NormalizeRewardOptions = {},
): Normalized<VectorEnvironment> {
  const scale = rewardScale("normalizeRewards", vector.count, options);
  const { state } = scale;
  const rewards = new Float64Array(vector.count);
  const wrapped = wrapVector(vector, {
    rewards,
    state,
    afterReset: () => state.returns.fill(0),
    afterStep() {
      for (let i = 0; i < rewards.length; i++) {
        const ended = (vector.terminated[i] | vector.truncated[i]) === 1;
        rewards[i] = scale.scaled(i, vector.rewards[i], ended);
      }
    },
  });
  return Object.assign(wrapped, { normalizer: state.normalizer });
}
