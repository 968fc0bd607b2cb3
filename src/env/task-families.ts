/**
 * @file Task families: checks of tasks, and trials, in which several episodes have the same task
 * [Duan et al. 2016, §2.2].
 */

import * as z from "zod";
import { resolveOptions } from "../config/options.js";
import { UsageError } from "../errors.js";
import type { Rng } from "../random/rng.js";
import { snapshot, type Tree } from "../state/snapshot.js";
import type { Info, Task, TaskFamily } from "./contracts.js";
import type { VectorArrays } from "./vector-rows.js";

/** `checkTask` for tasks that are objects with a schema; `id` names the environment in messages. */
export const taskChecker =
  <S extends z.ZodObject>(id: string, schema: S) =>
  (task: Task): z.output<S> =>
    resolveOptions(`${id}, task`, schema, task);

/** The field `cluster` of such a schema: the latent cluster of the task; optional when there is only one. */
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
 * The task and the progress of the trial of each of N copies.
 *
 * Task k of a copy is drawn from the stream ("task", k) of the copy. Tasks therefore depend only on the seed, not on
 * the episodes, so that two policies compared on the same seed get the same tasks.
 */
export class Trials {
  /** The current tasks; `undefined` before the first reset. */
  private readonly tasks: Task[];
  /** The tasks passed to `set`; `undefined`: draw tasks. */
  private readonly given: Task[];
  /** Whether the trial ends with the current episode, because `set` was called. */
  private readonly due: Uint8Array;
  /** `[N]`, 0 or 1: whether the last step ended a trial. */
  readonly ended: Uint8Array;
  /** `[N]`: the number of completed episodes of the trial. */
  private readonly episodes: Int32Array;
  /** The finite set from which tasks are drawn; unset: the family. */
  private pool?: readonly Task[];
  /** The number of tasks drawn since the copy was seeded. */
  private readonly drawn: Int32Array;

  /**
   * @param play sets the task of copy i: the dynamics' `setTask`.
   */
  constructor(
    readonly id: string,
    readonly family: TaskFamily,
    readonly episodesPerTask: number,
    { trialEnded, episodeInTrial }: Pick<VectorArrays, "trialEnded" | "episodeInTrial">,
    private readonly play: (i: number, task: Task) => void,
  ) {
    this.ended = trialEnded;
    this.episodes = episodeInTrial;
    const count = trialEnded.length;
    this.tasks = new Array<Task>(count).fill(undefined);
    this.given = new Array<Task>(count).fill(undefined);
    this.due = new Uint8Array(count);
    this.drawn = new Int32Array(count);
  }

  /** Restarts the sequence of tasks of copy i, after its streams were replaced. */
  reseed(i: number): void {
    this.drawn[i] = 0;
  }

  /** Prepares a reset of copy i: the next episode of its trial if `goesOn` and one is left, else a new trial. */
  next(i: number, rng: Rng, goesOn: boolean): void {
    if (goesOn && !this.isLast(i)) {
      this.episodes[i]++;
      return;
    }
    this.episodes[i] = 0;
    this.due[i] = 0;
    this.tasks[i] = this.given[i] ?? this.draw(rng.stream("task", this.drawn[i]++));
    this.play(i, this.tasks[i]);
  }

  /** Updates `ended` after a step. */
  step(terminated: Uint8Array, truncated: Uint8Array): void {
    for (let i = 0; i < this.ended.length; i++) {
      this.ended[i] = (terminated[i] | truncated[i]) === 1 && this.isLast(i) ? 1 : 0;
    }
  }

  /** A clone of the current task of copy i. */
  get(i: number): Task {
    if (this.tasks[i] === undefined) throw new UsageError(`${this.id}: call reset() before getTask()`);
    return snapshot(this.tasks[i]);
  }

  /** Sets the task of copy i from its next reset on; `undefined`: draw tasks again. */
  set(i: number, task: Task): void {
    if (!(i in this.given))
      throw new UsageError(`${this.id}: cannot set the task of environment ${i}, which does not exist`);
    this.given[i] = task === undefined ? undefined : snapshot(this.family.checkTask(task));
    this.due[i] = 1;
  }

  /**
   * Draws the tasks of later trials uniformly from a finite set; `undefined`: from the family again. Not part of
   * snapshots, because the set is the same for all copies: it is set again before a snapshot is restored.
   */
  setPool(tasks: readonly Task[] | undefined): void {
    if (tasks?.length === 0) throw new UsageError(`${this.id}: setTasks needs at least one task`);
    this.pool = tasks?.map((task) => snapshot(this.family.checkTask(task)));
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

  private draw(rng: Rng): Task {
    return this.pool ? this.pool[rng.integer(this.pool.length)] : this.family.sampleTask(rng);
  }

  private isLast(i: number): boolean {
    return this.due[i] === 1 || this.episodes[i] + 1 >= this.episodesPerTask;
  }
}
