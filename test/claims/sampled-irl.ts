/** @file Sampled inverse RL on a small grid, from its expert and, as a control, from random episodes. */

import type { Demonstrations } from "../../src/datasets/demonstrations.js";
import { mean } from "../../src/diagnostics/index.js";
import type { Algorithm, State } from "../../src/learning/contract.js";
import { train } from "../../src/runs/train.js";
import { underSeeds } from "../support/claim.js";
import { demonstrated, env } from "../support/imitated-grid.js";

const SEEDS = [0, 1];
const { expert, random } = await demonstrated(30);

export const ppo = { algorithm: "ppo", hidden: [32], discount: 0.9 };
export const sac = {
  algorithm: "sac",
  temperature: 1,
  hidden: [32],
  discount: 0.9,
  learningStarts: 64,
  trainEvery: 32,
  minibatchSize: 64,
  learningRate: 3e-3,
};

/** Mean discounted return. */
const discountedValue = ({ trajectories }: Demonstrations) =>
  mean(trajectories.map(({ rewards }) => rewards.reduce((sum, reward, t) => sum + 0.9 ** t * reward, 0)));

/** What a random policy lacks of the expert's return. */
const whole = discountedValue(expert) - discountedValue(random);

/**
 * Runs from the expert and, as a control, from the random policy. `gap`: what the learner's mean discounted return over
 * the last three rounds lacks of the expert's, as a share of what the random policy lacks.
 */
export const lacking = (create: (options: { demonstrations: Demonstrations }) => unknown) =>
  underSeeds(SEEDS, { claimed: expert, control: random }, async (demonstrations, seed) => {
    const { metrics, policy } = await train.run(create({ demonstrations }) as Algorithm<State>, {
      env,
      seed,
    });
    const own = mean(metrics.slice(-3).map(({ valueGap }) => valueGap));
    return {
      gap: (own + discountedValue(expert) - discountedValue(demonstrations)) / whole,
      metrics,
      policy,
    };
  });
