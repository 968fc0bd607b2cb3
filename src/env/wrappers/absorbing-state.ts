/**
 * @file AbsorbingState: makes all episodes last until the time limit, so that a learnt reward is not biased by the
 * length of episodes [Kostrikov et al. 2019, §4.2].
 */

import { UsageError } from "../../errors.js";
import { type Box, box, describeSpace, discrete, type Space } from "../../spaces/index.js";
import type { Observation } from "../../spaces/values.js";
import { adaptEnvironment, type EnvironmentLike } from "../adapter.js";
import type { Environment } from "../contracts.js";
import { wrap } from "./wrapper.js";

/**
 * Instead of terminating, an episode enters the absorbing state and stays there, with reward 0 for every action, until
 * the time limit truncates it; so does one that terminates and is truncated in the same step. Boxes get an additional entry, which is 1 in the absorbing state, where all other
 * entries are 0. A discrete space gets an additional last state.
 *
 * @param options `maxEpisodeSteps`: the time limit. Default: the environment's own.
 * @throws UsageError without a time limit, or for observations that are neither discrete nor a flat box.
 */
export function absorbingState(
  source: EnvironmentLike,
  { maxEpisodeSteps }: { maxEpisodeSteps?: number } = {},
): Environment {
  const environment = adaptEnvironment(source);
  const limit = maxEpisodeSteps ?? environment.maxEpisodeSteps ?? Infinity;
  if (!Number.isInteger(limit) || limit < 1) {
    throw new UsageError(
      `absorbingState: ${environment.id} needs a time limit, such as { maxEpisodeSteps: 500 }, not ${limit}`,
    );
  }
  const { space, ordinary, absorbing } = extended(environment.id, environment.observationSpace);
  const state = { absorbed: false, elapsed: 0 };
  return wrap(environment, {
    observationSpace: space,
    maxEpisodeSteps: limit,
    state,
    reset(result) {
      state.absorbed = false;
      state.elapsed = 0;
      return { ...result, observation: ordinary(result.observation) };
    },
    step(action, inner) {
      const truncated = ++state.elapsed >= limit;
      if (state.absorbed) {
        return { observation: absorbing(), reward: 0, terminated: false, truncated, info: {} };
      }
      const result = inner(action);
      state.absorbed = result.terminated;
      return {
        ...result,
        observation: state.absorbed ? absorbing() : ordinary(result.observation),
        terminated: false,
        truncated: truncated || (result.truncated && !result.terminated),
      };
    },
  });
}

interface Extended {
  space: Space;
  /** Converts an observation of the environment to the extended space. */
  ordinary(observation: Observation): Observation;
  absorbing(): Observation;
}

function extended(id: string, space: Space): Extended {
  if (space.kind === "discrete") {
    return { space: discrete(space.n + 1), ordinary: (state) => state, absorbing: () => space.n };
  }
  if (space.kind === "box" && space.shape.length === 1) return extendedBox(space);
  throw new UsageError(
    `absorbingState: ${id} has observations in ${describeSpace(space)}, but they must be discrete or a flat box`,
  );
}

function extendedBox({ low, high }: Box): Extended {
  const width = low.length;
  const bounds = (values: number[], worst: (a: number, b: number) => number, flag: number) => [
    ...values.map((value) => worst(value, 0)),
    flag,
  ];
  return {
    space: box([width + 1], bounds(low, Math.min, 0), bounds(high, Math.max, 1)),
    ordinary(observation) {
      const row = new Float32Array(width + 1);
      row.set(observation as Float32Array);
      return row;
    },
    absorbing() {
      const row = new Float32Array(width + 1);
      row[width] = 1;
      return row;
    },
  };
}
