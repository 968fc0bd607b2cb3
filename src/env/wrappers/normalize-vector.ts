/** @file NormalizeObservation and NormalizeReward for vectors: all environments share the statistics. */

import { box } from "../../spaces/index.js";
import { restore, snapshot, type Tree } from "../../state/snapshot.js";
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
import { boxOf } from "./wrapper.js";

/** The members that a wrapper of vectors changes; all others come from the wrapped vector. */
interface Changes extends Partial<Omit<VectorEnvironment, "reset" | "step">> {
  /** Called after a reset, and after a step. */
  afterReset(): void;
  afterStep(): void;
  /** The state of the wrapper, part of snapshots. */
  state: object;
  afterRestore?(): void;
}

function wrapVector(
  vector: VectorEnvironment,
  { afterReset, afterStep, afterRestore, state, ...changed }: Changes,
) {
  const { getTask, setTask } = vector;
  const wrapped: VectorEnvironment = {
    id: vector.id,
    count: vector.count,
    observationSpace: vector.observationSpace,
    actionSpace: vector.actionSpace,
    observations: vector.observations,
    finalObservations: vector.finalObservations,
    rewards: vector.rewards,
    terminated: vector.terminated,
    truncated: vector.truncated,
    autoreset: vector.autoreset,
    episodeLimit: vector.episodeLimit,
    tasks: vector.tasks,
    episodesPerTask: vector.episodesPerTask,
    trialEnded: vector.trialEnded,
    getTask: getTask?.bind(vector),
    setTask: setTask?.bind(vector),
    reset(options) {
      vector.reset(options);
      afterReset();
    },
    step(actions) {
      vector.step(actions);
      afterStep();
    },
    close: () => vector.close(),
    getState: () => ({ vector: vector.getState(), wrapper: snapshot(state) }),
    setState(saved) {
      const { vector: inner, wrapper } = saved as { vector: Tree; wrapper: Tree };
      vector.setState(inner);
      restore(state, wrapper);
      afterRestore?.();
    },
    ...changed,
  };
  return wrapped;
}

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
