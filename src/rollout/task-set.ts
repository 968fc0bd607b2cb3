/** @file Finite sets of tasks: drawn once, with clusters in equal shares, some for training and others for tests. */

import * as z from "zod";
import { count, resolveOptions } from "../config/options.js";
import type { Task, TaskFamily } from "../env/contracts.js";
import { UsageError } from "../errors.js";
import { createRng, type Rng } from "../random/rng.js";

export const taskSetSchema = z.strictObject({
  train: z.int().min(0).default(500).describe("number of training tasks"),
  test: count().default(32).describe("number of test tasks"),
  seed: z
    .union([z.int(), z.string()])
    .default(0)
    .describe("seed of the draw; independent of the seed of the run"),
  balanced: z
    .boolean()
    .default(true)
    .describe("whether clusters have equal shares: task k is from cluster k modulo their number"),
});

export type TaskSetOptions = z.input<typeof taskSetSchema>;

export interface TaskSet {
  readonly train: readonly Task[];
  readonly test: readonly Task[];
}

/** The number of draws after which a task of a cluster, or one that is not a training task, is given up. */
const TRIES = 10_000;

/**
 * `train + test` tasks of a family, such as the `tasks` of an environment. The first are for training; none of the test
 * tasks is among them.
 *
 * @throws UsageError for something else than a family, unknown options, a family in which a cluster has no tasks, or one
 *   with too few different tasks
 */
export function taskSet(family: TaskFamily | undefined, given: TaskSetOptions = {}): TaskSet {
  const options = resolveOptions("taskSet", taskSetSchema, given);
  if (typeof family?.sampleTask !== "function") {
    throw new UsageError("taskSet needs a task family, such as the property `tasks` of PointGoal-v0");
  }
  const train = trainingTasks(family, options);
  const seen = new Set(train.map((task) => JSON.stringify(task)));
  const draw = drawer(family, options);
  return { train, test: Array.from({ length: options.test }, (_, k) => draw(train.length + k, seen)) };
}

type DrawOptions = Required<Pick<TaskSetOptions, "train" | "seed" | "balanced">>;

/** The training tasks of {@link taskSet} alone; they may be all tasks of a family. */
export function trainingTasks(family: TaskFamily, options: DrawOptions): readonly Task[] {
  const draw = drawer(family, options);
  return Array.from({ length: options.train }, (_, k) => draw(k));
}

/** Draws task k of a set, not among `excluded`. */
function drawer(family: TaskFamily, { seed, balanced }: DrawOptions) {
  const rng = createRng(seed).stream("task set");
  return (k: number, excluded?: Set<string>): Task => {
    const cluster = balanced && family.clusters > 1 ? k % family.clusters : undefined;
    return drawTask(family, rng.stream("task", k), cluster, excluded);
  };
}

/** A task of the cluster, if one is given, that is not in `excluded`. */
function drawTask(family: TaskFamily, rng: Rng, cluster?: number, excluded?: Set<string>): Task {
  let repeated = 0;
  for (let tries = 0; tries < TRIES; tries++) {
    const task = family.sampleTask(rng);
    if (cluster !== undefined && family.clusterOf(task) !== cluster) continue;
    if (!excluded?.has(JSON.stringify(task))) return task;
    repeated++;
  }
  throw new UsageError(
    repeated > 0
      ? `taskSet: ${repeated} draws gave only tasks that are already training tasks, so there are too few different ` +
          "tasks for disjoint sets: lower `train`, or train on the family itself, without a training set"
      : `taskSet: ${TRIES} draws gave no task of cluster ${cluster}; set balanced to false`,
  );
}
