/** @file Playing trials of the training tasks, for off-policy learners: every transition goes into the replays of its task. */

import type { Task, VectorEnvironment } from "../../../src/env/contracts.js";
import { feedbackView } from "../../../src/env/wrappers/feedback-view.js";
import type { Metrics } from "../../../src/learning/contract.js";
import type { Policy } from "../../../src/policies/contract.js";
import type { Rng } from "../../../src/random/rng.js";
import { emptyMemory } from "../../../src/rollout/recurrent-reset.js";
import type { TrialShape } from "../../../src/rollout/trials.js";
import { type EpisodeRecord, recordEpisodes } from "../../shared/episodes.js";
import { dealAll, dealNext, startNext, type TaskDeck } from "./task-deck.js";
import type { StepReader, TaskReplays } from "./task-replays.js";

/** Where the trials of N environments are. */
export interface TrialProgress {
  /** In the feedback view. */
  environments: VectorEnvironment;
  deck: TaskDeck;
  /** `[N, m]`: the recurrent state of the policy. */
  memory: Float32Array;
  /** `[N]`: the raw return of the current episode so far. */
  running: Float64Array;
}

/** The start of a trial in every environment of `vector`. */
export const trialProgress = (
  vector: VectorEnvironment,
  memoryWidth: number,
  tasks: readonly Task[],
  rng: Rng,
): TrialProgress => ({
  deck: dealAll(vector, tasks, rng),
  environments: feedbackView(vector),
  memory: new Float32Array(vector.count * memoryWidth),
  running: new Float64Array(vector.count),
});

/** What `playTrials` reads and changes. */
export interface PlayingState extends EpisodeRecord, TrialProgress {
  steps: number;
  replays: TaskReplays;
  actionRng: Rng;
  taskRng: Rng;
  live: {
    trial: TrialShape;
    /** The training tasks. */
    tasks: readonly Task[];
    reader: StepReader;
    policy: Pick<Policy, "act">;
  };
}

/**
 * As many steps of every environment as a trial has at most [Rakelly et al. 2019, algorithm 1, lines 3–11]. All transitions
 * go into the replay of their task, those of first episodes also into the one for contexts. Returns the metrics.
 *
 * @param check called for each episode that ends, with its number of steps and the largest
 */
export async function playTrials(
  state: PlayingState,
  check: (id: string, steps: number, horizon: number) => void = () => {},
): Promise<Metrics> {
  const { environments, deck, replays, actionRng, taskRng, running, live } = state;
  const { trial, tasks, reader, policy } = live;
  const { count, rewards, terminated, truncated, episodeInTrial, stepInEpisode } = environments;
  const ended: number[] = [];
  const sums = new Float64Array(trial.episodes);
  const counts = new Int32Array(trial.episodes);
  const episode = new Int32Array(count);
  const length = new Int32Array(count);
  for (let step = 0; step < trial.steps; step++) {
    dealNext(deck, environments, tasks, trial.episodes, taskRng);
    episode.set(episodeInTrial!);
    length.set(stepInEpisode!);
    const { actions, state: memory } = await policy.act(environments.observations, {
      rng: actionRng,
      state: state.memory,
    });
    state.memory = memory!;
    reader.step(actions);
    emptyMemory(state.memory, environments);
    for (let i = 0; i < count; i++) {
      const task = deck.playing[i];
      replays.all[task].add(reader.rows, i, i + 1);
      if (episode[i] === 0) replays.first[task].add(reader.rows, i, i + 1);
      running[i] += rewards[i];
      if (!(terminated[i] | truncated[i])) continue;
      check(environments.id, length[i] + 1, trial.horizon);
      ended.push(running[i]);
      sums[episode[i]] += running[i];
      counts[episode[i]]++;
      running[i] = 0;
    }
    startNext(deck, environments);
    state.steps += count;
  }
  const byEpisode = Array.from(sums, (sum, k) => [`returnEpisode${k + 1}`, sum / counts[k]] as const);
  return {
    steps: state.steps,
    ...recordEpisodes(state, ended),
    ...Object.fromEntries(byEpisode.filter((_, k) => counts[k] > 0)),
  };
}
