/**
 * @file The oracle of clusters [Chu 2024, §3.3]: a VariBAD for each true cluster of tasks, trained and tested on the tasks
 * of that cluster only. An upper reference for learners that must infer the cluster; it is the one learner that reads it.
 */

import * as z from "zod";
import type { Problem, Task } from "../../src/env/contracts.js";
import { UsageError } from "../../src/errors.js";
import type { Algorithm, Metrics } from "../../src/learning/contract.js";
import { defineAlgorithm } from "../../src/learning/define.js";
import { OraclePolicy } from "../../src/policies/oracle.js";
import { trainingTasks } from "../../src/rollout/task-set.js";
import type { BeliefState } from "./belief/learner.js";
import { type TasksOption, testTasksOf, trainingTasksOf } from "./shared/trials.js";
import { varibad, varibadSchema } from "./varibad.js";

/** Number of tasks from which those of a cluster are taken when training draws from the family. */
const DRAWN = 2000;

export const oracleSchema = varibadSchema.extend({
  oracleFrames: z
    .enum(["shared", "full"])
    .default("shared")
    .describe(
      "shared: the steps of a run are divided among the clusters; full: each cluster takes all of them",
    ),
});

export type OracleOptions = z.input<typeof oracleSchema>;

export interface OracleState {
  steps: number;
  /** One learner for each cluster. */
  clusters: BeliefState[];
  /** The cluster whose learner is updated next. */
  turn: number;
}

/** The oracle, for task families with clusters. */
export const oracle = defineAlgorithm({
  name: "oracle",
  summary: "oracle of clusters: a VariBAD for each true cluster of tasks, an upper reference",
  schema: oracleSchema,
  environment: "PointGoal-v0",
  create(options): Algorithm<OracleState> {
    const { oracleFrames, ...shared } = options;
    const learner = varibad({ ...shared, tasks: { ...shared.tasks, train: 0 } }) as Algorithm<BeliefState>;
    return {
      name: "oracle",
      options,
      unit: "environment steps",
      defaultSteps: 1_000_000,
      abilities: { density: true, memory: true },
      testTasks: (family) => testTasksOf(family, options.tasks),

      async init(problem, rng) {
        const clusters = problem.family?.tasks.clusters ?? 1;
        if (clusters < 2) {
          throw new UsageError(
            `oracle learns each cluster of tasks apart, but ${problem.id} has ${problem.family ? "one cluster" : "one task"}: ` +
              "use varibad",
          );
        }
        const states = Array.from({ length: clusters }, (_, k) =>
          learner.init(ofCluster(problem, options.tasks, k), rng.stream("cluster", k)),
        );
        return { steps: 0, clusters: await Promise.all(states), turn: 0 };
      },

      async update(state): Promise<Metrics> {
        const inner = state.clusters[state.turn];
        const before = inner.steps;
        const { steps: _, ...metrics } = await learner.update(inner);
        const taken = inner.steps - before;
        state.steps += oracleFrames === "shared" ? taken : taken / state.clusters.length;
        state.turn = (state.turn + 1) % state.clusters.length;
        return { steps: state.steps, ...metrics };
      },

      policy: (state) => new OraclePolicy(state.clusters.map((inner) => learner.policy(inner))),
    };
  },
});

/** The problem whose trials all have training tasks of one cluster. */
function ofCluster(problem: Problem, tasks: TasksOption, cluster: number): Problem {
  const family = problem.family!.tasks;
  const drawn = trainingTasksOf(family, tasks) ?? trainingTasks(family, { ...tasks, train: DRAWN });
  const own = drawn.filter((task: Task) => family.clusterOf(task) === cluster);
  return {
    ...problem,
    async vector(count, rng) {
      const vector = await problem.vector(count, rng);
      vector.setTasks!(own);
      vector.reset();
      return vector;
    },
  };
}
