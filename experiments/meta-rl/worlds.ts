/** @file The task families of the comparison, with the returns that bound what can be learnt in them. */

import { make } from "../../envs/index.js";
import { mean } from "../../index.js";
import type { Task, TaskFamily } from "../../src/env/contracts.js";
import {
  bayesOptimalReturn,
  bernoulliBanditReturn,
  finiteHorizonValueIteration,
} from "../../src/mdp/index.js";
import { taskSet } from "../../src/rollout/task-set.js";
import { robots } from "./robots.js";
import { ABLATIONS, COUNTS, goalOf, OTHERS, type World } from "./world.js";

const point = (goals: "clusters" | "circle", methods: readonly string[]): World => ({
  title: `PointGoal-v0, goals on a circle${goals === "clusters" ? " in four clusters" : ""}`,
  env: "PointGoal-v0",
  environmentOptions: { goals },
  train: 500,
  test: 128,
  trialEnd: "bootstrap",
  frames: 600_000,
  methods,
  traced: true,
  references(tasks) {
    const known = mean(tasks.map((task) => nearestReturn(goalOf(task))));
    const still = mean(tasks.map((task) => -20 * Math.hypot(...goalOf(task))));
    return [
      { name: "known goal", returns: [known, known] },
      { name: "standing still", returns: [still, still] },
    ];
  },
});

/** The return of 20 steps towards a goal: each coordinate comes nearer by at most 0.1 a step. */
function nearestReturn([x, y]: readonly number[]): number {
  let sum = 0;
  for (let t = 1; t <= 20; t++) {
    const left = (distance: number) => Math.max(0, Math.abs(distance) - 0.1 * t);
    sum -= Math.hypot(left(x), left(y));
  }
  return sum;
}

const BELIEFS = ["rl2", "varibad", "milet"];

const bandit = (arms: number): World => ({
  title: `BernoulliBandit-v0, ${arms} arms, 10 pulls`,
  env: "BernoulliBandit-v0",
  environmentOptions: { arms, maxEpisodeSteps: 10, episodesPerTask: 1 },
  train: 0,
  test: 2048,
  trialEnd: "terminal",
  frames: 300_000,
  methods: ["rl2", "varibad"],
  references: () => [{ name: "Bayes-optimal", returns: [bernoulliBanditReturn(arms, 10)] }],
});

const knownGoal = (tasks: readonly Task[], family: TaskFamily): number =>
  mean(
    tasks.map((task) => {
      const model = family.model!(task);
      return finiteHorizonValueIteration(model, { horizon: 15 }).values[model.initial.indexOf(1)];
    }),
  );

export const worlds: Record<string, World> = {
  "point-clusters": point("clusters", [
    ...BELIEFS,
    "oracle",
    ...OTHERS,
    ...ABLATIONS,
    "milet-buffer",
    ...COUNTS,
  ]),
  "point-circle": point("circle", [...BELIEFS, ...COUNTS]),
  "grid-clusters": {
    title: "GridNaviClusters-v0 with a hint of the cluster",
    env: "GridNaviClusters-v0",
    environmentOptions: { hint: -0.05, episodesPerTask: 2 },
    train: 0,
    trialEnd: "terminal",
    frames: 1_000_000,
    methods: [...BELIEFS, "oracle", ...ABLATIONS],
    references(tasks, family) {
      const models = tasks.map((task) => family.model!(task));
      const one = bayesOptimalReturn(models, { horizon: 15 });
      const two = bayesOptimalReturn(models, { horizon: 15, episodes: 2 });
      const known = knownGoal(tasks, family);
      return [
        { name: "Bayes-optimal", returns: [one, two - one] },
        { name: "known goal", returns: [known, known] },
      ];
    },
  },
  grid: {
    title: "GridNavi-v0",
    env: "GridNavi-v0",
    environmentOptions: { episodesPerTask: 4 },
    train: 0,
    trialEnd: "terminal",
    frames: 20_000_000,
    methods: ["rl2", "varibad"],
    references(tasks, family) {
      // Each of 21 goals is found in the first episode, or known to be on one path: tested in test/mdp.
      const known = knownGoal(tasks, family);
      return [
        { name: "Bayes-optimal", returns: [4, known, known, known] },
        { name: "known goal", returns: [known, known, known, known] },
      ];
    },
  },
  "bandit-2": bandit(2),
  "bandit-5": bandit(5),
  ...robots,
};

/** The family of a world, and the tasks of its evaluations: the test tasks of training, or every task once. */
export async function testTasks(world: World): Promise<{ family: TaskFamily; tasks: readonly Task[] }> {
  const environment = await make(world.env, world.environmentOptions);
  const family = environment.tasks!;
  environment.close?.();
  const { test } = taskSet(family, { train: world.train, test: world.test ?? 2000 });
  if (world.test !== undefined) return { family, tasks: test };
  const all = new Map(test.map((task) => [JSON.stringify(task), task]));
  return { family, tasks: [...all.keys()].sort().map((key) => all.get(key)!) };
}
