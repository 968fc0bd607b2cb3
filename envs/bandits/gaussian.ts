/**
 * @file GaussianBandit-v0: each arm has a normally distributed reward about its own mean, and the means are normally
 * distributed too. With the default 10 arms and unit variances: the testbed of [Sutton & Barto 2018, §2.3].
 */

import * as z from "zod";
import { nonNegative, resolveOptions } from "../../src/config/options.js";
import { type BanditEnvironment, bandit, banditOptions } from "./bandit.js";

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
 * The Gaussian bandit. Actions: the arms. Rewards are N(mean, noise²), with means N(0, 1). With `clusters`, the means
 * of the arms in the task's group are N(advantage, 1).
 *
 * @throws {UsageError} for options that are not valid.
 */
export function gaussianBandit(options: z.input<typeof gaussianBanditOptions> = {}): BanditEnvironment {
  const { noise, advantage, ...rest } = resolveOptions(ID, gaussianBanditOptions, options);
  return bandit(ID, rest, {
    mean: z.number(),
    sampleMean: (isBetter, rng) => (isBetter ? advantage : 0) + rng.normal(),
    pull: (mean, rng) => mean + noise * rng.normal(),
    // A tabular model has finitely many outcomes; expected returns depend only on the mean, so the mean is enough.
    rewards: (mean) => [{ probability: 1, reward: mean }],
  });
}
