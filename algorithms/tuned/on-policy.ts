/**
 * @file Tuned settings of the on-policy actor-critics, `ppo` and `a2c`, by environment; a first training in a page loads
 * these alone.
 */

import type { Tuned, TunedTable } from "./entry.js";

/** The source of settings of rl-baselines3-zoo. */
export const zoo = (file: string, note = "") => `rl-baselines3-zoo, ${file}.yml${note && `, ${note}`}`;

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
    source: "own trials: −148 to −181 in 10 seeds (docs/evidence/reinforcement-learning.md)",
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

/** The settings of on-policy actor-critics, by environment. */
export const onPolicySettings: TunedTable = { a2c, ppo };
