/**
 * @file GaussianBandit-v0: arms that pay normal rewards about means of their own, themselves normal: the testbed of
 * Sutton & Barto (2018, "Reinforcement learning: an introduction", §2.3) with its 10 arms and unit variances.
 */

import { z } from "zod";
import { nonNegative, resolveOptions } from "../../src/config/options.js";
import type { Environment } from "../../src/env/contracts.js";
import { bandit, banditOptions } from "./bandit.js";

const ID = "GaussianBandit-v0";

export const gaussianBanditOptions = banditOptions.extend({
  noise: nonNegative().default(1).describe("standard deviation of the reward of an arm"),
  advantage: nonNegative()
    .default(2)
    .describe(
      "with clusters: difference between the expected mean reward of the better group and that of the others",
    ),
});

/**
 * The bandit. Actions: the arms. Rewards N(mean, noise²), with means N(0, 1). With `clusters`, the means of the arms of
 * the task's group are N(advantage, 1).
 */
export function gaussianBandit(options: z.input<typeof gaussianBanditOptions> = {}): Environment {
  const { noise, advantage, ...rest } = resolveOptions(ID, gaussianBanditOptions, options);
  return bandit(ID, rest, {
    mean: z.number(),
    sampleMean: (isBetter, rng) => (isBetter ? advantage : 0) + rng.normal(),
    pull: (mean, rng) => mean + noise * rng.normal(),
    // A model has finitely many outcomes, and what follows depends on the mean alone.
    rewards: (mean) => [{ probability: 1, reward: mean }],
  });
}
