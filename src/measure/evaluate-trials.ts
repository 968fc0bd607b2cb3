/** @file Evaluates a policy on trials of test tasks: returns by episode of the trial, and the clusters it infers. */

import * as z from "zod";
import { count, resolveOptions } from "../config/options.js";
import { nmi } from "../diagnostics/clustering.js";
import { bootstrapInterval, iqm, mean } from "../diagnostics/statistics.js";
import type { Problem, Task, VectorEnvironment } from "../env/contracts.js";
import { problemOf } from "../env/problem.js";
import {
  callback,
  environmentOption,
  environmentOptionsOption,
  problemOptions,
  seedOption,
  signalOption,
} from "../env/source-options.js";
import { UsageError } from "../errors.js";
import { argmaxRow } from "../mdp/tables.js";
import type { ActingPolicy, Actor } from "../policies/controller.js";
import { createRng, type Rng } from "../random/rng.js";
import { viewOf } from "../rollout/collect.js";
import { emptyMemory, forgets } from "../rollout/recurrent-reset.js";
import { taskSet } from "../rollout/task-set.js";
import { trialShape } from "../rollout/trials.js";
import { createTurns } from "../rollout/turn.js";
import { playerOf } from "./checks.js";

export interface TrialsEvaluation {
  /** `[trials][episodes]`: undiscounted returns. */
  returns: number[][];
  /** `[episodes]`: mean return of each episode of the trial. */
  mean: number[];
  /** `[episodes]`: interquartile mean. */
  iqm: number[];
  /** `[episodes]`: 95 % bootstrap interval of the mean over trials. */
  intervals: [low: number, high: number][];
  /** `[trials]`: the tasks. */
  tasks: Task[];
  /** `[trials]`: the clusters of the tasks; absent for families without clusters. */
  clusters?: number[];
  /**
   * `[steps + 1][trials]`: the most probable cluster after 0, 1, … steps of the first episode, from policies that infer
   * one. What follows the last step is known only where a second episode begins.
   */
  inferred?: number[][];
  /** `[steps + 1]`: normalised mutual information of `inferred` and `clusters`, where there are both. */
  nmi?: number[];
  /** The normalised mutual information that a perfect reader of these tasks would reach; below 1 if clusters overlap. */
  nmiCeiling?: number;
}

export const evaluateTrialsSchema = z.strictObject({
  env: environmentOption(),
  environmentOptions: environmentOptionsOption(),
  ...problemOptions(),
  tasks: z
    .custom<readonly Task[]>(
      (value) => Array.isArray(value) && value.length > 0,
      "it must be a list of tasks",
    )
    .optional()
    .describe(
      "tasks of the trials, one after the other; unset: drawn from the family, clusters in equal shares",
    ),
  trials: count().optional().describe("number of trials; unset: one of each task, or 32"),
  seed: seedOption(),
  deterministic: z
    .boolean()
    .default(true)
    .describe("whether the policy acts by its mode; false: it samples actions"),
  onProgress: callback<(trials: number) => void>()
    .optional()
    .describe("called with the number of finished trials"),
  signal: signalOption().describe("signal that ends the evaluation with an error, its reason"),
});

export type EvaluateTrialsOptions = z.input<typeof evaluateTrialsSchema>;

/**
 * Plays trials of a policy, or of a controller of your own, in a task family: each meets one task for several episodes.
 *
 * @throws UsageError for an unknown option or environment, an environment that is no task family, or a policy of other
 *   spaces
 */
export async function evaluateTrials(policy: Actor, given: EvaluateTrialsOptions): Promise<TrialsEvaluation> {
  const { env, environmentOptions, workers, workerTimeout, maxEpisodeSteps, seed, ...rest } = resolveOptions(
    "evaluateTrials",
    evaluateTrialsSchema,
    given,
  );
  const problem = await problemOf(env, environmentOptions, { workers, workerTimeout, maxEpisodeSteps });
  const { player } = playerOf("evaluateTrials: the policy", policy, problem);
  return evaluateTrialsOn(problem, player, { ...rest, rng: createRng(seed) });
}

export interface EvaluateTrialsOnOptions {
  rng: Rng;
  tasks?: readonly Task[];
  trials?: number;
  deterministic?: boolean;
  onProgress?: (trials: number) => void;
  signal?: AbortSignal;
}

/** The largest number of environments that step together. */
const TOGETHER = 128;

/** {@link evaluateTrials} on an existing problem; all randomness comes from `rng`. */
export async function evaluateTrialsOn(
  problem: Problem,
  policy: ActingPolicy,
  { rng, tasks: given, trials, onProgress, ...options }: EvaluateTrialsOnOptions,
): Promise<TrialsEvaluation> {
  if (!problem.family) {
    throw new UsageError(
      `evaluateTrials plays the trials of a task family, but ${problem.id} is one task: evaluate whole episodes of it`,
    );
  }
  const { family, episodes } = trialShape("evaluateTrials", problem);
  const total = trials ?? given?.length ?? 32;
  const pool =
    given ?? taskSet(family, { train: 0, test: total, seed: rng.stream("tasks").getState().path }).test;
  const tasks = Array.from({ length: total }, (_, k) => pool[k % pool.length]);
  const policyRng = rng.stream("policy");
  const played: PlayedTrial[] = [];
  const vector = await problem.vector(Math.min(total, TOGETHER), rng.stream("env"));
  try {
    while (played.length < total) {
      const due = tasks.slice(played.length, played.length + vector.count);
      played.push(...(await playTrials(policy, vector, due, episodes, { ...options, rng: policyRng })));
      onProgress?.(played.length);
    }
  } finally {
    vector.close();
  }
  const returns = played.map((trial) => trial.returns);
  const ofEpisode = (k: number) => returns.map((row) => row[k]);
  const perEpisode = <T>(statistic: (values: number[], k: number) => T) =>
    Array.from({ length: episodes }, (_, k) => statistic(ofEpisode(k), k));
  const clusters = family.clusters > 1 ? tasks.map((task) => family.clusterOf(task)) : undefined;
  const steps = Math.min(...played.map((trial) => trial.inferred.length));
  const inferred =
    steps > 0 ? Array.from({ length: steps }, (_, t) => played.map((trial) => trial.inferred[t])) : undefined;
  return {
    returns,
    mean: perEpisode(mean),
    iqm: perEpisode(iqm),
    intervals: perEpisode((values, k) => bootstrapInterval(values, { rng: rng.stream("bootstrap", k) })),
    tasks,
    ...(clusters && { clusters }),
    ...(inferred && { inferred }),
    ...(inferred &&
      clusters && {
        nmi: inferred.map((labels) => nmi(labels, clusters)),
        nmiCeiling: nmi(
          tasks.map((task) => family.nearestCluster?.(task) ?? family.clusterOf(task)),
          clusters,
        ),
      }),
  };
}

/**
 * The number of steps after which clusters are inferred as well as they ever are in the first episode: the first at which
 * the agreement is 95 % of its maximum; NaN if it is always 0.
 *
 * @param nmi `[steps + 1]`, of an evaluation by trials
 */
export function stepsToInfer(nmi: readonly number[]): number {
  const largest = Math.max(...nmi);
  return largest > 0 ? nmi.findIndex((value) => value >= 0.95 * largest) : Number.NaN;
}

interface PlayedTrial {
  /** `[episodes]` */
  returns: number[];
  /** The most probable cluster after 0, 1, … steps of the first episode; empty if the policy infers none. */
  inferred: number[];
}

/** One trial of each task, at most as many as the vector has environments; the other environments play along. */
async function playTrials(
  policy: ActingPolicy,
  vector: VectorEnvironment,
  tasks: readonly Task[],
  episodes: number,
  { rng, deterministic = true, signal }: Pick<EvaluateTrialsOnOptions, "rng" | "deterministic" | "signal">,
): Promise<PlayedTrial[]> {
  const shown = viewOf(policy, vector);
  for (let i = 0; i < vector.count; i++) vector.setTask!(i, tasks[i % tasks.length]);
  shown.reset();
  const trials: PlayedTrial[] = tasks.map(() => ({ returns: [0], inferred: [] }));
  const done = new Uint8Array(tasks.length);
  const turn = createTurns(signal);
  let state: Float32Array | undefined;
  while (done.includes(0)) {
    await turn();
    const result = await policy.act(shown.observations, { rng, deterministic, state });
    state = result.state;
    const width = (result.clusters?.length ?? 0) / vector.count;
    for (const [i, { returns, inferred }] of trials.entries()) {
      const exploring = returns.length === 1 || (returns.length === 2 && vector.stepInEpisode?.[i] === 0);
      if (result.clusters && exploring && !done[i]) {
        inferred.push(argmaxRow(result.clusters, i * width, width));
      }
    }
    shown.step(result.actions);
    emptyMemory(state, vector);
    for (const [i, { returns }] of trials.entries()) {
      if (done[i]) continue;
      returns[returns.length - 1] += vector.rewards[i];
      if (forgets(vector, i)) done[i] = 1;
      else if (vector.terminated[i] | vector.truncated[i] && returns.length < episodes) returns.push(0);
    }
  }
  return trials;
}
