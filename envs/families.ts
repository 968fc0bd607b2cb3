/** @file The families of environments by their ids, each with the module that has them, for pages that load one at a time. */

import type { EnvironmentSpec } from "../src/env/registry.js";

interface Family {
  ids: readonly string[];
  load(): Promise<readonly EnvironmentSpec[]>;
}

export const families: Record<string, Family> = {
  "classic-control": {
    ids: ["CartPole-v1", "Pendulum-v1", "MountainCar-v0", "MountainCarContinuous-v0", "Acrobot-v1"],
    load: async () => (await import("./classic-control/index.js")).classicControl,
  },
  "toy-text": {
    ids: [
      "FrozenLake-v1",
      "FrozenLake8x8-v1",
      "CliffWalking-v1",
      "CliffWalkingSlippery-v1",
      "Taxi-v3",
      "Taxi-v4",
      "Blackjack-v1",
    ],
    load: async () => (await import("./toy-text/index.js")).toyText,
  },
  gridworld: {
    ids: [
      "Gridworld-v0",
      "Corridor-v0",
      "FourRooms-v0",
      "Maze-v0",
      "MacroCells-v0",
      "Objectworld-v0",
      "KeyDoor-v0",
      "PartialGrid-v0",
    ],
    load: async () => (await import("./gridworld/index.js")).gridworlds,
  },
  bandits: {
    ids: ["BernoulliBandit-v0", "GaussianBandit-v0"],
    load: async () => (await import("./bandits/index.js")).bandits,
  },
  points: {
    ids: ["PointGoal-v0", "PointNavigation-v0"],
    load: async () => (await import("./points/index.js")).points,
  },
  driving: {
    ids: ["LaneKeeping-v0"],
    load: async () => (await import("./driving/index.js")).driving,
  },
  tasks: {
    ids: ["GridNavi-v0", "GridNaviClusters-v0"],
    load: async () => (await import("./tasks/index.js")).gridTasks,
  },
  tabular: {
    ids: ["Garnet-v0", "Chain-v0", "RiverSwim-v0", "DeepSea-v0", "CombinationLock-v0", "Tightrope-v0"],
    load: async () => (await import("./tabular/index.js")).tabularProblems,
  },
  mujoco: {
    ids: [
      "InvertedPendulum-v5",
      "InvertedDoublePendulum-v5",
      "Reacher-v5",
      "Pusher-v5",
      "Swimmer-v5",
      "Hopper-v5",
      "HalfCheetah-v5",
      "Walker2d-v5",
      "Ant-v5",
      "Humanoid-v5",
      "HumanoidStandup-v5",
      "AntGoal-v0",
      "AntU-v0",
      "AntDir-v0",
      "HalfCheetahDir-v0",
      "HalfCheetahVel-v0",
      "HumanoidDir-v0",
      "HopperRandParams-v0",
      "WalkerRandParams-v0",
      "Tabletop-v0",
    ],
    load: async () => (await import("./mujoco/index.js")).mujoco,
  },
};
