/** @file The demonstrated transitions of demonstrations, as flat rows. */

import { UsageError } from "../errors.js";
import type { Transitions } from "../rollout/transitions.js";
import { allocateActions, spaceWidth } from "../spaces/index.js";
import type { Demonstration, Demonstrations } from "./demonstrations.js";

/** B demonstrated transitions, ordered by episode and then by time. */
export interface DemonstratedTransitions extends Transitions {
  readonly count: number;
  /** `[B]`, 0 or 1: whether the time limit ended the episode. */
  readonly truncated: Uint8Array;
  /** `[B]`. */
  readonly rewards: Float64Array;
  /** `[B]`: the trajectory of a row and, in `steps`, its step from 0 on, for discounting. */
  readonly episodes: Int32Array;
  readonly steps: Int32Array;
  /** `[B]`: the weights of the rows, with mean 1; undefined when all are equal. */
  readonly weights?: Float32Array;
}

/** The demonstrated steps of an episode; none for an episode of weight 0. */
export function demonstratedSteps({ rewards, steps, weight }: Demonstration): Int32Array {
  if (weight === 0) return new Int32Array(0);
  return steps ?? Int32Array.from(rewards, (_, t) => t);
}

/** The total number of demonstrated pairs. */
export const countPairs = (trajectories: readonly Demonstration[]): number =>
  trajectories.reduce(
    (sum, { rewards, steps, weight }) => sum + (weight === 0 ? 0 : (steps ?? rewards).length),
    0,
  );

/** The demonstrated steps as ascending runs [from, to) of consecutive steps. */
export function* demonstratedRuns({ rewards, steps, weight }: Demonstration): Generator<[number, number]> {
  if (weight === 0) return;
  if (!steps) return yield [0, rewards.length];
  for (let i = 0; i < steps.length; ) {
    const from = steps[i];
    let to = from;
    while (i < steps.length && steps[i] === to) {
      i++;
      to++;
    }
    yield [from, to];
  }
}

/** The episodes with at least one demonstrated step and a weight above 0. */
export const nonEmptyEpisodes = <D extends Demonstration>(trajectories: readonly D[]): D[] =>
  trajectories.filter((trajectory) => countPairs([trajectory]) > 0);

/**
 * Divides `total` among ascending steps in proportion to γᵗ, with t counted from the first step, to avoid underflow.
 */
export function sharedOut(total: number, steps: Int32Array, discount: number): Float64Array {
  const powers = Float64Array.from(steps, (t) => discount ** (t - steps[0]));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => (total * power) / sum);
}

/**
 * The demonstrated transitions: all steps of whole episodes, the remaining steps of subsampled episodes, and none of
 * episodes of weight 0.
 *
 * @throws UsageError when there are none.
 */
export function demonstratedTransitions({
  env,
  trajectories,
  observationSpace,
  actionSpace,
}: Demonstrations): DemonstratedTransitions {
  const count = countPairs(trajectories);
  if (count === 0) throw new UsageError(`the demonstrations of ${env} have no demonstrated steps`);
  const [width, actionWidth] = [spaceWidth(observationSpace), spaceWidth(actionSpace)];
  const rows = {
    count,
    observations: new Float32Array(count * width),
    actions: allocateActions(actionSpace, count),
    nextObservations: new Float32Array(count * width),
    terminated: new Uint8Array(count),
    truncated: new Uint8Array(count),
    rewards: new Float64Array(count),
    episodes: new Int32Array(count),
    steps: new Int32Array(count),
  };
  let row = 0;
  for (const [episode, trajectory] of trajectories.entries()) {
    const { observations, actions, rewards, terminated, truncated } = trajectory;
    const last = rewards.length - 1;
    for (const t of demonstratedSteps(trajectory)) {
      rows.observations.set(observations.subarray(t * width, (t + 1) * width), row * width);
      rows.nextObservations.set(observations.subarray((t + 1) * width, (t + 2) * width), row * width);
      rows.actions.set(actions.subarray(t * actionWidth, (t + 1) * actionWidth), row * actionWidth);
      rows.rewards[row] = rewards[t];
      rows.terminated[row] = Number(terminated && t === last);
      rows.truncated[row] = Number(truncated && t === last);
      rows.episodes[row] = episode;
      rows.steps[row] = t;
      row++;
    }
  }
  const weights = pairWeights(trajectories);
  return weights ? { ...rows, weights } : rows;
}

/** The weight of a pair of each episode, `[episodes]`, with mean 1 over all pairs; undefined when all are equal. */
export function episodeWeights(trajectories: readonly Demonstration[]): Float32Array | undefined {
  const used = nonEmptyEpisodes(trajectories);
  const weightOf = ({ weight = 1 }: Demonstration) => weight;
  if (used.every((trajectory) => weightOf(trajectory) === weightOf(used[0]))) return undefined;
  const count = countPairs(trajectories);
  const total = trajectories.reduce((sum, x) => sum + countPairs([x]) * weightOf(x), 0);
  return Float32Array.from(trajectories, (x) => (weightOf(x) * count) / total);
}

/** The weights `[B]` of demonstrated pairs, with mean 1; undefined when all are equal. */
export function pairWeights(trajectories: readonly Demonstration[]): Float32Array | undefined {
  const ofEpisodes = episodeWeights(trajectories);
  if (!ofEpisodes) return undefined;
  const weights = new Float32Array(countPairs(trajectories));
  let row = 0;
  for (const [episode, trajectory] of trajectories.entries()) {
    const end = row + countPairs([trajectory]);
    weights.fill(ofEpisodes[episode], row, end);
    row = end;
  }
  return weights;
}
