/**
 * @file CombinationLock-v0: a lock that opens after N right actions in a row and starts over at a wrong one: the reset
 * problem of [Koenig & Simmons 1993]. With A actions, a uniformly random policy opens it after (A^N − 1) A / (A − 1)
 * steps in expectation: the waiting time for N successes of probability 1/A in a row.
 */

import * as z from "zod";
import { count, resolveOptions } from "../../src/config/options.js";
import { requireModelSize } from "../../src/env/check-model.js";
import type { TabularEnvironment } from "../../src/env/contracts.js";
import { tabularEnvironment } from "../../src/env/tabular-environment.js";
import { tabularModel } from "../../src/mdp/index.js";
import { createRng } from "../../src/random/rng.js";
import { modelDiscount, stepLimit } from "../options.js";
import { inARow, instance } from "./options.js";

const ID = "CombinationLock-v0";

export const combinationLockOptions = z.strictObject({
  wheels: count().default(10).describe("number N of right actions in a row that open the lock"),
  actions: z.int().min(2).default(4).describe("number of actions in each state"),
  seed: instance(),
  discount: modelDiscount(),
  maxEpisodeSteps: stepLimit(100),
});

/**
 * The lock. The observation is the number of wheels that are set; `seed` determines the right action for each wheel.
 * Reward 1 for the last wheel, which ends the episode, and 0 before. The optimal value is γ^(N−1).
 *
 * @throws {UsageError} for options that are not valid.
 */
export function combinationLock(
  options: z.input<typeof combinationLockOptions> = {},
): TabularEnvironment<number> {
  const { wheels, actions, seed, maxEpisodeSteps, ...rest } = resolveOptions(
    ID,
    combinationLockOptions,
    options,
  );
  requireModelSize(ID, wheels + 1, actions);
  const rng = createRng(seed).stream("combination");
  const combination = Array.from({ length: wheels }, () => rng.integer(actions));
  const model = tabularModel({
    ...rest,
    states: wheels + 1,
    actions,
    transitions(wheel, action) {
      if (action !== combination[wheel]) return [{ next: 0, probability: 1 }];
      return [{ next: wheel + 1, probability: 1, reward: wheel === wheels - 1 ? 1 : 0 }];
    },
    initial: 0,
    terminal: [wheels],
  });
  return tabularEnvironment(ID, model, { maxEpisodeSteps, render: (state) => inARow(wheels + 1, state) });
}
