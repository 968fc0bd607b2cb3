/** @file How far a learner is from an expert where no model is known: from episodes, and branches of episodes. */

import { UniformPolicy } from "../policies/uniform.js";
import type { Rng } from "../random/rng.js";
import { collectEpisodes } from "../rollout/collect.js";
import type { ActionBatch, Policy, Problem, VectorEnvironment } from "../rollout/contracts.js";
import { type Trajectory, trajectoryReturn } from "../rollout/trajectory.js";
import { type Space, spaceWidth } from "../spaces/index.js";
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
}

export interface SampledDiagnostics {
  expert: ReturnSummary;
  learner: ReturnSummary;
  random: ReturnSummary;
  /** Mean return of the expert minus that of the learner, from episodes that share their random streams. */
  gap: Estimate;
  /** (learner − random) / (expert − random): 1 is this expert, not a nominal one. NaN where it is no better than chance. */
  normalisedScore: number;
  /** How differently the two modes act, on the states of each: see {@link actionDistance}. */
  disagreement: { onExpert: number; onLearner: number };
  /** The gap by the performance difference lemma; absent where the environment has no snapshots. */
  performanceDifference?: Estimate & {
    /** |value − gap.value|: sampling error, if all is right. */
    residual: number;
    /** States that were branched from. */
    branches: number;
  };
}

export interface SampledOptions {
  rng: Rng;
  /** Episodes of each policy. */
  episodes?: number;
  /** Act by the modes, which `evaluate` does too. */
  deterministic?: boolean;
  /** About how often each of the learner's episodes is branched from; 0 leaves the lemma out. */
  branchPoints?: number;
}

/** The sampled comparison of two policies. */
export async function sampledDiagnostics(
  expert: Policy,
  learner: Policy,
  problem: Problem,
  { rng, episodes = 50, deterministic = true, branchPoints = 10 }: SampledOptions,
): Promise<SampledDiagnostics> {
  const random = new UniformPolicy(problem.observationSpace, problem.actionSpace);
  const play = async (name: string, policy: Policy): Promise<Trajectory[]> => {
    // One stream for all: the same starts and the same luck make the difference of two returns less noisy.
    const vector = await problem.vector(episodes, rng.stream("episodes"));
    try {
      return await collectEpisodes(policy, vector, episodes, { rng: rng.stream(name), deterministic });
    } finally {
      vector.close();
    }
  };
  const ofExpert = await play("expert", expert);
  const ofLearner = await play("learner", learner);
  const summarise = (trajectories: Trajectory[]) => summary(trajectories.map(trajectoryReturn), rng);
  const [best, own, chance] = [ofExpert, ofLearner, await play("random", random)].map(summarise);
  const gap = estimate(
    best.returns.map((x, i) => x - own.returns[i]),
    rng,
  );
  const scale = best.value - chance.value;
  const distance = (trajectories: Trajectory[]) => disagreement(expert, learner, trajectories, rng);
  const lengths = ofLearner.map(({ rewards }) => rewards.length);
  const difference =
    branchPoints > 0
      ? await branchedDifference(expert, learner, problem, { rng, episodes, deterministic, branchPoints, lengths })
      : undefined;
  return {
    expert: best,
    learner: own,
    random: chance,
    gap,
    normalisedScore: scale > 0 ? (own.value - chance.value) / scale : Number.NaN,
    disagreement: { onExpert: await distance(ofExpert), onLearner: await distance(ofLearner) },
    performanceDifference: difference && {
      ...difference,
      residual: Math.abs(difference.value - gap.value),
    },
  };
}

function estimate(values: readonly number[], rng: Rng): Estimate {
  const [low, high] = bootstrapInterval(values, { rng: rng.stream("bootstrap") });
  return { value: mean(values), low, high };
}

const summary = (returns: number[], rng: Rng): ReturnSummary => ({
  ...estimate(returns, rng),
  std: std(returns),
  iqm: iqm(returns),
  returns,
});

/** Mean {@link actionDistance} between the modes on every state that an action was taken in. */
async function disagreement(expert: Policy, learner: Policy, trajectories: Trajectory[], rng: Rng): Promise<number> {
  const width = spaceWidth(expert.observationSpace);
  const request = { rng: rng.stream("modes"), deterministic: true };
  let total = 0;
  let states = 0;
  for (const { observations } of trajectories) {
    const acted = observations.subarray(0, observations.length - width);
    const rows = acted.length / width;
    const [a, b] = [await expert.act(acted, request), await learner.act(acted, request)];
    for (let i = 0; i < rows; i++) total += actionDistance(expert.actionSpace, a.actions, b.actions, i);
    states += rows;
  }
  return total / states;
}

/**
 * How far row i of one batch of actions is from that of another: for discrete actions the share of entries that
 * differ; for a box the root mean square of the differences, each as a share of its range where that is finite.
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

interface BranchOptions extends Required<SampledOptions> {
  /** Lengths of other episodes of the learner: how far apart to branch. */
  lengths: number[];
}

/**
 * The undiscounted, finite-horizon form of the lemma (Kakade & Langford 2002, lemma 6.1; the clock is part of the
 * state): J(expert) − J(learner) = −E over the learner's episodes of Σ_t A_t(s_t, a_t), with the expert's advantage
 * A_t(s, a) = Q_t(s, a) − V_t(s).
 *
 * At every `stride`-th step from a random first one, so that each step is taken with probability 1 / stride, the
 * environments are saved and played on twice: with the learner's action and then the expert's, and with the expert's
 * alone. Both futures share the luck that the snapshot holds, which is independent of the past: each is an unbiased
 * sample, and their difference is less noisy.
 */
async function branchedDifference(
  expert: Policy,
  learner: Policy,
  problem: Problem,
  { rng, episodes, deterministic, branchPoints, lengths }: BranchOptions,
): Promise<(Estimate & { branches: number }) | undefined> {
  const stream = rng.stream("branches");
  const walker = await problem.vector(episodes, stream.stream("walker"));
  const branch = await problem.vector(episodes, stream.stream("branch"));
  try {
    if (!canSnapshot(walker)) return undefined;
    const stride = Math.max(1, Math.round(mean(lengths) / branchPoints));
    let next = stream.stream("offset").integer(stride);
    const losses = new Float64Array(episodes);
    const running = new Uint8Array(episodes).fill(1);
    const request = { rng: stream.stream("policy"), deterministic };
    let branches = 0;
    for (let step = 0; running.includes(1); step++) {
      const { actions } = await learner.act(walker.observations, request);
      if (step === next) {
        next += stride;
        const saved = walker.getState();
        branch.setState(saved);
        const withLearner = await remainingReturns(expert, branch, running, request, actions);
        branch.setState(saved);
        const withExpert = await remainingReturns(expert, branch, running, request);
        for (let i = 0; i < episodes; i++) {
          if (!running[i]) continue;
          losses[i] += stride * (withExpert[i] - withLearner[i]);
          branches++;
        }
      }
      walker.step(actions);
      for (let i = 0; i < episodes; i++) if (walker.terminated[i] || walker.truncated[i]) running[i] = 0;
    }
    return { ...estimate(Array.from(losses), stream), branches };
  } finally {
    walker.close();
    branch.close();
  }
}

/** The rewards of each running episode from here to its end under `policy`, after `first` where it is given. */
async function remainingReturns(
  policy: Policy,
  vector: VectorEnvironment,
  running: Uint8Array,
  request: { rng: Rng; deterministic: boolean },
  first?: ActionBatch,
): Promise<Float64Array> {
  const returns = new Float64Array(vector.count);
  const alive = running.slice();
  for (let actions = first; alive.includes(1); actions = undefined) {
    vector.step(actions ?? (await policy.act(vector.observations, request)).actions);
    for (let i = 0; i < vector.count; i++) {
      if (!alive[i]) continue;
      returns[i] += vector.rewards[i];
      if (vector.terminated[i] || vector.truncated[i]) alive[i] = 0;
    }
  }
  return returns;
}

function canSnapshot(vector: VectorEnvironment): boolean {
  try {
    vector.getState();
    return true;
  } catch {
    return false;
  }
}
