/**
 * @file The sampled comparison of a learner with an expert, from episodes and branches of episodes, without a model.
 */

import type { Problem } from "../env/contracts.js";
import type { Policy } from "../policies/contract.js";
import { UniformPolicy } from "../policies/uniform.js";
import type { Rng } from "../random/rng.js";
import { playEpisodes } from "../rollout/collect.js";
import { countCut, type Trajectory, trajectoryReturn } from "../rollout/trajectory.js";
import { type Space, spaceWidth } from "../spaces/index.js";
import type { ActionBatch } from "../spaces/values.js";
import { branchedLosses } from "./branches.js";
import { totalVariation } from "./divergences.js";
import { replay } from "./replay.js";
import { bootstrapInterval, iqm, mean, std } from "./statistics.js";

/** A number with its 95 % bootstrap interval. */
export interface Estimate {
  value: number;
  low: number;
  high: number;
}

/** Undiscounted returns of whole episodes. */
export interface ReturnSummary extends Estimate {
  std: number;
  iqm: number;
  /** `[episodes]`. */
  returns: number[];
  /** The number of episodes that `maxEpisodeSteps` cut. */
  truncatedByLimit: number;
}

export interface SampledDiagnostics {
  expert: ReturnSummary;
  learner: ReturnSummary;
  random: ReturnSummary;
  /** Mean return of the expert minus that of the learner, from episodes that share their random streams. */
  gap: Estimate;
  /**
   * (learner − random) / (expert − random): 0 is the random policy, 1 the expert. NaN if the expert is not better than
   * random.
   */
  normalisedScore: number;
  /** The mean {@link actionDistance} between the two modes, on the states of each policy. */
  disagreement: { onExpert: number; onLearner: number };
  /** Mean total variation between the action distributions on these states; absent if a policy has no probabilities. */
  totalVariation?: { onExpert: number; onLearner: number };
  /** The gap by the performance difference lemma; absent if the environment has no snapshots. */
  performanceDifference?: Estimate & {
    /** |value − gap.value|, which should only be sampling error. */
    residual: number;
    /** The number of branch points: the examined states in which the policies acted differently. */
    branches: number;
  };
}

export interface SampledOptions {
  rng: Rng;
  /** The number of episodes of each policy. */
  episodes?: number;
  /** Whether the policies act by their modes, as in `evaluate`. */
  deterministic?: boolean;
  /** The approximate number of branch points per episode of the learner; 0: omit the lemma. */
  branchPoints?: number;
  /** Ends the comparison with the signal's reason. */
  signal?: AbortSignal;
}

/** The sampled comparison of two policies. */
export async function sampledDiagnostics(
  expert: Policy,
  learner: Policy,
  problem: Problem,
  { rng, episodes = 50, deterministic = true, branchPoints = 30, signal }: SampledOptions,
): Promise<SampledDiagnostics> {
  const random = new UniformPolicy(problem.observationSpace, problem.actionSpace);
  // All policies use the same stream: equal starts and random numbers reduce the variance of differences.
  const play = (name: string, policy: Policy): Promise<Trajectory[]> =>
    playEpisodes(policy, problem, {
      episodes,
      starts: rng.stream("episodes"),
      rng: rng.stream(name),
      deterministic,
      signal,
    });
  const ofExpert = await play("expert", expert);
  const ofLearner = await play("learner", learner);
  const summarise = (trajectories: Trajectory[]) => summary(trajectories, rng);
  const [best, own, chance] = [ofExpert, ofLearner, await play("random", random)].map(summarise);
  const gap = estimate(
    best.returns.map((x, i) => x - own.returns[i]),
    rng,
  );
  const branched =
    branchPoints > 0
      ? await branchedLosses(expert, learner, problem, {
          rng: rng.stream("branches"),
          episodes,
          deterministic,
          branchPoints,
          pilots: ofLearner,
          signal,
        })
      : undefined;
  const lemma = branched && estimate(branched.losses, rng);
  const onExpert = await distances(expert, learner, ofExpert, rng);
  const onLearner = await distances(expert, learner, ofLearner, rng);
  return {
    expert: best,
    learner: own,
    random: chance,
    gap,
    normalisedScore: normalisedScore(own.value, { random: chance.value, expert: best.value }),
    disagreement: { onExpert: onExpert.actions, onLearner: onLearner.actions },
    ...(onExpert.probabilities !== undefined &&
      onLearner.probabilities !== undefined && {
        totalVariation: { onExpert: onExpert.probabilities, onLearner: onLearner.probabilities },
      }),
    performanceDifference: lemma && {
      ...lemma,
      residual: Math.abs(lemma.value - gap.value),
      branches: branched.branches,
    },
  };
}

/** 0 is the random policy, 1 the expert; NaN if the expert is not better than random. */
export const normalisedScore = (
  learner: number,
  { random, expert }: { random: number; expert: number },
): number => (expert > random ? (learner - random) / (expert - random) : Number.NaN);

function estimate(values: readonly number[], rng: Rng): Estimate {
  const [low, high] = bootstrapInterval(values, { rng: rng.stream("bootstrap") });
  return { value: mean(values), low, high };
}

function summary(trajectories: readonly Trajectory[], rng: Rng): ReturnSummary {
  const returns = trajectories.map(trajectoryReturn);
  return {
    ...estimate(returns, rng),
    std: std(returns),
    iqm: iqm(returns),
    returns,
    truncatedByLimit: countCut(trajectories),
  };
}

/**
 * Means over every non-final state: the {@link actionDistance} between the two modes, and the total variation between
 * the two action distributions.
 */
async function distances(
  expert: Policy,
  learner: Policy,
  trajectories: Trajectory[],
  rng: Rng,
): Promise<{ actions: number; probabilities?: number }> {
  const request = { rng: rng.stream("modes"), deterministic: true };
  const [a, b] = [await replay(expert, trajectories, request), await replay(learner, trajectories, request)];
  const actions: number[] = [];
  const probabilities: number[] = [];
  for (const [i, { observations, rewards }] of trajectories.entries()) {
    const steps = rewards.length;
    const acted = observations.subarray(0, (observations.length / (steps + 1)) * steps);
    const [p, q] = [await expert.probabilities?.(acted), await learner.probabilities?.(acted)];
    for (let t = 0; t < steps; t++) {
      actions.push(actionDistance(expert.actionSpace, a[i], b[i], t));
      if (p && q) probabilities.push(totalVariation(rowAt(p, t, steps), rowAt(q, t, steps)));
    }
  }
  return {
    actions: mean(actions),
    probabilities: probabilities.length > 0 ? mean(probabilities) : undefined,
  };
}

const rowAt = (matrix: Float64Array, row: number, rows: number): Float64Array =>
  matrix.subarray((row * matrix.length) / rows, ((row + 1) * matrix.length) / rows);

/**
 * The distance between row i of two batches of actions: for discrete actions the fraction of entries that differ; for a
 * box the root mean square of the differences, each divided by its range if that is finite.
 */
export function actionDistance(space: Space, a: ActionBatch, b: ActionBatch, i: number): number {
  const width = spaceWidth(space);
  let sum = 0;
  for (let j = 0; j < width; j++) {
    const [x, y] = [a[i * width + j], b[i * width + j]];
    if (space.kind === "box") {
      const range = space.high[j] - space.low[j];
      sum += ((x - y) / (Number.isFinite(range) && range > 0 ? range : 1)) ** 2;
    } else sum += Number(x !== y);
  }
  return space.kind === "box" ? Math.sqrt(sum / width) : sum / width;
}
