/** @file Shared by the tests of inverse RL: a gridworld with its optimal policy as the expert. */

import { macroCells } from "../../../envs/gridworld/macro-cells.js";
import { evaluatePolicy, policyReturn, valueIteration } from "../../../src/mdp/index.js";
import type { Policy } from "../../../src/policies/contract.js";
import { TabularPolicy } from "../../../src/policies/index.js";

export const settings = {
  size: 8,
  macro: 2,
  rewardSeed: 1,
  density: 0.3,
  discount: 0.8,
  maxEpisodeSteps: 30,
};
export const make = () => macroCells(settings);
export const { grid } = make();
export const model = make().model!();
export const features = grid.features as number[][];
export const expert = new TabularPolicy(model.states, valueIteration(model).policy);

export const tableOf = (policy: Policy) => policy.toData().arrays.table.data as Float64Array;
export const value = (table: Float64Array) => policyReturn(model, evaluatePolicy(model, table));
