/**
 * @file Task families: the checked tasks of one, and trials, in which a task is kept for several episodes (Duan et al.
 * 2016, "RL²: fast reinforcement learning via slow reinforcement learning", §2.2).
 */

import { z } from "zod";
import { resolveOptions } from "../config/options.js";
import { UsageError } from "../errors.js";
import type { Rng } from "../random/rng.js";
import { snapshot, type Tree } from "../state/snapshot.js";
import type { Info, Task, TaskFamily } from "./contracts.js";

/** `checkTask` of a family whose tasks are objects with a schema; `id` names the environment in messages. */
export const taskChecker =
  <S extends z.ZodObject>(id: string, schema: S) =>
  (task: Task): z.output<S> =>
    resolveOptions(`${id}, task`, schema, task);

/** `cluster` in such a schema: which of the latent groups; it may be left out where there is one only. */
export function clusterField(clusters: number) {
  const field = z
    .int()
    .min(0)
    .max(clusters - 1);
  return clusters === 1 ? field.default(0) : field;
}

interface SavedTrials {
  tasks: Task[];
  given: Task[];
  due: Uint8Array;
  episodes: Int32Array;
  drawn: Int32Array;
  ended: Uint8Array;
}

/**
 * Which task each of N copies plays, and how far its trial is.
 *
 * Task k of a copy comes from the stream ("task", k) of the copy's own: tasks depend on the seed and on nothing that
 * happens in the episodes, so that two policies that are compared on a seed face the same ones.
 */
export class Trials {
  /** What is played; `undefined` before the first reset. */
  private readonly tasks: Task[];
  /** What `set` asked for; `undefined` where tasks are drawn. */
  private readonly given: Task[];
  /** Whether the trial ends with the episode whatever its length, since another task was asked for. */
  private readonly due: Uint8Array;
  /** Episodes of the trial that are over. */
  private readonly episodes: Int32Array;
  /** Tasks drawn since the copy was seeded. */
  private readonly drawn: Int32Array;

  /**
   * @param ended whether the last step ended a trial: an episode, and with it the use of its task; `[N]`, 0 or 1.
   * @param play puts copy i into a task: the dynamics' `setTask`.
   */
  constructor(
    readonly id: string,
    readonly family: TaskFamily,
    readonly episodesPerTask: number,
    readonly ended: Uint8Array,
    private readonly play: (i: number, task: Task) => void,
  ) {
    const count = ended.length;
    this.tasks = new Array<Task>(count).fill(undefined);
    this.given = new Array<Task>(count).fill(undefined);
    this.due = new Uint8Array(count);
    this.episodes = new Int32Array(count);
    this.drawn = new Int32Array(count);
  }

  /** Copy i has new streams: its tasks are drawn from their beginning. */
  reseed(i: number): void {
    this.drawn[i] = 0;
  }

  /** Before copy i is reset: to the next episode of its trial where it `goesOn` and one is left, else to a new trial. */
  next(i: number, rng: Rng, goesOn: boolean): void {
    if (goesOn && !this.isLast(i)) {
      this.episodes[i]++;
      return;
    }
    this.episodes[i] = 0;
    this.due[i] = 0;
    this.tasks[i] = this.given[i] ?? this.family.sampleTask(rng.stream("task", this.drawn[i]++));
    this.play(i, this.tasks[i]);
  }

  /** After a step: which trials it ended. */
  step(terminated: Uint8Array, truncated: Uint8Array): void {
    for (let i = 0; i < this.ended.length; i++) {
      this.ended[i] = (terminated[i] | truncated[i]) === 1 && this.isLast(i) ? 1 : 0;
    }
  }

  /** A copy of the task that copy i plays. */
  get(i: number): Task {
    if (this.tasks[i] === undefined) throw new UsageError(`${this.id}: call reset() before getTask()`);
    return snapshot(this.tasks[i]);
  }

  /** Copy i plays `task` from its next reset on; `undefined` draws tasks again. */
  set(i: number, task: Task): void {
    if (!(i in this.given))
      throw new UsageError(`${this.id}: there is no environment ${i} to set the task of`);
    this.given[i] = task === undefined ? undefined : snapshot(this.family.checkTask(task));
    this.due[i] = 1;
  }

  info(i: number): Info {
    return { episodeInTrial: this.episodes[i], trialEnded: this.ended[i] === 1 };
  }

  getState(): Tree {
    const { tasks, given, due, episodes, drawn, ended } = this;
    return snapshot({ tasks, given, due, episodes, drawn, ended });
  }

  setState(saved: Tree): void {
    const { tasks, given, ...arrays } = snapshot(saved) as unknown as SavedTrials;
    for (const [i, task] of tasks.entries()) {
      this.tasks[i] = task;
      this.given[i] = given[i];
      if (task !== undefined) this.play(i, task);
    }
    this.due.set(arrays.due);
    this.episodes.set(arrays.episodes);
    this.drawn.set(arrays.drawn);
    this.ended.set(arrays.ended);
  }

  private isLast(i: number): boolean {
    return this.due[i] === 1 || this.episodes[i] + 1 >= this.episodesPerTask;
  }
}
