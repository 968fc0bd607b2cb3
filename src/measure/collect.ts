/** @file Records demonstrations: whole episodes of a policy, optionally written to a folder as they finish. */

import * as z from "zod";
import { count, nonNegative, resolveOptions } from "../config/options.js";
import { referenceTo, withOrigin } from "../config/references.js";
import { type Demonstrations, demonstrationsOf } from "../datasets/demonstrations.js";
import { writeDemonstrations } from "../datasets/demonstrations-folder.js";
import type { PlayedWith } from "../datasets/provenance.js";
import { onDisk } from "../datasets/read-demonstrations.js";
import { mean } from "../diagnostics/statistics.js";
import { problemOf } from "../env/problem.js";
import {
  callback,
  environmentConfig,
  environmentOption,
  environmentOptionsOption,
  folderOption,
  problemOptions,
  seedOption,
  signalOption,
} from "../env/source-options.js";
import { UsageError } from "../errors.js";
import type { Policy } from "../policies/contract.js";
import type { ActingPolicy, Actor } from "../policies/controller.js";
import { policyRecord } from "../policies/index.js";
import { createRng } from "../random/rng.js";
import { noisyActions } from "../rollout/action-noise.js";
import { collectEpisodes, episodesInRow } from "../rollout/collect.js";
import { type Trajectory, trajectoryReturn } from "../rollout/trajectory.js";
import { allocateActions } from "../spaces/index.js";
import type { ActionBatch } from "../spaces/values.js";
import type { Tree } from "../state/snapshot.js";
import { playerOf } from "./checks.js";

export const collectSchema = z.strictObject({
  env: environmentOption(),
  environmentOptions: environmentOptionsOption(),
  ...problemOptions(),
  episodes: count().optional().describe("number of whole episodes; give this or `steps`"),
  steps: count()
    .optional()
    .describe("number of steps after which no further episode starts; give this or `episodes`"),
  seed: seedOption(),
  deterministic: z
    .boolean()
    .default(false)
    .describe("whether the policy acts by its mode; false: it samples actions"),
  noise: z
    .strictObject({
      chance: z
        .number()
        .min(0)
        .max(1)
        .default(0)
        .describe("probability that an action is replaced by a uniform sample of the action space"),
      deviation: nonNegative()
        .default(0)
        .describe(
          "standard deviation of Gaussian noise added to each entry of a box action, in the action's unit",
        ),
      record: z
        .enum(["intended", "executed"])
        .default("intended")
        .describe("actions to record: the ones that the policy intended, or the ones that were executed"),
    })
    .optional()
    .describe(
      "noise on the executed actions, so that demonstrations contain recoveries [Laskey et al. 2017]; " +
        "returns are those of the executed actions; unset: no noise",
    ),
  environments: count()
    .optional()
    .describe(
      "number of environments that step together; unset: one per episode, or per trial of a policy that adapts to tasks, at " +
        "most 100; 1 with `steps`, and for a controller, which may remember its episode",
    ),
  folder: folderOption()
    .optional()
    .describe("path of the folder to write the demonstrations to; unset: none"),
  onProgress: callback<(episodes: number, steps: number) => void>()
    .optional()
    .describe("called with the numbers of finished episodes and steps"),
  signal: signalOption().describe(
    "signal that ends the collection with an error, its reason; the folder keeps the episodes that are complete",
  ),
});

export type CollectOptions = z.input<typeof collectSchema>;

/**
 * Records whole episodes of a policy, or of a controller of your own: a function from an observation to an action.
 * Every environment contributes the same number of episodes, so short episodes are not overrepresented.
 *
 * | `provenance` | holds |
 * | --- | --- |
 * | `demonstrator` | where the policy was read from with its checksum, or that it was given in code |
 * | `environmentOptions`, `maxEpisodeSteps` | the options with which the environment was played; absent without any |
 * | `truncatedByLimit` | the number of episodes that `maxEpisodeSteps` cut; absent for none |
 *
 * @throws UsageError for an unknown option or environment, a policy of other spaces, a controller that returns no action,
 *   or a folder that already contains demonstrations.
 */
export async function collect(policy: Actor, given: CollectOptions): Promise<Demonstrations> {
  const options = resolveOptions("collect", collectSchema, given);
  const { episodes = Infinity, steps = Infinity, seed, deterministic, folder, onProgress } = options;
  const { workers, workerTimeout, maxEpisodeSteps, noise, signal } = options;
  if (Number.isFinite(episodes) === Number.isFinite(steps)) {
    throw new UsageError("collect: give either episodes or steps");
  }
  const problem = await problemOf(options.env, options.environmentOptions, {
    workers,
    workerTimeout,
    maxEpisodeSteps,
  });
  const { player, together } = playerOf("collect: the policy", policy, problem);
  const header = {
    env: problem.id,
    observationSpace: problem.observationSpace,
    actionSpace: problem.actionSpace,
    provenance: {
      seed,
      deterministic,
      ...(noise && { noise }),
      demonstrator: demonstratorOf(policy),
      ...playedWith(options),
    },
  };
  if (noise)
    noisyActions(problem.actionSpace, allocateActions(problem.actionSpace, 0), noise, createRng(seed));
  const writer = folder === undefined ? undefined : await writeDemonstrations(await onDisk(folder), header);

  const rng = createRng(seed);
  const noiseRng = rng.stream("noise");
  const perturb = (actions: ActionBatch) => noisyActions(problem.actionSpace, actions, noise ?? {}, noiseRng);
  const acting = noise?.record === "executed" ? perturbed(player, perturb) : player;
  const execute = noise?.record === "intended" ? perturb : undefined;
  const sampling = { rng: rng.stream("policy"), deterministic, execute, signal };
  const environments = options.environments ?? (Number.isFinite(episodes) ? together : 1);
  const inRow = episodesInRow(player, problem);
  const vector = await problem.vector(Math.min(environments, Math.ceil(episodes / inRow)), rng.stream("env"));
  const trajectories: Trajectory[] = [];
  let taken = 0;
  try {
    while (trajectories.length < episodes && taken < steps) {
      const round = Math.min(vector.count * inRow, episodes - trajectories.length);
      for (const trajectory of await collectEpisodes(acting, vector, round, sampling)) {
        trajectories.push(trajectory);
        taken += trajectory.rewards.length;
        await writer?.append(trajectory);
      }
      onProgress?.(trajectories.length, taken);
    }
  } finally {
    vector.close();
    await writer?.close();
  }
  const provenance = { expertReturn: mean(trajectories.map(trajectoryReturn)), ...header.provenance };
  const demonstrations = demonstrationsOf(trajectories, { ...header, provenance });
  return folder === undefined ? demonstrations : withOrigin(demonstrations, { from: folder });
}

/** The policy with its actions replaced by `perturb` of them. */
const perturbed = (
  policy: ActingPolicy,
  perturb: (actions: ActionBatch) => ActionBatch,
): Pick<Policy, "act" | "view"> => ({
  view: policy.view,
  async act(observations, options) {
    const result = await policy.act(observations, options);
    return { ...result, actions: perturb(result.actions) };
  },
});

/** The record of who demonstrates: where a policy was read from with its checksum, or that it was given in code. */
const demonstratorOf = (actor: Actor): Record<string, Tree> =>
  (typeof (actor as Partial<Policy>).toData === "function"
    ? policyRecord(actor as Policy)
    : referenceTo(actor, typeof actor === "function" ? "a function" : "a controller", {})) as Record<
    string,
    Tree
  >;

/** The options with which the environment is played, as far as they are plain data. */
export function playedWith({
  env,
  environmentOptions,
  maxEpisodeSteps,
}: Pick<z.output<typeof collectSchema>, "env" | "environmentOptions" | "maxEpisodeSteps">): PlayedWith {
  const options = environmentConfig(env, environmentOptions);
  const isPlain = Object.values(options).every((value) => typeof value !== "function");
  return {
    ...(isPlain &&
      Object.keys(options).length > 0 && { environmentOptions: options as Record<string, Tree> }),
    ...(maxEpisodeSteps !== undefined && { maxEpisodeSteps }),
  };
}
