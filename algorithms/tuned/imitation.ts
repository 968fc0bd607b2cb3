/** @file Settings of imitation that suit an environment, where those of its optimiser alone would not do. */

import type { Tuned, TunedTable } from "./entry.js";
import { mujocoPpo } from "./rl.js";

/** Longer rollouts than PPO alone needs, and rates that fall: a learnt reward never stops moving. */
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
  source: "own trials on every 20th pair of one episode (docs/evidence/adversarial.md)",
};

/** Several environments at once and larger batches than PPO alone has on a robot: a reward that moves wants many steps. */
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
  source: "own trials (docs/evidence/imitation.md)",
});

/** As many gradient steps in an update, but after four times the environment steps, on minibatches twice as large: steadier. */
const largeBatches = { rolloutSteps: 1024, minibatchSize: 512, epochs: 5 };

const robots: Readonly<Record<string, Tuned>> = {
  "Hopper-v5": robotImitation(1_000_000),
  "Walker2d-v5": robotImitation(1_000_000),
  // An expert who runs faster than PPO learns to by itself: less far-sighted, and a discriminator in no hurry.
  "HalfCheetah-v5": robotImitation(
    5_000_000,
    { rolloutSteps: 512, hidden: [128, 128], discount: 0.98, gaeLambda: 0.92 },
    { updates: 32, learningRate: 3e-4 },
  ),
  // Much to observe, contact forces above all, by which a quick discriminator knows anybody: small steps of both.
  "Ant-v5": robotImitation(
    4_000_000,
    { ...largeBatches, hidden: [128, 128], initialLogStd: -1 },
    { learningRate: 1e-4 },
  ),
};

/**
 * Told of π(a | s), a discriminator knows whoever does not act exactly as the expert, so it must be slow. And noise beyond
 * an action's bounds is never carried out: where entropy is paid for, that is where it grows.
 */
const ofAirl = ({ options, ...rest }: Tuned): Tuned => ({
  ...rest,
  source: "those of gail, changed by own trials on Hopper-v5 and Walker2d-v5 (docs/evidence/adversarial.md)",
  options: {
    ...options,
    rewardInputs: "state-action",
    entropyWeight: 0,
    discriminator: { learningRate: 3e-4, ...(options.discriminator as object) },
  },
});

/** The settings of every method that has its own, by environment. */
export const imitationSettings: TunedTable = {
  airl: {
    "CartPole-v1": cartPoleImitation,
    ...Object.fromEntries(Object.entries(robots).map(([env, entry]) => [env, ofAirl(entry)])),
    "Walker2d-v5": ofAirl(robotImitation(4_000_000, largeBatches)),
  },
  density: { "CartPole-v1": cartPoleImitation },
  distributionMatching: { "CartPole-v1": cartPoleImitation },
  gail: { "CartPole-v1": cartPoleImitation, ...robots },
};
