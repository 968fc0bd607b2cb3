/**
 * @file RiverSwim-v0: swim up a river for a large reward, or drift down for a small one. Random exploration takes long
 * here. The constants are those of [Strehl & Littman 2008]: six states, rewards 5 and 10 000.
 */

import * as z from "zod";
import { resolveOptions } from "../../src/config/options.js";
import { requireModelSize } from "../../src/env/check-model.js";
import type { TabularEnvironment } from "../../src/env/contracts.js";
import { tabularEnvironment } from "../../src/env/tabular-environment.js";
import { type Outcome, tabularModel } from "../../src/mdp/index.js";
import { modelDiscount, stepLimit } from "../options.js";
import { inARow } from "./options.js";

const ID = "RiverSwim-v0";

/** Probabilities of swimming: one state up, no change, one state down. */
const UP = 0.3;
const STAY = 0.6;
const DOWN = 0.1;

export const riverSwimOptions = z.strictObject({
  states: z.int().min(4).default(6).describe("number of states of the river"),
  small: z.number().default(5).describe("reward of drifting at the lower end"),
  large: z.number().default(10_000).describe("reward of swimming up at the upper end"),
  discount: modelDiscount(),
  maxEpisodeSteps: stepLimit(1000),
});

/**
 * The river; state 0 is its lower end. Actions: 0 drift down, 1 swim up. Observations are states. The start is state 1 or
 * 2 with probability ½ each.
 *
 * @throws {UsageError} for options that are not valid.
 */
export function riverSwim(options: z.input<typeof riverSwimOptions> = {}): TabularEnvironment<number> {
  const { states, small, large, maxEpisodeSteps, ...rest } = resolveOptions(ID, riverSwimOptions, options);
  requireModelSize(ID, states, 2);
  const last = states - 1;
  const swim = (state: number): Outcome[] => {
    const up = { next: state + 1, probability: UP };
    if (state === 0) return [up, { next: 0, probability: STAY + DOWN }];
    const down = { next: state - 1, probability: DOWN };
    if (state < last) return [up, { next: state, probability: STAY }, down];
    return [
      { next: last, probability: UP, reward: large },
      { next: last - 1, probability: STAY + DOWN },
    ];
  };
  const drift = (state: number): Outcome[] => [
    { next: Math.max(state - 1, 0), probability: 1, reward: state === 0 ? small : 0 },
  ];
  const initial = new Float64Array(states);
  initial[1] = initial[2] = 0.5;
  const model = tabularModel({
    ...rest,
    states,
    actions: 2,
    transitions: (state, action) => (action === 0 ? drift(state) : swim(state)),
    initial,
  });
  return tabularEnvironment(ID, model, { maxEpisodeSteps, render: (state) => inARow(states, state) });
}
