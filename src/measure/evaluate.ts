/** @file Evaluates a policy: undiscounted returns of whole episodes in fresh environments. */

import * as z from "zod";
import { count, resolveOptions } from "../config/options.js";
import { bootstrapInterval, iqm, mean, std } from "../diagnostics/statistics.js";
import type { Problem } from "../env/contracts.js";
import { problemOf } from "../env/problem.js";
import {
  callback,
  environmentOption,
  environmentOptionsOption,
  problemOptions,
  seedOption,
  signalOption,
} from "../env/source-options.js";
import type { ActingPolicy, Actor } from "../policies/controller.js";
import { createRng, type Rng } from "../random/rng.js";
import { playEpisodes } from "../rollout/collect.js";
import { countCut, trajectoryReturn } from "../rollout/trajectory.js";
import { playerOf } from "./checks.js";

export interface Evaluation {
  mean: number;
  /** Standard deviation of the returns. */
  std: number;
  /** Interquartile mean: the mean of the middle half. */
  iqm: number;
  /** 95 % bootstrap interval of the mean. */
  interval: [low: number, high: number];
  /** `[episodes]`. */
  returns: number[];
  /** `[episodes]` steps. */
  lengths: number[];
  /** The number of episodes that `maxEpisodeSteps` cut, because the environment did not end them. */
  truncatedByLimit: number;
}

export const evaluateSchema = z.strictObject({
  env: environmentOption(),
  environmentOptions: environmentOptionsOption(),
  ...problemOptions(),
  episodes: count().default(100).describe("number of whole episodes"),
  seed: seedOption(),
  deterministic: z
    .boolean()
    .default(true)
    .describe("whether the policy acts by its mode; false: it samples actions"),
  environments: count()
    .optional()
    .describe(
      "number of environments that step together; unset: one per episode, or per trial of a policy that adapts to tasks, at most 100",
    ),
  onProgress: callback<(episodes: number) => void>()
    .optional()
    .describe("called with the number of finished episodes"),
  signal: signalOption().describe("signal that ends the evaluation with an error, its reason"),
});

export type EvaluateOptions = z.input<typeof evaluateSchema>;

/**
 * Runs whole episodes of a policy, or of a controller of your own, and summarises their returns.
 *
 * @throws UsageError for an unknown option or environment, or a policy of other spaces.
 */
export async function evaluate(policy: Actor, options: EvaluateOptions): Promise<Evaluation> {
  const { env, environmentOptions, workers, workerTimeout, maxEpisodeSteps, seed, ...rest } = resolveOptions(
    "evaluate",
    evaluateSchema,
    options,
  );
  const problem = await problemOf(env, environmentOptions, { workers, workerTimeout, maxEpisodeSteps });
  const { player, together } = playerOf("evaluate: the policy", policy, problem);
  return evaluateOn(problem, player, { environments: together, ...rest, rng: createRng(seed) });
}

export interface EvaluateOnOptions {
  episodes: number;
  rng: Rng;
  deterministic?: boolean;
  environments?: number;
  onProgress?: (episodes: number) => void;
  signal?: AbortSignal;
}

/** {@link evaluate} on an existing problem; all randomness comes from `rng`. */
export async function evaluateOn(
  problem: Problem,
  policy: ActingPolicy,
  options: EvaluateOnOptions,
): Promise<Evaluation> {
  const { episodes, rng, deterministic = true, environments = 100, onProgress, signal } = options;
  const trajectories = await playEpisodes(policy, problem, {
    episodes,
    environments,
    starts: rng.stream("env"),
    rng: rng.stream("policy"),
    deterministic,
    onProgress,
    signal,
  });
  const returns = trajectories.map(trajectoryReturn);
  return {
    mean: mean(returns),
    std: std(returns),
    iqm: iqm(returns),
    interval: bootstrapInterval(returns, { rng: rng.stream("bootstrap") }),
    returns,
    lengths: trajectories.map(({ rewards }) => rewards.length),
    truncatedByLimit: countCut(trajectories),
  };
}
