/** @file A walk of two steps, the smallest model with a terminal state and a choice. */

import { tabularModel } from "../../src/mdp/index.js";

/** Action 1 goes from state s to s + 1 with reward 1, action 0 stays; state 2 is terminal. γ = 0.5. */
export const walk = tabularModel({
  states: 3,
  actions: 2,
  discount: 0.5,
  initial: 0,
  terminal: [2],
  transitions: (s, a) => [{ next: s + a, probability: 1, reward: a }],
});
