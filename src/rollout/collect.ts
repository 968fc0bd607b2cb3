/** @file Collects whole episodes from a vector environment, without a bias towards short episodes. */

import { requireSameStep } from "../env/autoreset.js";
import type { Problem, VectorEnvironment } from "../env/contracts.js";
import { episodeLimitOf } from "../env/episode-limit.js";
import { clusterView } from "../env/wrappers/cluster-view.js";
import { feedbackView } from "../env/wrappers/feedback-view.js";
import { UsageError } from "../errors.js";
import type { Policy } from "../policies/contract.js";
import type { Rng } from "../random/rng.js";
import { executedActions } from "../spaces/index.js";
import type { ActionBatch } from "../spaces/values.js";
import { emptyMemory } from "./recurrent-reset.js";
import { createRecorder, type Trajectory } from "./trajectory.js";
import { createTurns } from "./turn.js";

export interface CollectOptions {
  rng: Rng;
  /** Act with the policy's mode instead of a sample. Default false. */
  deterministic?: boolean;
  /** Maps the policy's actions `[N, k]`, clipped, to those that are executed; the policy's, clipped, are recorded. */
  execute?: (actions: ActionBatch) => ActionBatch;
  /** Called after every step that completes an episode, with the number of completed episodes. */
  onProgress?: (episodes: number) => void;
  /** Ends the collection with the signal's reason. */
  signal?: AbortSignal;
}

/**
 * `episodes` complete episodes of `policy`, ordered by environment and then by time. The vector is reset first (its
 * random streams continue). Actions outside the bounds of a box are clipped before they are executed and recorded, so
 * that a copy of the policy, which stays within the bounds, earns the same rewards.
 *
 * Taking the first episodes to finish would favour short ones. Every environment therefore has a fixed quota, and the
 * collection ends when all quotas are reached; episodes beyond an environment's quota are discarded.
 *
 * An episode that reaches the vector's `episodeLimit` is cut there, and its `cutByLimit` is true. A vector restarts all
 * environments at once, so an environment whose episode was cut waits until the others have reached their quotas.
 *
 * @throws UsageError when `episodes` is not a positive integer, or the vector has no same-step autoreset.
 */
export async function collectEpisodes(
  policy: Pick<Policy, "act" | "view">,
  vector: VectorEnvironment,
  episodes: number,
  { rng, deterministic = false, execute = (actions) => actions, onProgress, signal }: CollectOptions,
): Promise<Trajectory[]> {
  if (!Number.isInteger(episodes) || episodes < 1) {
    throw new UsageError(`episodes must be a positive integer, not ${episodes}`);
  }
  requireSameStep(vector);
  const shown = viewOf(policy, vector);
  const { count, observations, finalObservations, rewards, terminated, truncated } = vector;
  const quotas = Array.from({ length: count }, (_, i) => Math.ceil((episodes - i) / count));
  const recorders = quotas.map(() => createRecorder(vector.observationSpace, vector.actionSpace));
  const collected: Trajectory[][] = quotas.map(() => []);
  const limit = episodeLimitOf(vector);
  const waiting = new Uint8Array(count);
  const owing = (i: number) => collected[i].length < quotas[i] && !waiting[i];
  const turn = createTurns(signal);
  let state: Float32Array | undefined;
  let finished = 0;

  shown.reset();
  while (finished < episodes) {
    await turn();
    if (!quotas.some((_, i) => owing(i))) {
      shown.reset();
      state = undefined;
      waiting.fill(0);
    }
    const result = await policy.act(shown.observations, { rng, deterministic, state });
    state = result.state;
    const actions = executedActions(vector.actionSpace, result.actions);
    for (let i = 0; i < count; i++) if (owing(i)) recorders[i].act(observations, actions, i);
    shown.step(execute(actions));

    emptyMemory(state, vector);
    const before = finished;
    for (let i = 0; i < count; i++) {
      if (!owing(i)) continue;
      recorders[i].reward(rewards[i]);
      const ending = { terminated: terminated[i] === 1, truncated: truncated[i] === 1 };
      const hasEnded = ending.terminated || ending.truncated;
      if (!hasEnded && recorders[i].steps < limit) continue;
      collected[i].push(
        hasEnded
          ? recorders[i].finish(finalObservations, i, ending)
          : recorders[i].finish(observations, i, { ...ending, truncated: true, cutByLimit: true }),
      );
      waiting[i] = Number(!hasEnded);
      finished++;
    }
    if (finished > before) onProgress?.(finished);
  }
  return collected.flat();
}

/** The vector as `policy` sees it: one of its views, or the vector itself. */
export function viewOf({ view }: Pick<Policy, "view">, vector: VectorEnvironment): VectorEnvironment {
  if (view === "feedback") return feedbackView(vector);
  return view === "cluster" ? clusterView(vector) : vector;
}

/**
 * The number of episodes that a policy plays in a row in the same environment: whole trials, if it adapts to a task of a
 * family, so that not all of them are the first of their trial.
 */
export const episodesInRow = ({ view }: Pick<Policy, "view">, { family }: Pick<Problem, "family">): number =>
  view === undefined ? 1 : (family?.episodesPerTask ?? 1);

export interface PlayOptions extends CollectOptions {
  episodes: number;
  /** The number of environments that step together. Default: one per episode, or per trial of {@link episodesInRow}. */
  environments?: number;
  /** The random stream of the environments; `rng` is the stream of the policy. */
  starts: Rng;
}

/** Whole episodes of a policy in fresh environments of a problem. The environments are closed afterwards. */
export async function playEpisodes(
  policy: Pick<Policy, "act" | "view">,
  problem: Problem,
  { episodes, environments = episodes, starts, ...options }: PlayOptions,
): Promise<Trajectory[]> {
  const rows = Math.ceil(episodes / episodesInRow(policy, problem));
  const vector = await problem.vector(Math.min(environments, rows), starts);
  try {
    return await collectEpisodes(policy, vector, episodes, options);
  } finally {
    vector.close();
  }
}
