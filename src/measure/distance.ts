/** @file Measures the distance between a learner and its expert repeatedly during training. */

import * as z from "zod";
import { count, resolveOptions } from "../config/options.js";
import { type Demonstrations, requireDemonstrations } from "../datasets/demonstrations.js";
import { countPairs } from "../datasets/transitions.js";
import { mean } from "../diagnostics/index.js";
import { replay } from "../diagnostics/replay.js";
import { actionDistance, normalisedScore } from "../diagnostics/sampled.js";
import type { Problem } from "../env/contracts.js";
import { problemOf, requireSpaces } from "../env/problem.js";
import {
  environmentOption,
  environmentOptionsOption,
  problemOptions,
  signalOption,
} from "../env/source-options.js";
import type { Metrics } from "../learning/contract.js";
import type { Policy } from "../policies/contract.js";
import { UniformPolicy } from "../policies/index.js";
import { createRng, type Rng } from "../random/rng.js";
import { playEpisodes } from "../rollout/collect.js";
import { countCut, type Trajectory, trajectoryReturn } from "../rollout/trajectory.js";
import { requireComparable } from "./checks.js";
import { compareExactly } from "./compare.js";
import type { Measure } from "./measure.js";

export const distanceSchema = z.strictObject({
  env: environmentOption(),
  environmentOptions: environmentOptionsOption(),
  ...problemOptions(),
  episodes: count()
    .default(5)
    .describe("number of episodes of the learner in each measurement, and of the expert in the reference"),
  signal: signalOption().describe("signal that ends a measurement with an error, its reason"),
});

export type DistanceOptions = z.input<typeof distanceSchema>;

/** The fixed quantities that learners are compared with. */
interface Reference {
  /** Episodes of the expert. */
  trajectories: readonly Trajectory[];
  /** Mean returns. */
  expertReturn: number;
  randomReturn: number;
}

/**
 * A measure for the option `diagnose` of `train`: the distance between the mode of the current policy and an expert,
 * which is a policy or its demonstrations.
 *
 * | metric | meaning |
 * | --- | --- |
 * | `gap` | mean return of the expert minus mean return of the learner |
 * | `score` | the learner's return, scaled so that the random policy has 0 and the expert 1; absent when the expert is not better than random |
 * | `disagreement` | difference of actions in the expert's states: for discrete actions the fraction that differs, for boxes the root mean square difference as a fraction of the range |
 * | `exactGap`, `epsilon`, `bound`, `totalVariation` | with an expert policy and a tabular model: J(expert) − J(learner), and the quantities of `compare` |
 * | `diagnosticSteps` | number of environment steps in these episodes of the learner |
 * | `gapTruncatedByLimit` | number of these episodes of the learner that `maxEpisodeSteps` cut; absent for none |
 *
 * @throws UsageError for an unknown option or environment, or an expert of other spaces; and for an expert or, from the
 * measure, a learner that adapts to its task
 */
export async function distanceFrom(
  expert: Policy | Demonstrations,
  given: DistanceOptions,
): Promise<Measure> {
  const options = resolveOptions("distanceFrom", distanceSchema, given);
  const { env, environmentOptions, workers, workerTimeout, maxEpisodeSteps, episodes, signal } = options;
  const problem = await problemOf(env, environmentOptions, { workers, workerTimeout, maxEpisodeSteps });
  if (isDemonstrations(expert)) requireDemonstrations(expert);
  else requireComparable("distanceFrom: the expert", expert);
  requireSpaces("distanceFrom: the expert", expert, problem);
  let reference: Promise<Reference> | undefined;
  return async (policy, rng) => {
    requireComparable("distanceFrom: the learner", policy);
    reference ??= referenceOf(expert, problem, { episodes, signal });
    const [known, learner] = await Promise.all([reference, play(policy, problem, { episodes, rng, signal })]);
    const cut = countCut(learner);
    return {
      ...(cut > 0 && { gapTruncatedByLimit: cut }),
      ...returnsBeside(known, meanReturn(learner)),
      disagreement: await disagreement(policy, known.trajectories, rng),
      ...(isDemonstrations(expert) ? {} : await exactly(expert, policy, problem)),
      diagnosticSteps: countPairs(learner),
    };
  };
}

const isDemonstrations = (expert: Policy | Demonstrations): expert is Demonstrations =>
  "trajectories" in expert;

async function referenceOf(
  expert: Policy | Demonstrations,
  problem: Problem,
  { episodes, signal }: { episodes: number; signal?: AbortSignal },
): Promise<Reference> {
  const rng = createRng("distance");
  const random = new UniformPolicy(problem.observationSpace, problem.actionSpace);
  const randomReturn = meanReturn(
    await play(random, problem, { episodes: 4 * episodes, rng: rng.stream("random"), signal }),
  );
  if (isDemonstrations(expert)) {
    const trajectories = expert.trajectories.slice(0, episodes);
    return { trajectories, expertReturn: expert.provenance.expertReturn, randomReturn };
  }
  const own = await play(expert, problem, { episodes: 4 * episodes, rng: rng.stream("expert"), signal });
  return { trajectories: own.slice(0, episodes), expertReturn: meanReturn(own), randomReturn };
}

/** Episodes of a policy's mode. */
const play = (
  policy: Policy,
  problem: Problem,
  { rng, ...options }: { episodes: number; rng: Rng; signal?: AbortSignal },
): Promise<Trajectory[]> =>
  playEpisodes(policy, problem, {
    ...options,
    starts: rng.stream("episodes"),
    rng: rng.stream("actions"),
    deterministic: true,
  });

const meanReturn = (trajectories: readonly Trajectory[]) => mean(trajectories.map(trajectoryReturn));

/** The metrics that need returns; empty when the demonstrations have no rewards. */
function returnsBeside({ expertReturn, randomReturn }: Reference, learnerReturn: number): Metrics {
  const gap = expertReturn - learnerReturn;
  if (!Number.isFinite(gap)) return {};
  const score = normalisedScore(learnerReturn, { random: randomReturn, expert: expertReturn });
  return { gap, ...(!Number.isNaN(score) && { score }) };
}

async function disagreement(policy: Policy, trajectories: readonly Trajectory[], rng: Rng): Promise<number> {
  const replayed = await replay(policy, trajectories, { rng: rng.stream("modes"), deterministic: true });
  const distances = trajectories.flatMap(({ rewards, actions }, i) =>
    Array.from(rewards, (_, t) => actionDistance(policy.actionSpace, actions, replayed[i], t)),
  );
  return mean(distances);
}

async function exactly(expert: Policy, learner: Policy, problem: Problem): Promise<Metrics> {
  const exact = await compareExactly(expert, learner, problem, true);
  if (!exact) return {};
  const { gap, epsilon, bound, occupancy } = exact;
  return { exactGap: gap, epsilon, bound, totalVariation: occupancy.totalVariation };
}
