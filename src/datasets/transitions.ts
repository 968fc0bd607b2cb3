/** @file Demonstrations as rows: the transitions that are demonstrated, wherever in their episodes they are. */

import { UsageError } from "../errors.js";
import type { Transitions } from "../rollout/transitions.js";
import { allocateActions, spaceWidth } from "../spaces/index.js";
import type { Demonstration, Demonstrations } from "./demonstrations.js";

/** B demonstrated transitions, by episode and then by time. */
export interface DemonstratedTransitions extends Transitions {
  readonly count: number;
  /** `[B]`, 0 or 1: the time limit cut the episode here. */
  readonly truncated: Uint8Array;
  /** `[B]`. */
  readonly rewards: Float64Array;
  /** `[B]`: the trajectory that a row is of, and its step in it from 0, to discount by. */
  readonly episodes: Int32Array;
  readonly steps: Int32Array;
  /** `[B]`, of mean 1: how much each counts, where not all count the same. */
  readonly weights?: Float32Array;
}

/** The steps of an episode whose pairs are to be learnt from: none where it weighs nothing. */
export function demonstratedSteps({ rewards, steps, weight }: Demonstration): Int32Array {
  if (weight === 0) return new Int32Array(0);
  return steps ?? Int32Array.from(rewards, (_, t) => t);
}

/** How many pairs are demonstrated in all. */
export const countPairs = (trajectories: readonly Demonstration[]): number =>
  trajectories.reduce(
    (sum, { rewards, steps, weight }) => sum + (weight === 0 ? 0 : (steps ?? rewards).length),
    0,
  );

/** The demonstrated steps as runs [from, to) of consecutive ones, ascending. */
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

/** Those of which at least one step is demonstrated, with a weight above 0. */
export const nonEmptyEpisodes = <D extends Demonstration>(trajectories: readonly D[]): D[] =>
  trajectories.filter((trajectory) => countPairs([trajectory]) > 0);

/** `total` shared out among ascending steps by γᵗ, which counts from the first of them: 0ᵗ and 0.5²⁰⁰⁰ leave it whole too. */
export function sharedOut(total: number, steps: Int32Array, discount: number): Float64Array {
  const powers = Float64Array.from(steps, (t) => discount ** (t - steps[0]));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => (total * power) / sum);
}

/**
 * The demonstrated transitions: all of whole episodes, those left of subsampled ones, none of episodes of weight 0.
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
  if (count === 0) throw new UsageError(`the demonstrations of ${env} have no action to learn from`);
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

/** The weight of each pair of an episode, `[episodes]`, of mean 1 over all pairs; nothing where all count the same. */
export function episodeWeights(trajectories: readonly Demonstration[]): Float32Array | undefined {
  const used = nonEmptyEpisodes(trajectories);
  const weightOf = ({ weight = 1 }: Demonstration) => weight;
  if (used.every((trajectory) => weightOf(trajectory) === weightOf(used[0]))) return undefined;
  const count = countPairs(trajectories);
  const total = trajectories.reduce((sum, x) => sum + countPairs([x]) * weightOf(x), 0);
  return Float32Array.from(trajectories, (x) => (weightOf(x) * count) / total);
}

/** The weights `[B]` of demonstrated pairs, of mean 1; nothing where all count the same. */
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
