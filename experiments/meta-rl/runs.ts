/** @file Runs of the comparison: one learner for each world, method and seed, trained in a run folder and evaluated. */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { make } from "../../envs/index.js";
import { evaluateTrials, train } from "../../index.js";
import { problemOf } from "../../src/env/problem.js";
import { feedbackLayout } from "../../src/env/wrappers/feedback-view.js";
import { evaluateTrialsOn } from "../../src/measure/evaluate-trials.js";
import type { Policy } from "../../src/policies/contract.js";
import { createRng } from "../../src/random/rng.js";
import { readRun } from "../../src/runs/run-records.js";
import { spaceWidth } from "../../src/spaces/index.js";
import { learnerOf, type PlainRun, type RecordedRow, recordOf } from "../lib/plain-run.js";
import type { Results } from "../lib/results.js";
import { watched } from "./successes.js";
import { goalOf, type World } from "./world.js";
import { testTasks, worlds } from "./worlds.js";

export interface MetaRun {
  world: string;
  method: string;
  seed: number;
  frames: number;
  /** Processor time of training and its evaluations (s); absent for a run that was resumed. */
  cpuSeconds?: number;
  /** `[episodes][tasks]`: returns of one trial of each test task, of the mode of the policy. */
  returns: number[][];
  /** `[episodes][kinds]`: the share of tasks of each kind that are solved at some step, where success is known. */
  solved?: number[][];
  /** Of the inferred clusters after 0, 1, … steps of the first episode, and of a perfect reader of the tasks. */
  nmi?: number[];
  nmiCeiling?: number;
  /** Evaluations during training: frames, and the mean return of each episode. */
  curve: number[][];
  /** `[tasks]`: the path of each of the first test tasks, its goal and the inferred cluster; of MILET and one seed. */
  traces?: Trace[];
}

/** The positions of a trial, `[episodes][steps][2]`, and the cluster inferred at its end. */
export interface Trace {
  goal: number[];
  cluster: number;
  paths: number[][][];
}

interface Method {
  name: string;
  algorithm: string;
  options?: Record<string, unknown>;
  /** Whether it has no option `trialEnd`: it learns from single transitions or from episodes. */
  noTrialEnd?: true;
}

/** The numbers of clusters of table 3.7, but for the default of four. */
const CLUSTER_COUNTS = [2, 6, 8, 10];

/** Small networks and batches, for the time that a gradient step takes. */
const fromReplays = { hidden: [128, 128], metaBatch: 8, minibatchSize: 128 };

const milets = Object.fromEntries(
  CLUSTER_COUNTS.map((clusters): [string, Method] => [
    `milet-${clusters}`,
    { name: `MILET, ${clusters} clusters`, algorithm: "milet", options: { clusters } },
  ]),
);

export const methods: Record<string, Method> = {
  rl2: { name: "RL²", algorithm: "rl2" },
  varibad: { name: "VariBAD", algorithm: "varibad" },
  milet: { name: "MILET", algorithm: "milet" },
  oracle: { name: "oracle of clusters", algorithm: "oracle" },
  pearl: { name: "PEARL", algorithm: "pearl", options: fromReplays, noTrialEnd: true },
  metacure: { name: "MetaCURE", algorithm: "metaCure", options: fromReplays, noTrialEnd: true },
  promp: { name: "ProMP", algorithm: "promp", noTrialEnd: true },
  maml: { name: "MAML", algorithm: "promp", options: { variant: "maml" }, noTrialEnd: true },
  mmaml: { name: "MMAML", algorithm: "mmaml", noTrialEnd: true },
  "milet-published": {
    name: "MILET, w_z = 0.01",
    algorithm: "milet",
    options: { weights: { latent: 0.01 } },
  },
  "milet-buffer": { name: "MILET, buffer of 10 000 trials", algorithm: "milet", options: { buffer: 10_000 } },
  "milet-one-cluster": { name: "MILET, one cluster", algorithm: "milet", options: { clusters: 1 } },
  "milet-no-exploration": {
    name: "MILET, one policy",
    algorithm: "milet",
    options: { exploration: "none" },
  },
  "milet-no-intrinsic": {
    name: "MILET, no intrinsic reward",
    algorithm: "milet",
    options: { intrinsic: { entropy: 0, consistency: 0 } },
  },
  "milet-no-consistency": {
    name: "MILET, no consistency",
    algorithm: "milet",
    options: { weights: { inTrial: 0, prior: 0 } },
  },
  "milet-not-stacked": { name: "MILET, GRUs side by side", algorithm: "milet", options: { stacked: false } },
  ...milets,
};

/** A method in a world as a plain run. */
function plainRun(world: World, method: string, frames: number): PlainRun {
  const { algorithm, options, noTrialEnd } = methods[method];
  const { env, environmentOptions, train, test, trialEnd } = world;
  const tasks = { train, ...(test !== undefined && { test }) };
  const own = { ...options, tasks, ...(!noTrialEnd && { trialEnd }) };
  return { algorithm, env, environmentOptions, steps: frames, options: own };
}

/** The method of a run in which nothing is learnt and all actions are 0. */
export const NO_ACTION = "no-action";

const rowKey = (world: string, method: string, frames: number) => `${world}/${method}/${frames}`;

/** The commands and settings of the rows of these runs. */
export const recordedRows = (runs: readonly MetaRun[]): Record<string, RecordedRow> =>
  Object.fromEntries(
    runs
      .filter(({ method }) => method !== NO_ACTION)
      .map(({ world, method, frames }) => [
        rowKey(world, method, frames),
        recordOf(plainRun(worlds[world], method, frames), ""),
      ]),
  );

export interface MetaOptions {
  worlds: readonly string[];
  methods: readonly string[];
  seeds: readonly number[];
  /** Frames of each run; unset: those of the world. */
  frames?: number;
  /** Where the run folders are. */
  folder: string;
}

/** Adds all missing runs, world by world and seed by seed, so that an early stop leaves all methods with fewer seeds. */
export async function metaRuns(results: Results<MetaRun>, options: MetaOptions): Promise<void> {
  for (const world of options.worlds) {
    if (worlds[world].comparesNoAction) await results.keep(`${world}/${NO_ACTION}`, () => noActionRun(world));
    const frames = options.frames ?? worlds[world].frames;
    for (const seed of options.seeds) {
      for (const method of worlds[world].methods.filter((name) => options.methods.includes(name))) {
        const key = `${rowKey(world, method, frames)}/${seed}`;
        await results.keep(key, () => metaRun(world, method, seed, frames, join(options.folder, key)));
      }
    }
  }
}

/** The number of evaluations of a run, and of test tasks whose traces are kept. */
const EVALUATIONS = 12;
const TRACES = 32;

async function metaRun(name: string, method: string, seed: number, frames: number, folder: string) {
  const world = worlds[name];
  const { env, environmentOptions } = world;
  const { algorithm, steps } = learnerOf(plainRun(world, method, frames), {});
  const resume = existsSync(join(folder, "config.json"));
  const before = process.cpuUsage();
  const policy = await train(algorithm, {
    ...{ env, environmentOptions, seed, steps, folder, resume },
    evaluate: { every: Math.ceil(frames / EVALUATIONS) },
    checkpoint: { seconds: 600 },
  });
  const { user, system } = process.cpuUsage(before);
  const { tasks } = await testTasks(world);
  const traced = world.traced === true && seed === 0 && method === "milet";
  const recorder = traceRecorder(policy);
  const actor = traced ? recorder.policy : policy;
  const { problem, solved } = watched(await problemOf(env, environmentOptions), world);
  const rng = createRng(1000 + seed);
  const { returns, nmi, nmiCeiling, clusters } = await evaluateTrialsOn(problem, actor, { tasks, rng });
  const { evaluations } = readRun(folder);
  return {
    ...{ world: name, method, seed, frames },
    ...(!resume && { cpuSeconds: Number(((user + system) / 1e6).toFixed(1)) }),
    returns: byEpisode(returns),
    ...(world.success && { solved: solved(clusters!) }),
    ...(nmi && { nmi: rounded(nmi), nmiCeiling: Number(nmiCeiling!.toFixed(4)) }),
    curve: evaluations.map((row) => [
      row.steps,
      ...rounded(returns[0].map((_, k) => row[`episode${k + 1}`] as number)),
    ]),
    ...(traced && { traces: recorder.traces(tasks.slice(0, TRACES).map(goalOf)) }),
  };
}

async function noActionRun(name: string): Promise<MetaRun> {
  const world = worlds[name];
  const { env, environmentOptions } = world;
  const environment = await make(env, environmentOptions);
  const none = new Float32Array(spaceWidth(environment.actionSpace));
  environment.close?.();
  const { tasks } = await testTasks(world);
  const { returns } = await evaluateTrials(() => none, { env, environmentOptions, tasks, seed: 0 });
  return { world: name, method: NO_ACTION, seed: 0, frames: 0, returns: byEpisode(returns), curve: [] };
}

const rounded = (values: readonly number[]) => values.map((value) => Number(value.toPrecision(5)));

/** `[episodes][tasks]` of returns `[tasks][episodes]`. */
const byEpisode = (returns: readonly (readonly number[])[]) =>
  returns[0].map((_, k) => rounded(returns.map((trial) => trial[k])));

/** A policy that keeps the positions that it sees, and the clusters that it infers: all trials are played together. */
function traceRecorder(policy: Policy) {
  const { width, observation, action } = feedbackLayout(policy.observationSpace, policy.actionSpace);
  const seen: { positions: number[][]; ended: boolean; clusters?: Float32Array }[] = [];
  const recording: Policy = {
    ...{ observationSpace: policy.observationSpace, actionSpace: policy.actionSpace, view: policy.view },
    logProb: policy.logProb.bind(policy),
    toData: policy.toData.bind(policy),
    async act(rows, options) {
      const result = await policy.act(rows, options);
      const positions = Array.from({ length: rows.length / width }, (_, i) =>
        Array.from(rows.subarray(i * width, i * width + 2), (x) => Number(x.toFixed(3))),
      );
      seen.push({ positions, ended: rows[observation + action + 1] === 1, clusters: result.clusters });
      return result;
    },
  };
  const traces = (goals: readonly number[][]): Trace[] =>
    goals.map((goal, i) => {
      const paths: number[][][] = [[]];
      for (const { positions, ended } of seen) {
        if (ended) paths.push([]);
        paths[paths.length - 1].push(positions[i]);
      }
      const { clusters, positions } = seen[seen.length - 1];
      const count = (clusters?.length ?? 0) / positions.length;
      const own = Array.from(clusters?.subarray(i * count, (i + 1) * count) ?? []);
      return { goal: goal.map((x) => Number(x.toFixed(3))), cluster: own.indexOf(Math.max(...own)), paths };
    });
  return { policy: recording, traces };
}
