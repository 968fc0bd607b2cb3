/** @file Settings of inverse reinforcement learning. */

import type { TunedTable } from "./entry.js";

const source = (page: string) => `own trials; see docs/evidence/${page}.md`;

/** Mixtures contain the policies of the first rounds, whose share falls with the number of rounds. */
const manyRounds = { options: { iterations: 400 }, source: source("imitation") };

/** The features of the task, of which there are fewer than states. */
const onFeatures = (options: object) => ({
  options: { features: "task", ...options },
  source: source("inverse-rl"),
});
const ofWorlds = (options: object) => ({
  "MacroCells-v0": onFeatures(options),
  "Objectworld-v0": onFeatures(options),
});

/** Half of the track, the largest angle, and velocities that are rarely exceeded. */
const cartPole = { kind: "quadratic", units: [2.4, 3, 0.21, 3] };
/** 1 for cosine and sine of the angle, and the largest angular velocity. */
const pendulum = { kind: "quadratic", units: [1, 1, 8] };

const ppo = {
  algorithm: "ppo",
  environments: 32,
  rolloutSteps: 64,
  minibatchSize: 256,
  epochs: 10,
  gaeLambda: 0.9,
  learningRate: 1e-3,
};

/** SAC with fast learning, to follow a changing reward. */
const sac = (discount: number, options: { temperature?: number } = {}) => ({
  algorithm: "sac",
  environments: 4,
  hidden: [64, 64],
  learningRate: 3e-3,
  learningStarts: 500,
  minibatchSize: 64,
  tau: 0.02,
  discount,
  ...options,
});

const onCartPole = (options: object) => ({
  options: { features: cartPole, optimiser: ppo, episodes: 20, ...options },
  source: source("inverse-rl"),
});
const onPendulum = (options: object) => ({
  options: { features: pendulum, optimiser: sac(0.98), episodes: 10, ...options },
  source: source("inverse-rl"),
});
/** A soft policy, whose entropy has the weight 1. */
const soft = (discount: number) => ({
  discount,
  optimiser: sac(discount, { temperature: 1 }),
  optimiserUpdates: 4,
  episodes: 10,
});

export const inverseSettings: TunedTable = {
  apprenticeship: {
    ...ofWorlds({ iterations: 100 }),
    "CartPole-v1": onCartPole({ iterations: 6, optimiserUpdates: 10 }),
    "Pendulum-v1": onPendulum({ iterations: 6, optimiserUpdates: 20 }),
  },
  gameTheoretic: {
    "Gridworld-v0": manyRounds,
    "FourRooms-v0": manyRounds,
    "Maze-v0": manyRounds,
    "Corridor-v0": manyRounds,
    ...ofWorlds({ iterations: 400 }),
    "CartPole-v1": onCartPole({ optimiserUpdates: 5, iterations: 20 }),
    "Pendulum-v1": onPendulum({ optimiserUpdates: 8, iterations: 30 }),
  },
  maxCausalEntIrl: {
    ...ofWorlds({ iterations: 60, l2: 1e-4 }),
    "CartPole-v1": onCartPole({ ...soft(0.99), iterations: 40, learningRate: 0.2 }),
    "Pendulum-v1": onPendulum({ ...soft(0.98), iterations: 36, learningRate: 0.3 }),
  },
  maxEntIrl: {
    ...ofWorlds({ l2: 1e-4 }),
    "CartPole-v1": onCartPole({ iterations: 24, optimiserUpdates: 4, learningRate: 0.1 }),
    "Pendulum-v1": onPendulum({ iterations: 24, optimiserUpdates: 6, learningRate: 0.3 }),
  },
};
