/** @file Which training task each environment plays: all tasks in turn, in random order. */

import type { Task, VectorEnvironment } from "../../../src/env/contracts.js";
import type { Rng } from "../../../src/random/rng.js";

/** The order of K tasks and the tasks of N environments, as indices: plain data. */
export interface TaskDeck {
  /** `[K]`: the order of this pass. */
  order: Int32Array;
  /** Number of tasks of this pass that were dealt. */
  dealt: number;
  /** `[N]`: the task of the current trial. */
  playing: Int32Array;
  /** `[N]`: the task of the next trial, once it is set. */
  coming: Int32Array;
}

/** Starts a trial in every environment of `vector`, each of the next task. */
export function dealAll(vector: VectorEnvironment, tasks: readonly Task[], rng: Rng): TaskDeck {
  const deck = {
    order: Int32Array.from(tasks, (_, k) => k),
    dealt: tasks.length,
    playing: new Int32Array(vector.count),
    coming: new Int32Array(vector.count),
  };
  for (let i = 0; i < vector.count; i++) {
    deck.playing[i] = deal(deck, rng);
    vector.setTask!(i, tasks[deck.playing[i]]);
  }
  vector.reset();
  return deck;
}

/** Sets the task of the next trial of every environment that is at the start of the last episode of its trial. */
export function dealNext(
  deck: TaskDeck,
  vector: VectorEnvironment,
  tasks: readonly Task[],
  episodes: number,
  rng: Rng,
): void {
  const { episodeInTrial, stepInEpisode } = vector;
  for (let i = 0; i < vector.count; i++) {
    if (episodeInTrial![i] !== episodes - 1 || stepInEpisode![i] !== 0) continue;
    deck.coming[i] = deal(deck, rng);
    vector.setTask!(i, tasks[deck.coming[i]]);
  }
}

/** After a step: environments whose trial ended play their next task. */
export function startNext({ playing, coming }: TaskDeck, { trialEnded }: VectorEnvironment): void {
  for (let i = 0; i < playing.length; i++) if (trialEnded![i]) playing[i] = coming[i];
}

/** The next task; after the last one, all are dealt again in a new order. */
function deal(deck: TaskDeck, rng: Rng): number {
  if (deck.dealt === deck.order.length) {
    rng.shuffle(deck.order);
    deck.dealt = 0;
  }
  return deck.order[deck.dealt++];
}
