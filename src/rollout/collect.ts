/** @file Collects whole episodes from a vector environment, without a bias towards short episodes. */

import { requireSameStep } from "../env/autoreset.js";
import type { Problem, VectorEnvironment } from "../env/contracts.js";
import { UsageError } from "../errors.js";
import type { Policy } from "../policies/contract.js";
import type { Rng } from "../random/rng.js";
import type { ActionBatch } from "../spaces/values.js";
import { emptyMemory } from "./recurrent-reset.js";
import { createRecorder, type Trajectory } from "./trajectory.js";

export interface CollectOptions {
  rng: Rng;
  /** Act with the policy's mode instead of a sample. Default false. */
  deterministic?: boolean;
  /** Maps the policy's actions `[N, k]` to the actions that are executed; the policy's actions are recorded. */
  execute?: (actions: ActionBatch) => ActionBatch;
  /** Called after every step that completes an episode, with the number of completed episodes. */
  onProgress?: (episodes: number) => void;
}

/**
 * `episodes` complete episodes of `policy`, ordered by environment and then by time. The vector is reset first (its
 * random streams continue).
 *
 * Taking the first episodes to finish would favour short ones. Every environment therefore has a fixed quota, and the
 * collection ends when all quotas are reached; episodes beyond an environment's quota are discarded.
 *
 * @throws UsageError when `episodes` is not a positive integer, or the vector has no same-step autoreset.
 */
export async function collectEpisodes(
  policy: Pick<Policy, "act">,
  vector: VectorEnvironment,
  episodes: number,
  { rng, deterministic = false, execute = (actions) => actions, onProgress }: CollectOptions,
): Promise<Trajectory[]> {
  if (!Number.isInteger(episodes) || episodes < 1) {
    throw new UsageError(`episodes must be a positive integer, not ${episodes}`);
  }
  requireSameStep(vector);
  const { count, observations, finalObservations, rewards, terminated, truncated } = vector;
  const quotas = Array.from({ length: count }, (_, i) => Math.ceil((episodes - i) / count));
  const recorders = quotas.map(() => createRecorder(vector.observationSpace, vector.actionSpace));
  const collected: Trajectory[][] = quotas.map(() => []);
  const owing = (i: number) => collected[i].length < quotas[i];
  let state: Float32Array | undefined;
  let finished = 0;

  vector.reset();
  while (finished < episodes) {
    const result = await policy.act(observations, { rng, deterministic, state });
    state = result.state;
    for (let i = 0; i < count; i++) if (owing(i)) recorders[i].act(observations, result.actions, i);
    vector.step(execute(result.actions));

    emptyMemory(state, vector);
    const before = finished;
    for (let i = 0; i < count; i++) {
      const ended = terminated[i] === 1 || truncated[i] === 1;
      if (!owing(i)) continue;
      recorders[i].reward(rewards[i]);
      if (!ended) continue;
      collected[i].push(recorders[i].finish(finalObservations, i, terminated[i] === 1, truncated[i] === 1));
      finished++;
    }
    if (finished > before) onProgress?.(finished);
  }
  return collected.flat();
}

export interface PlayOptions extends CollectOptions {
  episodes: number;
  /** The number of environments that step together. Default: one per episode. */
  environments?: number;
  /** The random stream of the environments; `rng` is the stream of the policy. */
  starts: Rng;
}

/** Whole episodes of a policy in fresh environments of a problem. The environments are closed afterwards. */
export async function playEpisodes(
  policy: Pick<Policy, "act">,
  problem: Problem,
  { episodes, environments = episodes, starts, ...options }: PlayOptions,
): Promise<Trajectory[]> {
  const vector = await problem.vector(Math.min(environments, episodes), starts);
  try {
    return await collectEpisodes(policy, vector, episodes, options);
  } finally {
    vector.close();
  }
}
