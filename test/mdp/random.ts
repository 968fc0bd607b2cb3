/** @file Random tabular models and policies for property tests. */

import fc from "fast-check";
import type { TabularModel } from "../../src/env/contracts.js";
import { deterministicTable, randomModel } from "../../src/mdp/index.js";
import { createRng, type Rng } from "../../src/random/rng.js";

/** Rows of random probabilities; every third or so puts all its weight on one action. */
export function randomTable({ states, actions }: TabularModel, rng: Rng): Float64Array {
  const table = new Float64Array(states * actions);
  for (let s = 0; s < states; s++) {
    const row = table.subarray(s * actions, (s + 1) * actions);
    if (rng.uniform() < 0.3) row[rng.integer(actions)] = 1;
    else {
      rng.fillUniform(row);
      const sum = row.reduce((total, p) => total + p, 0);
      for (let a = 0; a < actions; a++) row[a] /= sum;
    }
  }
  return table;
}

export function randomChoices(model: TabularModel, rng: Rng): Float64Array {
  return deterministicTable(
    model,
    Int32Array.from({ length: model.states }, () => rng.integer(model.actions)),
  );
}

/** A random model with the stream to draw its policies from. */
export const randomCase = ({ discounts = [0, 0.5, 0.9, 0.99], states = 12 } = {}) =>
  fc
    .record({
      seed: fc.nat(),
      states: fc.integer({ min: 2, max: states }),
      actions: fc.integer({ min: 1, max: 4 }),
      branching: fc.integer({ min: 1, max: 4 }),
      discount: fc.constantFrom(...discounts),
      terminals: fc.integer({ min: 0, max: 1 }),
    })
    .map(({ seed, ...options }) => {
      const rng = createRng(seed);
      return { rng: rng.stream("policies"), model: randomModel(rng.stream("model"), options) };
    });

/** A walk of `length` states to the last one, which is terminal; action 1 goes on and action 0 stays, each for −1. */
export const corridorOptions = (length: number, discount: number) => ({
  states: length,
  actions: 2,
  discount,
  initial: 0,
  terminal: [length - 1],
  transitions: (s: number, a: number) => [{ next: s + a, probability: 1, reward: -1 }],
});
