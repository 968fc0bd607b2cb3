/** @file Settings of imitation with a policy optimiser, where those of the optimiser alone would not do. */

import type { Tuned, TunedTable } from "./entry.js";
import { mujocoPpo } from "./on-policy.js";

/** Longer rollouts than PPO alone needs and decreasing rates, because a learnt reward keeps changing. */
const cartPoleImitation: Tuned = {
  options: {
    optimiser: {
      algorithm: "ppo",
      environments: 32,
      rolloutSteps: 64,
      minibatchSize: 256,
      epochs: 10,
      gaeLambda: 0.9,
      learningRate: { from: 1e-3, to: 1e-5, steps: 160_000 },
    },
  },
  steps: 160_000,
  source: "own trials; see docs/evidence/adversarial.md",
};

/** More environments and larger batches than PPO alone has on a robot: a reward that changes needs many steps. */
const robotImitation = (steps: number, own: Record<string, unknown> = {}, discriminator = {}): Tuned => ({
  options: {
    optimiser: {
      ...mujocoPpo,
      algorithm: "ppo",
      environments: 8,
      rolloutSteps: 256,
      minibatchSize: 256,
      learningRate: { from: 3e-4, to: 3e-5, steps, shape: "linear" },
      ...own,
    },
    discriminator,
  },
  steps,
  source: "own trials; see docs/evidence/imitation.md",
});

/** Four times the environment steps per update, with minibatches twice as large and the same number of gradient steps. */
const largeBatches = { rolloutSteps: 1024, minibatchSize: 512, epochs: 5 };

const robots: Readonly<Record<string, Tuned>> = {
  "Hopper-v5": robotImitation(1_000_000),
  "Walker2d-v5": robotImitation(1_000_000),
  // The expert runs faster than PPO alone learns to: a smaller discount and a slower discriminator help.
  "HalfCheetah-v5": robotImitation(
    5_000_000,
    { rolloutSteps: 512, hidden: [128, 128], discount: 0.98, gaeLambda: 0.92 },
    { updates: 32, learningRate: 3e-4 },
  ),
  // With 105 observed numbers, mostly contact forces, the discriminator separates the two at once: use small steps.
  "Ant-v5": robotImitation(
    4_000_000,
    { ...largeBatches, hidden: [128, 128], initialLogStd: -1 },
    { learningRate: 1e-4 },
  ),
};

/**
 * With log π(a | s) in its logit the discriminator separates the two easily: use a small step size. Noise beyond the
 * bounds of an action is not executed, so an entropy bonus makes it grow there.
 */
const ofAirl = ({ options, ...rest }: Tuned): Tuned => ({
  ...rest,
  source: "those of gail, changed by own trials; see docs/evidence/imitation.md",
  options: {
    ...options,
    rewardInputs: "state-action",
    entropyWeight: 0,
    discriminator: { learningRate: 3e-4, ...(options.discriminator as object) },
  },
});

const GRIDS = ["Gridworld-v0", "FourRooms-v0", "Maze-v0", "Corridor-v0"];
const GRID_STEPS = 60_000;
const onGrids = (entry: Omit<Tuned, "source">): Record<string, Tuned> =>
  Object.fromEntries(
    GRIDS.map((env) => [env, { ...entry, source: "own trials; see docs/evidence/imitation.md" }]),
  );

/** Settings of PPO on gridworlds, tuned with five demonstrations. */
const gridImitation = {
  options: {
    optimiser: {
      algorithm: "ppo",
      environments: 32,
      rolloutSteps: 32,
      minibatchSize: 256,
      epochs: 10,
      gaeLambda: 0.9,
      learningRate: { from: 3e-3, to: 1e-4, steps: GRID_STEPS },
    },
  },
  steps: GRID_STEPS,
};

const softQ = (options: object, steps: number): Tuned => ({
  options: { optimiser: { algorithm: "dqn", ...options } },
  steps,
  source: "own trials; see docs/evidence/imitation.md",
});

/** The settings of every method that has its own, by environment. */
export const imitationSettings: TunedTable = {
  airl: {
    // Floors are slippery, so a reward of states alone would have to explain random transitions.
    ...onGrids({ ...gridImitation, options: { ...gridImitation.options, rewardInputs: "state-action" } }),
    "CartPole-v1": cartPoleImitation,
    // A reward of states alone, or with an entropy bonus, failed from one episode or five under some seeds.
    "Acrobot-v1": {
      ...cartPoleImitation,
      options: { ...cartPoleImitation.options, rewardInputs: "state-action", entropyWeight: 0 },
      source: "own trials; see docs/evidence/imitation.md",
    },
    ...Object.fromEntries(Object.entries(robots).map(([env, entry]) => [env, ofAirl(entry)])),
    "Walker2d-v5": ofAirl(robotImitation(4_000_000, largeBatches)),
  },
  density: { "CartPole-v1": cartPoleImitation, ...onGrids(gridImitation) },
  distributionMatching: {
    "CartPole-v1": cartPoleImitation,
    ...onGrids({ options: { estimator: "exact", updates: 200 } }),
  },
  gail: { "CartPole-v1": cartPoleImitation, ...onGrids(gridImitation), ...robots },
  sqil: {
    "CartPole-v1": softQ({}, 60_000),
    "Acrobot-v1": softQ({}, 60_000),
    ...onGrids({ options: { optimiser: { algorithm: "dqn", hidden: [64] } }, steps: 20_000 }),
  },
};
