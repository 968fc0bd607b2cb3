/** @file The base of wrappers of vectors: a vector that forwards to another one, except for the changes of the wrapper. */

import { restore, snapshot, type Tree } from "../../state/snapshot.js";
import type { VectorEnvironment } from "../contracts.js";

/** The members that a wrapper of vectors changes; all others come from the wrapped vector. */
export interface VectorChanges extends Partial<Omit<VectorEnvironment, "reset" | "step">> {
  /** Called after a reset, and after a step. */
  afterReset(): void;
  afterStep(): void;
  /** The state of the wrapper, part of snapshots. */
  state: object;
  afterRestore?(): void;
}

/** `vector` with `changes`. Its state is saved and restored with the vector. */
export function wrapVector(
  vector: VectorEnvironment,
  { afterReset, afterStep, afterRestore, state, ...changed }: VectorChanges,
) {
  const { getTask, setTask, setTasks } = vector;
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
    episodeInTrial: vector.episodeInTrial,
    stepInEpisode: vector.stepInEpisode,
    getTask: getTask?.bind(vector),
    setTask: setTask?.bind(vector),
    setTasks: setTasks?.bind(vector),
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
