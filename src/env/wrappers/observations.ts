/** @file TransformObservation and FrameStack: wrappers that change observations. */

import { UsageError } from "../../errors.js";
import {
  box,
  flattenInto,
  type Space,
  spaceProblem,
  spaceWidth,
  unflatten,
  whyOutside,
} from "../../spaces/index.js";
import type { Observation } from "../../spaces/values.js";
import type { EnvironmentLike } from "../adapter.js";
import { adaptEnvironment } from "../adapter.js";
import type { Environment } from "../contracts.js";
import { boxOf, wrap } from "./wrapper.js";

/**
 * Applies `transform`, a pure function, to every observation of the environment. It must return a value of
 * `observationSpace`. Default: the environment's own space.
 *
 * @throws Error at a step or reset when the result is not in `observationSpace`.
 */
export function transformObservation(
  source: EnvironmentLike,
  transform: (observation: Observation) => Observation | number[],
  observationSpace?: Space,
): Environment {
  const environment = adaptEnvironment(source);
  const space = observationSpace ?? environment.observationSpace;
  const problem = spaceProblem(space);
  if (problem) throw new UsageError(`transformObservation: the observation space is wrong: ${problem}`);
  const row = new Array<number>(spaceWidth(space)).fill(0);
  const transformed = <R extends { observation: Observation }>(result: R) => {
    const observation = transform(result.observation) as Observation;
    const reason = whyOutside(space, observation);
    if (reason) throw new Error(`transformObservation: the transformed observation is wrong: ${reason}`);
    flattenInto(space, observation, row);
    return { ...result, observation: unflatten(space, row) as Observation };
  };
  return wrap(environment, {
    observationSpace: space,
    reset: transformed,
    step: (action, inner) => transformed(inner(action)),
  });
}

/**
 * Stacks the last `frames` observations, oldest first, to shape `[frames, ...shape]`. At the start of an episode, the
 * first observation is repeated.
 *
 * @throws UsageError for observations that are not a box, or fewer than one frame.
 */
export function frameStack(source: EnvironmentLike, frames: number): Environment {
  const environment = adaptEnvironment(source);
  if (!Number.isInteger(frames) || frames < 1) {
    throw new UsageError(`frameStack: frames must be a positive integer, not ${frames}`);
  }
  const one = boxOf("frameStack", "observations", environment.id, environment.observationSpace);
  const width = one.low.length;
  const repeated = (bounds: number[]) => Array.from({ length: frames }, () => bounds).flat();
  const state = { stack: new Float32Array(frames * width) };
  return wrap(environment, {
    observationSpace: box([frames, ...one.shape], repeated(one.low), repeated(one.high)),
    state,
    reset(result) {
      for (let frame = 0; frame < frames; frame++) {
        state.stack.set(result.observation as Float32Array, frame * width);
      }
      return { ...result, observation: state.stack.slice() };
    },
    step(action, inner) {
      const result = inner(action);
      state.stack.copyWithin(0, width);
      state.stack.set(result.observation as Float32Array, (frames - 1) * width);
      return { ...result, observation: state.stack.slice() };
    },
  });
}
