/** @file Settings of behaviour cloning and DAgger. */

import type { Tuned, TunedTable } from "./entry.js";

const source = (page: string) => `own trials; see docs/evidence/${page}.md`;

/** The same number of gradient steps for every number of demonstrations: passes over few pairs end too early. */
const robot = {
  hidden: [128, 128],
  minibatchSize: 256,
  learningRate: 1e-3,
  loss: "squared-error",
  normaliseObservations: true,
  epochs: { updates: 20_000, least: 1 },
};
const ROBOTS = ["Hopper-v5", "HalfCheetah-v5", "Walker2d-v5", "Ant-v5"];

/** A linear policy over one-hot states is a table: it can fit any labels and does not generalise to other states. */
const table = { hidden: [], learningRate: 0.3, minibatchSize: 64 };
const TABULAR = ["Gridworld-v0", "FourRooms-v0", "Maze-v0", "Corridor-v0"];

const laneKeeping = { hidden: [32], learningRate: 3e-3, loss: "squared-error", epochs: 10 };

const all = (envs: readonly string[], entry: Tuned) => Object.fromEntries(envs.map((env) => [env, entry]));

/** Short rounds let the latest learner choose most of the queried states. */
const rounds = 20;
const queries = (env: string, roundSteps: number): Record<string, Tuned> => ({
  [env]: { options: { rounds, roundSteps, epochs: 10 }, source: source("imitation") },
});

export const cloningSettings: TunedTable = {
  bc: {
    ...all(["CartPole-v1", "Acrobot-v1"], {
      options: { epochs: { updates: 625, least: 20 } },
      source: source("imitation"),
    }),
    ...all(TABULAR, { options: { ...table, epochs: 30 }, source: source("imitation") }),
    ...all(ROBOTS, { options: robot, source: source("imitation") }),
    "LaneKeeping-v0": { options: laneKeeping, source: source("dagger") },
  },
  dagger: {
    ...queries("CartPole-v1", 125),
    ...queries("Acrobot-v1", 20),
    ...all(TABULAR, {
      options: { ...table, rounds, roundSteps: 40, epochs: 10 },
      source: source("imitation"),
    }),
    ...all(ROBOTS, { options: { ...robot, rounds: 10, roundSteps: 2500 }, source: source("imitation") }),
    "LaneKeeping-v0": {
      options: { ...laneKeeping, rounds: 10, roundSteps: 100 },
      source: source("dagger"),
    },
  },
};
