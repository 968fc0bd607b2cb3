/**
 * @file BernoulliBandit-v0: each arm pays 1 with its own probability, else 0. The probabilities are uniform on [0, 1].
 * This is the family of [Duan et al. 2016, §3.1], who use 5, 10 or 50 arms and 10, 100 or 500 pulls.
 */

import type * as z from "zod";
import { fraction, resolveOptions } from "../../src/config/options.js";
import { type BanditEnvironment, bandit, banditOptions } from "./bandit.js";

const ID = "BernoulliBandit-v0";

export const bernoulliBanditOptions = banditOptions;

/**
 * The Bernoulli bandit. Actions: the arms. Reward 1 with the arm's probability, else 0. With `clusters`, the arms of
 * the task's group have probabilities uniform on [½, 1]; the other arms have probabilities uniform on [0, ½].
 *
 * @throws {UsageError} for options that are not valid.
 */
export function bernoulliBandit(options: z.input<typeof bernoulliBanditOptions> = {}): BanditEnvironment {
  const resolved = resolveOptions(ID, bernoulliBanditOptions, options);
  const isUniform = resolved.clusters === 1;
  return bandit(ID, resolved, {
    mean: fraction(),
    sampleMean: (isBetter, rng) => (isUniform ? rng.uniform() : (isBetter ? 0.5 : 0) + 0.5 * rng.uniform()),
    pull: (mean, rng) => (rng.uniform() < mean ? 1 : 0),
    rewards: (mean) => [
      { probability: mean, reward: 1 },
      { probability: 1 - mean, reward: 0 },
    ],
  });
}
