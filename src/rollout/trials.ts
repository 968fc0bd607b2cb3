/** @file Trials: an agent meets a task, and has several episodes to explore it and to solve it [Duan et al. 2016, §2.2]. */

import type { Problem, TaskFamily } from "../env/contracts.js";
import { UsageError } from "../errors.js";
import type { Rollout } from "./rollout-buffer.js";

/** The trials of a problem whose episodes all have the same number of steps. */
export interface TrialShape {
  readonly family: TaskFamily;
  /** Episodes of a trial, 1 + N: one to explore, N to exploit. */
  readonly episodes: number;
  /** Steps of an episode, H. */
  readonly horizon: number;
  /** Steps of a trial, H⁺ = (1 + N) H. */
  readonly steps: number;
}

/**
 * The trials of a problem.
 *
 * @param what the learner, in messages
 * @param least number of episodes of a trial that it needs
 * @throws UsageError for an environment that is no task family, has no time limit, or too few episodes in a trial
 */
export function trialShape(what: string, { id, family }: Problem, least = 1): TrialShape {
  if (!family) {
    throw new UsageError(
      `${what} learns to adapt to the tasks of a family, but ${id} is one task: choose a task family, such as ` +
        "PointGoal-v0, or learn the task with ppo",
    );
  }
  const { tasks, episodesPerTask, maxEpisodeSteps } = family;
  if (maxEpisodeSteps === undefined) {
    throw new UsageError(`${what} needs trials of a known length, but episodes of ${id} have no time limit`);
  }
  if (episodesPerTask < least) {
    throw new UsageError(
      `${what} needs an exploration and an exploitation episode, but a trial of ${id} has ${episodesPerTask}: ` +
        `set the environment's option episodesPerTask to ${least} or more`,
    );
  }
  return {
    family: tasks,
    episodes: episodesPerTask,
    horizon: maxEpisodeSteps,
    steps: episodesPerTask * maxEpisodeSteps,
  };
}

/**
 * The mean return of each episode of the trial, `returnEpisode1`, `returnEpisode2` and so on, over the episodes that
 * ended in a rollout that starts with trials.
 */
export function returnsByEpisode(
  { count, terminated, truncated, episodeReturns }: Rollout,
  episodes: number,
): Record<string, number> {
  const index = new Int32Array(count);
  const sums = new Float64Array(episodes);
  const counts = new Int32Array(episodes);
  let ended = 0;
  for (let k = 0; k < terminated.length; k++) {
    if (!(terminated[k] | truncated[k])) continue;
    const episode = index[k % count]++ % episodes;
    sums[episode] += episodeReturns[ended++];
    counts[episode]++;
  }
  return Object.fromEntries(
    Array.from(sums, (sum, k) => [`returnEpisode${k + 1}`, sum / counts[k]]).filter((_, k) => counts[k] > 0),
  );
}
