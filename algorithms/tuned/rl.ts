/**
 * @file Tuned settings of reinforcement learning algorithms.
 *
 * Sources are the defaults, the hyperparameter files of rl-baselines3-zoo [Raffin 2020] in the names and units of this
 * project, this project's own trials with results in docs/evidence, and choices by hand without a committed result. An
 * entry notes if its source uses a feature that this project lacks, such as state-dependent exploration. `initialLogStd`
 * is of normalised actions: the source's, less the logarithm of half the range of an action.
 */

import type { Tuned, TunedTable } from "./entry.js";
import { onPolicySettings, zoo } from "./on-policy.js";

/** Half the width and half the minibatch of the zoo's: on a processor three to four times the steps a second. */
const mujocoSac = (steps: number, more: Record<string, unknown> = {}): Tuned => ({
  options: { hidden: [128, 128], minibatchSize: 128, learningStarts: 5_000, ...more },
  steps,
  source: zoo("sac", "with half the width and minibatch; 64 gradient steps after every 64 environment steps"),
});

const sac: Record<string, Tuned> = {
  "Pendulum-v1": {
    options: {
      hidden: [64, 64],
      learningRate: 1e-3,
      learningStarts: 500,
      minibatchSize: 64,
      discount: 0.98,
      tau: 0.01,
    },
    steps: 10_000,
    source: "own trials: −136 to −161 in 10 seeds (docs/evidence/reinforcement-learning.md)",
  },
  "PointNavigation-v0": {
    options: { hidden: [64, 64] },
    steps: 50_000,
    source: "chosen by hand, without a committed result: smaller networks",
  },
  "InvertedPendulum-v5": { options: {}, steps: 100_000, source: "the defaults, without a committed result" },
  "InvertedDoublePendulum-v5": {
    options: {},
    steps: 200_000,
    source: "the defaults, without a committed result",
  },
  "Reacher-v5": mujocoSac(100_000),
  "Pusher-v5": mujocoSac(500_000),
  "Swimmer-v5": mujocoSac(500_000, { discount: 0.9999 }),
  "Hopper-v5": mujocoSac(500_000),
  "HalfCheetah-v5": mujocoSac(700_000),
  "Walker2d-v5": {
    ...mujocoSac(1_000_000),
    source: "chosen by hand, without a committed result: as for the other robots",
  },
  "Ant-v5": mujocoSac(1_000_000),
  "Humanoid-v5": mujocoSac(2_000_000),
  "HumanoidStandup-v5": mujocoSac(2_000_000),
};

/** Defaults of the zoo's DQN that differ from those of this project. */
const plainDqn = { activation: "relu", nStep: 1, huberThreshold: 1 };

const dqn: Record<string, Tuned> = {
  "CartPole-v1": {
    options: {},
    steps: 50_000,
    source:
      "own trials with the defaults: 500 of 500 in 7 of 10 seeds; 496, 478 and 322 in the others (docs/evidence/reinforcement-learning.md)",
  },
  "MountainCar-v0": {
    options: {
      ...plainDqn,
      hidden: [256, 256],
      learningRate: 4e-3,
      minibatchSize: 128,
      replaySize: 10_000,
      discount: 0.98,
      trainEvery: 16,
      gradientSteps: 8,
      targetEvery: 300,
      exploration: { from: 1, to: 0.07, steps: 24_000, shape: "linear" },
    },
    steps: 120_000,
    source: zoo("dqn"),
  },
  "Acrobot-v1": {
    options: {
      ...plainDqn,
      hidden: [256, 256],
      learningRate: 6.3e-4,
      minibatchSize: 128,
      replaySize: 50_000,
      learningStarts: 128,
      trainEvery: 4,
      gradientSteps: 4,
      targetEvery: 250,
      exploration: { from: 1, to: 0.1, steps: 12_000, shape: "linear" },
    },
    steps: 100_000,
    source: zoo("dqn"),
  },
};

/** Three seeds each, against the exact optimum of the environment's model. */
const tabularTrials = "own trials against the exact optimum; see docs/evidence/reinforcement-learning.md";

/** For environments with rare rewards: high initial values make untried actions look best. */
const optimistic = (initialValue: number) => ({ initialValue, exploration: 0.05 });

const qLearning: Record<string, Tuned> = {
  "FrozenLake-v1": {
    options: { exploration: 0.5 },
    steps: 300_000,
    source: tabularTrials,
  },
  "FrozenLake8x8-v1": {
    options: { initialValue: 1, exploration: { from: 1, to: 0.1, steps: 1_000_000, shape: "linear" } },
    steps: 2_000_000,
    source: tabularTrials,
  },
  "CliffWalking-v1": {
    options: { exploration: 0.5 },
    steps: 300_000,
    source: tabularTrials,
  },
  "CliffWalkingSlippery-v1": {
    options: { exploration: 0.3 },
    steps: 1_000_000,
    source: tabularTrials,
  },
  "Taxi-v3": { options: {}, steps: 300_000, source: tabularTrials },
  "Taxi-v4": { options: {}, steps: 300_000, source: tabularTrials },
  "Gridworld-v0": {
    options: { exploration: 0.3 },
    steps: 1_000_000,
    source: tabularTrials,
  },
  "FourRooms-v0": {
    options: { exploration: 0.3 },
    steps: 1_000_000,
    source: tabularTrials,
  },
  "KeyDoor-v0": {
    options: { exploration: 0.3 },
    steps: 1_000_000,
    source: tabularTrials,
  },
  "Maze-v0": { options: {}, steps: 300_000, source: tabularTrials },
  "Corridor-v0": {
    options: { exploration: 0.1 },
    steps: 1_000_000,
    source: tabularTrials,
  },
  "Chain-v0": { options: {}, steps: 300_000, source: tabularTrials },
  "CombinationLock-v0": {
    options: optimistic(1),
    steps: 300_000,
    source: tabularTrials,
  },
  "DeepSea-v0": { options: optimistic(1), steps: 300_000, source: tabularTrials },
  "RiverSwim-v0": {
    options: optimistic(100_000),
    steps: 300_000,
    source: tabularTrials,
  },
  "Garnet-v0": {
    options: { exploration: 0.5 },
    steps: 300_000,
    source: tabularTrials,
  },
};

const sarsaFalling = { exploration: { from: 1, to: 0.02, steps: 240_000, shape: "linear" } };

const sarsa: Record<string, Tuned> = {
  "FrozenLake-v1": {
    options: sarsaFalling,
    steps: 300_000,
    source: tabularTrials,
  },
  "RiverSwim-v0": {
    options: { ...sarsaFalling, initialValue: 100_000 },
    steps: 300_000,
    source: tabularTrials,
  },
  "Taxi-v3": { options: sarsaFalling, steps: 300_000, source: tabularTrials },
  "FourRooms-v0": { options: sarsaFalling, steps: 300_000, source: tabularTrials },
  "Maze-v0": { options: sarsaFalling, steps: 300_000, source: tabularTrials },
  "KeyDoor-v0": { options: sarsaFalling, steps: 300_000, source: tabularTrials },
};

/** The settings of every algorithm that has some, by environment. */
export const rlSettings: TunedTable = {
  ...onPolicySettings,
  dqn,
  qLearning,
  sac,
  sarsa,
};
