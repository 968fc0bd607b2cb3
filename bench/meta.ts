/**
 * @file Benchmark of the learners of task families on one core: frames per processor second, each in a process of its own.
 * Prints one JSON line per result. `node dist/bench/meta.js varibad-grid` measures one row; `--memory 10000000` trains
 * MILET for so many frames and prints the resident memory after a quarter of them and at the end.
 */

import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { milet, rl2, varibad } from "../algorithms/index.js";
import type { Problem } from "../src/env/contracts.js";
import { problemOf } from "../src/env/problem.js";
import type { Algorithm, State } from "../src/learning/contract.js";
import { createRng } from "../src/random/rng.js";
import "../envs/index.js";

/** Two passes over a rollout in four minibatches, as in the papers. */
const two = { epochs: 2, minibatches: 4, warmUp: 0 };
const many = { ...two, environments: 64 };
/** VariBAD's own configuration for its grid. */
const grid = {
  ...two,
  environments: 16,
  encoderUnits: 64,
  latent: 5,
  hidden: [32],
  vaeUpdates: 3,
  vaeBatch: 25,
  elboTerms: 61,
  decodedSteps: 60,
  decoder: { hidden: [32, 32], reward: "bernoulli" as const },
};
/** MILET's own configuration for Ant-Goal, with 20 of the time steps decoded from 20 others. */
const ant = {
  ...two,
  environments: 16,
  minibatches: 8,
  encoderUnits: 32,
  latent: 10,
  hidden: [128, 64],
  vaeUpdates: 1,
  vaeBatch: 50,
  elboTerms: 20,
  decodedSteps: 20,
};
const { warmUp: _, ...manyRl2 } = many;

interface Row {
  name: string;
  env: string;
  environmentOptions?: Record<string, unknown>;
  learner: () => Algorithm;
}

const rows: Record<string, Row> = {
  "rl2-point": {
    name: "RL² on PointGoal-v0, 64 environments, 2 passes",
    env: "PointGoal-v0",
    learner: () => rl2(manyRl2) as Algorithm,
  },
  "varibad-point": {
    name: "VariBAD on PointGoal-v0, 64 environments, 2 passes",
    env: "PointGoal-v0",
    learner: () => varibad(many) as Algorithm,
  },
  "milet-point": {
    name: "MILET on PointGoal-v0, 64 environments, 2 passes",
    env: "PointGoal-v0",
    learner: () => milet(many) as Algorithm,
  },
  "varibad-grid": {
    name: "VariBAD on GridNavi-v0, its own configuration, all terms of the bound",
    env: "GridNavi-v0",
    environmentOptions: { episodesPerTask: 4 },
    learner: () => varibad(grid) as Algorithm,
  },
  "milet-ant": {
    name: "MILET on AntGoal-v0, 16 environments, 2 passes",
    env: "AntGoal-v0",
    learner: () => milet(ant) as Algorithm,
  },
  "milet-ant-64": {
    name: "MILET on AntGoal-v0, 64 environments, 2 passes",
    env: "AntGoal-v0",
    learner: () => milet({ ...ant, environments: 64 }) as Algorithm,
  },
};

const print = (name: string, value: number, unit: string) =>
  console.log(JSON.stringify({ name, value: Number(value.toPrecision(4)), unit }));
const median = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1];

/** Processor time of this process, all threads, in seconds. */
function processorSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** One step in so many is timed: reading the clock of the process takes as long as a step of a small network. */
const TIMED = 10;

/** The problem, and the processor seconds that its environments have taken, from the steps that are timed. */
function timed(problem: Problem): { problem: Problem; environments: () => number } {
  let total = 0;
  return {
    environments: () => total,
    problem: {
      ...problem,
      async vector(count, rng) {
        const vector = await problem.vector(count, rng);
        const step = vector.step.bind(vector);
        let steps = 0;
        vector.step = (actions) => {
          if (steps++ % TIMED > 0) return step(actions);
          const start = processorSeconds();
          step(actions);
          total += TIMED * (processorSeconds() - start);
        };
        return vector;
      },
    },
  };
}

/** Iterations of each measurement, and processor seconds that a measurement takes at least. */
const MEASUREMENTS = 5;
const LEAST = 1;

async function begin({ env, environmentOptions, learner }: Row) {
  const { problem, environments } = timed(await problemOf(env, environmentOptions));
  const algorithm = learner();
  const state: State & { steps?: number } = await algorithm.init(problem, createRng(0));
  for (let k = 0; k < 3; k++) await algorithm.update(state);
  const steps = () => (state as unknown as { steps: number }).steps;
  return { update: () => algorithm.update(state), steps, environments };
}

async function measure(row: Row): Promise<void> {
  const { update, steps, environments } = await begin(row);
  const rates: number[] = [];
  const shares: number[] = [];
  for (let k = 0; k < MEASUREMENTS; k++) {
    const before = { seconds: processorSeconds(), steps: steps(), environments: environments() };
    while (processorSeconds() - before.seconds < LEAST) await update();
    const seconds = processorSeconds() - before.seconds;
    rates.push((steps() - before.steps) / seconds);
    shares.push(1 - (environments() - before.environments) / seconds);
  }
  print(`${row.name}, median of ${MEASUREMENTS}`, median(rates), "frames per CPU second");
  print(`${row.name}, share of the learner`, 100 * median(shares), "%");
}

async function memory(frames: number): Promise<void> {
  const { update, steps } = await begin(rows["milet-point"]);
  const resident = async (upTo: number) => {
    while (steps() < upTo) await update();
    print(`resident memory after ${steps()} frames of MILET`, process.memoryUsage.rss() / 2 ** 20, "MiB");
  };
  await resident(frames / 4);
  await resident(frames);
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { memory: { type: "string" } },
});
if (values.memory !== undefined) await memory(Number(values.memory));
else if (positionals.length > 0) for (const name of positionals) await measure(rows[name]);
else {
  for (const name of Object.keys(rows)) {
    spawnSync(process.execPath, [fileURLToPath(import.meta.url), name], { stdio: "inherit" });
  }
}
