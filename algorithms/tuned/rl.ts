/**
 * @file Tuned settings of reinforcement learning algorithms.
 *
 * Sources are the defaults, the hyperparameter files of rl-baselines3-zoo [Raffin 2020] in the names and units of this
 * project, this project's own trials with results in docs/evidence, and choices by hand without a committed result. An
 * entry notes if its source uses a feature that this project lacks, such as state-dependent exploration. `initialLogStd`
 * is of normalised actions: the source's, less the logarithm of half the range of an action.
 */

import type { Tuned, TunedTable } from "./entry.js";

const zoo = (file: string, note = "") => `rl-baselines3-zoo, ${file}.yml${note && `, ${note}`}`;

const normalised = { normaliseObservations: true, normaliseRewards: true };

/** The default PPO settings of Stable-Baselines3, on which the zoo's MuJoCo settings are based. */
const baselinesPpo = {
  environments: 1,
  rolloutSteps: 2048,
  minibatchSize: 64,
  epochs: 10,
  discount: 0.99,
  gaeLambda: 0.95,
  learningRate: 3e-4,
};
/** The base of the MuJoCo settings, with normalised observations and rewards. */
export const mujocoPpo = { ...baselinesPpo, ...normalised };
/** The networks of the zoo's later MuJoCo settings. */
const wide = { hidden: [256, 256], activation: "relu", initialLogStd: -2 };

/** For families of tasks, which only a policy with memory can distinguish. */
const withMemory: Tuned = {
  options: {
    environments: 16,
    rolloutSteps: 64,
    minibatchSize: 256,
    epochs: 8,
    discount: 0.99,
    gaeLambda: 0.95,
    learningRate: 3e-4,
    recurrentUnits: 64,
  },
  steps: 1_000_000,
  source: "chosen by hand, without a committed result: a memory and longer rollouts, for task families",
};

const ppo: Record<string, Tuned> = {
  "CartPole-v1": { options: {}, steps: 50_000, source: zoo("ppo", "with constant rates: the defaults") },
  "Acrobot-v1": {
    options: {
      ...normalised,
      environments: 16,
      rolloutSteps: 256,
      minibatchSize: 64,
      epochs: 4,
      discount: 0.99,
      gaeLambda: 0.94,
      learningRate: 3e-4,
    },
    steps: 200_000,
    source: zoo("ppo", "for a fifth of its time"),
  },
  "MountainCar-v0": {
    options: {
      ...normalised,
      environments: 16,
      rolloutSteps: 16,
      minibatchSize: 64,
      epochs: 4,
      discount: 0.99,
      gaeLambda: 0.98,
      learningRate: 3e-4,
    },
    steps: 1_000_000,
    source: zoo("ppo"),
  },
  "MountainCarContinuous-v0": {
    options: {
      ...normalised,
      environments: 16,
      rolloutSteps: 256,
      minibatchSize: 256,
      epochs: 10,
      discount: 0.999,
      gaeLambda: 0.95,
      entropyCoefficient: 0.01,
      initialLogStd: 1,
    },
    steps: 200_000,
    source:
      "own trials: 93 to 94 in 10 seeds (docs/evidence/reinforcement-learning.md); wide first actions find the goal",
  },
  "Pendulum-v1": {
    options: {
      ...normalised,
      environments: 4,
      rolloutSteps: 512,
      minibatchSize: 64,
      epochs: 10,
      discount: 0.95,
      gaeLambda: 0.95,
      learningRate: { from: 1e-3, to: 5e-5, steps: 100_000, shape: "linear" },
    },
    steps: 100_000,
    source: "own trials: −152 to −173 in 10 seeds (docs/evidence/reinforcement-learning.md)",
  },
  "InvertedPendulum-v5": {
    options: {
      ...normalised,
      environments: 1,
      rolloutSteps: 32,
      minibatchSize: 32,
      epochs: 5,
      discount: 0.999,
      gaeLambda: 0.9,
      learningRate: 2.22e-4,
      clip: 0.4,
      maxGradientNorm: 0.3,
      valueCoefficient: 0.2,
      initialLogStd: -1.1,
    },
    steps: 100_000,
    source: zoo("ppo", "for -v3, with a minibatch of one rollout and a tenth of its time"),
  },
  "InvertedDoublePendulum-v5": {
    options: {
      ...normalised,
      environments: 1,
      rolloutSteps: 128,
      minibatchSize: 128,
      epochs: 10,
      discount: 0.98,
      gaeLambda: 0.8,
      learningRate: 1.55e-4,
      clip: 0.4,
      valueCoefficient: 0.7,
    },
    steps: 1_000_000,
    source: zoo("ppo", "for -v3, with a minibatch of one rollout"),
  },
  "Reacher-v5": {
    options: {
      ...normalised,
      environments: 1,
      rolloutSteps: 512,
      minibatchSize: 32,
      epochs: 5,
      discount: 0.9,
      gaeLambda: 1,
      learningRate: 1.04e-4,
      clip: 0.3,
      maxGradientNorm: 0.9,
      valueCoefficient: 0.95,
    },
    steps: 1_000_000,
    source: zoo("ppo", "for -v2"),
  },
  "Pusher-v5": {
    options: { ...mujocoPpo, initialLogStd: -0.7 },
    steps: 1_000_000,
    source: zoo("ppo", "its defaults for MuJoCo, without a committed result"),
  },
  "Swimmer-v5": {
    options: {
      ...mujocoPpo,
      environments: 4,
      rolloutSteps: 1024,
      minibatchSize: 256,
      discount: 0.9999,
      gaeLambda: 0.98,
      learningRate: 6e-4,
    },
    steps: 1_000_000,
    source: zoo("ppo", "for -v4"),
  },
  "Hopper-v5": {
    options: {
      ...mujocoPpo,
      learningRate: { from: 3e-4, to: 3e-5, steps: 500_000, shape: "linear" },
    },
    steps: 500_000,
    source: "own trials: 3257, 3282 and 3557 after 500 000 steps (docs/evidence/reinforcement-learning.md)",
  },
  "HalfCheetah-v5": {
    options: {
      ...normalised,
      ...wide,
      environments: 1,
      rolloutSteps: 512,
      minibatchSize: 64,
      epochs: 20,
      discount: 0.98,
      gaeLambda: 0.92,
      learningRate: 2.06e-5,
      clip: 0.1,
      entropyCoefficient: 4e-4,
      maxGradientNorm: 0.8,
      valueCoefficient: 0.58,
    },
    steps: 1_000_000,
    source: zoo("ppo", "for -v3"),
  },
  "Walker2d-v5": {
    options: {
      ...normalised,
      environments: 1,
      rolloutSteps: 512,
      minibatchSize: 32,
      epochs: 20,
      discount: 0.99,
      gaeLambda: 0.95,
      learningRate: { from: 1e-4, to: 1e-5, steps: 1_000_000, shape: "linear" },
      clip: 0.1,
      entropyCoefficient: 5.9e-4,
      maxGradientNorm: 1,
      valueCoefficient: 0.87,
    },
    steps: 1_000_000,
    source: zoo("ppo", "for -v3, with a learning rate that decreases"),
  },
  "Ant-v5": { options: mujocoPpo, steps: 1_000_000, source: zoo("ppo", "for -v3") },
  "Humanoid-v5": {
    options: {
      ...normalised,
      ...wide,
      initialLogStd: -1.1,
      environments: 1,
      rolloutSteps: 512,
      minibatchSize: 256,
      epochs: 5,
      discount: 0.95,
      gaeLambda: 0.9,
      learningRate: 3.57e-5,
      clip: 0.3,
      entropyCoefficient: 0.0024,
      maxGradientNorm: 2,
      valueCoefficient: 0.43,
    },
    steps: 10_000_000,
    source: zoo("ppo", "for -v3"),
  },
  "HumanoidStandup-v5": {
    options: {
      ...normalised,
      ...wide,
      initialLogStd: -1.1,
      environments: 1,
      rolloutSteps: 512,
      minibatchSize: 32,
      epochs: 20,
      discount: 0.99,
      gaeLambda: 0.9,
      learningRate: 2.56e-5,
      clip: 0.3,
      maxGradientNorm: 0.7,
      valueCoefficient: 0.43,
    },
    steps: 10_000_000,
    source: zoo("ppo", "for -v3"),
  },
  "Blackjack-v1": {
    options: { discount: 1 },
    steps: 200_000,
    source: "chosen by hand, without a committed result: undiscounted, as the game is",
  },
  "LaneKeeping-v0": {
    options: { environments: 16, rolloutSteps: 64, epochs: 10, discount: 0.99, gaeLambda: 0.95 },
    steps: 200_000,
    source: "chosen by hand, without a committed result: a longer horizon",
  },
  "PointNavigation-v0": {
    options: { environments: 16, rolloutSteps: 64, epochs: 10, discount: 0.99, gaeLambda: 0.95 },
    steps: 200_000,
    source: "chosen by hand, without a committed result: a longer horizon",
  },
  "PartialGrid-v0": {
    ...withMemory,
    source: "chosen by hand, without a committed result: a memory, for partial observations",
  },
  "BernoulliBandit-v0": withMemory,
  "GaussianBandit-v0": withMemory,
  "GridNavi-v0": withMemory,
  "GridNaviClusters-v0": withMemory,
  "PointGoal-v0": withMemory,
  "Tabletop-v0": withMemory,
  "AntDir-v0": withMemory,
  "AntGoal-v0": withMemory,
  "AntU-v0": withMemory,
  "HalfCheetahDir-v0": withMemory,
  "HalfCheetahVel-v0": withMemory,
  "HopperRandParams-v0": withMemory,
  "HumanoidDir-v0": withMemory,
  "WalkerRandParams-v0": withMemory,
};

const a2cNormalised: Tuned = {
  options: { ...normalised, environments: 16, rolloutSteps: 5 },
  steps: 500_000,
  source: zoo("a2c"),
};

const a2c: Record<string, Tuned> = {
  "CartPole-v1": {
    options: { rolloutSteps: 5 },
    steps: 200_000,
    source: zoo("a2c", "for less than half its time"),
  },
  "Acrobot-v1": a2cNormalised,
  "MountainCar-v0": { ...a2cNormalised, steps: 1_000_000 },
  "Pendulum-v1": {
    options: {
      ...normalised,
      discount: 0.9,
      gaeLambda: 0.9,
      valueCoefficient: 0.4,
      learningRate: { from: 7e-4, to: 7e-6, steps: 1_000_000, shape: "linear" },
    },
    steps: 1_000_000,
    source: zoo(
      "a2c",
      "for -v0, with a smaller discount and wide first actions in place of its state-dependent exploration",
    ),
  },
};

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
    source: "own trials: −147 to −151 in 10 seeds (docs/evidence/reinforcement-learning.md)",
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
      "own trials with the defaults: 500 of 500 in 7 of 10 seeds; 482, 360 and 229 in the others (docs/evidence/reinforcement-learning.md)",
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
  a2c,
  dqn,
  ppo,
  qLearning,
  sac,
  sarsa,
};
