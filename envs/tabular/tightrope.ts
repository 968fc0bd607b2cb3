/**
 * @file Tightrope-v0: a problem on which the errors of a cloned policy compound as fast as the theory allows.
 *
 * Cloning [Ross & Bagnell 2010, theorem 2.1]: if a learner differs from the expert with probability ε in the states that
 * the *expert* visits, and a step costs at most 1, then its cost over T steps exceeds the expert's by at most ε T².
 * DAgger [Ross, Gordon & Bagnell 2011, theorem 2.2]: if it differs with probability ε in the states that *it* visits, and
 * an error costs at most u when the expert takes over afterwards, the excess is at most u ε T.
 *
 * Here T steps lead along a rope, and every cell has one right action. On the rope, a wrong action falls to the ground.
 * On the ground, the right action climbs back and a wrong one stays. A step that ends on the ground costs 1. The expert
 * never falls, so its demonstrations contain no states on the ground. A learner that errs with probability ε on the rope
 * and never climbs back has the cost
 *
 *     Σ_{t ≤ T} (1 − (1 − ε)^t) = T − (1 − ε) (1 − (1 − ε)^T) / ε,   which is ε T (T + 1) / 2 for small ε T.
 *
 * A learner that errs with probability ε on the ground as well, as after DAgger, has cost ε T; here u = 1.
 */

import * as z from "zod";
import { count, resolveOptions } from "../../src/config/options.js";
import { requireModelSize } from "../../src/env/check-model.js";
import type { TabularEnvironment } from "../../src/env/contracts.js";
import { tabularEnvironment } from "../../src/env/tabular-environment.js";
import { tabularModel } from "../../src/mdp/index.js";
import { createRng } from "../../src/random/rng.js";
import { modelDiscount, optionalStepLimit } from "../options.js";
import { inARow, instance } from "./options.js";

const ID = "Tightrope-v0";

export const tightropeOptions = z.strictObject({
  length: count().default(50).describe("number T of cells of the rope; an episode has T steps"),
  actions: z.int().min(2).default(8).describe("number of actions in each cell, one of which is right"),
  seed: instance(),
  discount: modelDiscount(),
  maxEpisodeSteps: optionalStepLimit("the episode ends after T steps"),
});

/**
 * The rope. Observations are cells: t on the rope after t steps, T + t on the ground below, 2 T at the end. `seed`
 * determines the right action of each cell. Reward −1 for a step that ends on the ground, else 0: the best return is 0.
 *
 * @throws {UsageError} for options that are not valid.
 */
export function tightrope(options: z.input<typeof tightropeOptions> = {}): TabularEnvironment<number> {
  const { length, actions, seed, maxEpisodeSteps, ...rest } = resolveOptions(ID, tightropeOptions, options);
  const end = 2 * length;
  requireModelSize(ID, end + 1, actions);
  const rng = createRng(seed).stream("right");
  const right = Array.from({ length: end }, () => rng.integer(actions));
  const model = tabularModel({
    ...rest,
    states: end + 1,
    actions,
    transitions(cell, action) {
      const isRight = action === right[cell];
      const after = (cell % length) + 1;
      const next = after === length ? end : isRight ? after : length + after;
      return [{ next, probability: 1, reward: isRight ? 0 : -1 }];
    },
    initial: 0,
    terminal: [end],
  });
  const render = (state: number) => `${inARow(length, state)}\n${inARow(length, state - length)}`;
  return tabularEnvironment(ID, model, { maxEpisodeSteps, render });
}
