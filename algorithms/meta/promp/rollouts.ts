/** @file The episodes of a stage of meta-learning: K of each of M tasks, each task with parameters of its own. */

import type { Task, VectorEnvironment } from "../../../src/env/contracts.js";
import { episodeAdvantages, lastSteps } from "../../../src/policies/adapting/advantages.js";
import type { AdaptingNetwork } from "../../../src/policies/adapting/network.js";
import { actingPrograms, drawNoise } from "../../../src/policies/adapting/programs.js";
import type { Rng } from "../../../src/random/rng.js";
import { encodeRow } from "../../../src/spaces/encode.js";
import { allocateActions, encodedWidth, executedActions, spaceWidth } from "../../../src/spaces/index.js";
import type { ActionBatch } from "../../../src/spaces/values.js";
import type { ProgramArray } from "../../../src/tensor/index.js";

/** M tasks, K episodes of each, at most H steps of each. */
export interface StageShape {
  tasks: number;
  episodes: number;
  horizon: number;
}

/** The episodes of a stage: those of a task are neighbours. Entries after the end of an episode have share 0. */
export interface Stage {
  /** `[M, K, H, w]`, encoded. */
  observations: Float32Array;
  /** `[M, K, H]` or `[M, K, H, k]`, before clipping to the bounds of a box. */
  actions: ActionBatch;
  /** `[M, K, H]` each. */
  logProbs: Float32Array;
  advantages: Float32Array;
  shares: Float32Array;
  rewards: Float32Array;
  /** `[M, K, H]`: 1 at the last step of each episode. */
  lasts: Float32Array;
  /** `[M, K]`, undiscounted. */
  returns: number[];
  /** Number of environment steps taken, also those after the end of an episode while others went on. */
  steps: number;
}

/**
 * One episode in every environment of `vector`, which has K environments for each task. Trials begin anew; environments
 * whose episode ends early play on until all have ended.
 *
 * @param adapted the parameters of each task `[M, adapted.size]` and, for modulated networks, its modulation
 */
export async function playStage(
  vector: VectorEnvironment,
  network: AdaptingNetwork,
  adapted: Readonly<Record<string, ProgramArray>>,
  { tasks, episodes, horizon }: StageShape,
  rng: Rng,
  estimate: { discount: number; gaeLambda: number },
): Promise<Stage> {
  const { count, observationSpace, actionSpace } = vector;
  const width = encodedWidth(observationSpace);
  const perAction = spaceWidth(actionSpace);
  const observations = new Float32Array(count * horizon * width);
  const actions = allocateActions(actionSpace, count * horizon);
  const logProbs = new Float32Array(count * horizon);
  const rewards = new Float64Array(count * horizon);
  const lengths = new Int32Array(count);
  const { act } = actingPrograms(network, episodes);
  const seen = new Float32Array(count * width);
  const greedy = new Float32Array(count);

  vector.reset();
  let steps = 0;
  for (; steps < horizon && lengths.includes(0); steps++) {
    for (let i = 0; i < count; i++) encodeRow(observationSpace, vector.observations, i, seen, i * width);
    const noise = drawNoise(network, count, rng);
    const acted = await act.run({ ...adapted, observations: seen, noise, greedy });
    const chosen = acted.actions as ActionBatch;
    vector.step(executedActions(actionSpace, chosen));
    for (let i = 0; i < count; i++) {
      const at = i * horizon + steps;
      observations.set(seen.subarray(i * width, (i + 1) * width), at * width);
      actions.set(chosen.subarray(i * perAction, (i + 1) * perAction), at * perAction);
      logProbs[at] = acted.logProbs[i];
      rewards[at] = vector.rewards[i];
      if (lengths[i] === 0 && vector.terminated[i] | vector.truncated[i]) lengths[i] = steps + 1;
    }
  }

  const advantages = new Float32Array(count * horizon);
  const shares = new Float32Array(count * horizon);
  for (let m = 0; m < tasks; m++) {
    const [from, to] = [m * episodes, (m + 1) * episodes];
    const estimated = episodeAdvantages(
      {
        horizon,
        observations: observations.subarray(from * horizon * width, to * horizon * width),
        rewards: rewards.subarray(from * horizon, to * horizon),
        lengths: lengths.subarray(from, to),
      },
      estimate,
    );
    advantages.set(estimated.advantages, from * horizon);
    shares.set(estimated.shares, from * horizon);
  }
  const returns = Array.from(lengths, (length, i) =>
    rewards.subarray(i * horizon, i * horizon + length).reduce((sum, reward) => sum + reward, 0),
  );
  return {
    ...{ observations, actions, logProbs, advantages, shares },
    rewards: Float32Array.from(rewards),
    lasts: lastSteps({ horizon, lengths }),
    returns,
    steps: steps * count,
  };
}

/** Sets the task of the K environments of each task. */
export function setTasks(vector: VectorEnvironment, tasks: readonly Task[]): void {
  const episodes = vector.count / tasks.length;
  for (let i = 0; i < vector.count; i++) vector.setTask!(i, tasks[Math.floor(i / episodes)]);
}
