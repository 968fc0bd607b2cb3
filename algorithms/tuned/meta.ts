/**
 * @file Settings of learners of task families on MuJoCo, for about a million steps. Sizes, discounts and step sizes are
 * those of MILET's published code [Chu, Cai & Wang 2024], and of VariBAD's for RL² [Zintgraf et al. 2020], where these are
 * for 10⁷ to 10⁸ steps: passes, minibatches, clipping and the weights of the bounds stay at the defaults, which were tried
 * on PointGoal-v0.
 */

import type { TunedTable } from "./entry.js";

const source = "sizes and step sizes of published code, passes for fewer steps; see docs/evidence/meta-rl.md";

/** Whole trials of 16 environments. */
const trials = { environments: 16, discount: 0.97, gaeLambda: 0.9 };
/** Few time steps of long trials are decoded from few others, drawn afresh at each gradient step. */
const bound = { latent: 10, elboTerms: 20, decodedSteps: 20, vaeUpdates: 5 };

const ant = {
  ...{ ...trials, ...bound },
  encoderUnits: 32,
  embeddings: { action: 16, observation: 32, reward: 16 },
  hidden: [128, 64],
  learningRate: 3e-4,
};
const humanoid = { ...ant, discount: 0.99, encoderUnits: 128, hidden: [256, 128] };
/** Tasks that differ in dynamics: next observations are decoded too. */
const builds = {
  ...{ ...trials, ...bound },
  encoderUnits: 64,
  embeddings: { action: 32, observation: 32, reward: 32 },
  hidden: [128, 128],
  learningRate: 3e-4,
  decoder: { hidden: [128, 64], state: true },
};
const hopper = { ...builds, learningRate: 5e-4 };

/** Entropy bonuses of the policies of MILET, and of the one policy of VariBAD. */
const exploring = (options: object, exploitation: number) => ({
  ...options,
  entropyCoefficient: exploitation,
  explorationEntropyCoefficient: 10 * exploitation,
});
const bonus = (options: object, entropyCoefficient: number) => ({ ...options, entropyCoefficient });
const recurrent = (learningRate: number, entropyCoefficient: number) => ({
  ...trials,
  recurrentUnits: 128,
  hidden: [64],
  normaliseObservations: true,
  ...{ learningRate, entropyCoefficient },
});

const table = (of: Record<string, object>) =>
  Object.fromEntries(
    Object.entries(of).map(([env, options]) => [env, { options: { ...options }, steps: 1_000_000, source }]),
  );

const onBeliefs = {
  "AntGoal-v0": bonus(ant, 1e-4),
  "AntU-v0": bonus(ant, 1e-4),
  "HumanoidDir-v0": bonus(humanoid, 1e-4),
  "HopperRandParams-v0": bonus(hopper, 1e-3),
  "WalkerRandParams-v0": bonus(builds, 1e-3),
  "Tabletop-v0": bonus(ant, 1e-3),
};

export const metaSettings: TunedTable = {
  varibad: table(onBeliefs),
  oracle: table(onBeliefs),
  milet: table({
    "AntGoal-v0": exploring(ant, 1e-4),
    "AntU-v0": exploring(ant, 1e-4),
    "HumanoidDir-v0": exploring(humanoid, 1e-4),
    "HopperRandParams-v0": exploring(hopper, 1e-3),
    "WalkerRandParams-v0": exploring(builds, 1e-3),
    "Tabletop-v0": { ...exploring(ant, 1e-3), clusters: 6 },
  }),
  rl2: table({
    "AntGoal-v0": recurrent(3e-4, 1e-4),
    "AntU-v0": recurrent(3e-4, 1e-4),
    "HumanoidDir-v0": { ...recurrent(3e-4, 1e-4), discount: 0.99 },
    "HopperRandParams-v0": recurrent(5e-4, 1e-3),
    "WalkerRandParams-v0": recurrent(3e-4, 1e-3),
    "Tabletop-v0": recurrent(3e-4, 1e-3),
  }),
};
