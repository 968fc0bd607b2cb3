/** @file Shared by the tests of IRL likelihoods: a random model, episodes in it, and finite differences. */

import { expect } from "vitest";
import type { LikelihoodModel } from "../../../algorithms/irl/entropy/likelihood-ascent.js";
import {
  type DemonstratedVisits,
  demonstratedVisits,
  expectedVisits,
} from "../../../algorithms/irl/shared/demonstrated-visits.js";
import { entryRewards, visitsOf } from "../../../algorithms/irl/shared/features.js";
import { demonstrationsOf } from "../../../src/datasets/demonstrations.js";
import type { TabularModel } from "../../../src/env/contracts.js";
import { randomModel } from "../../../src/mdp/index.js";
import { createRng, type Rng } from "../../../src/random/rng.js";
import { discrete } from "../../../src/spaces/index.js";
import { randomTable } from "../../mdp/random.js";

export const HORIZON = 4;
export const DISCOUNT = 0.8;

/** Four ordinary states and a terminal one. */
export const randomWorld = (seed: string) =>
  randomModel(createRng(seed), { states: 5, actions: 2, branching: 2, discount: DISCOUNT, terminals: 1 });

/** Episodes of random actions in a model, truncated after `limit` steps. */
export function episodesIn(model: TabularModel, rng: Rng, count: number, limit: number) {
  const all = Array.from({ length: count }, () => {
    const path = [rng.categorical(model.initial)];
    const chosen: number[] = [];
    const rewards: number[] = [];
    while (chosen.length < limit && !model.terminal[path[path.length - 1]]) {
      const action = rng.integer(model.actions);
      const pair = path[path.length - 1] * model.actions + action;
      const row = model.probability.subarray(model.rowStart[pair], model.rowStart[pair + 1]);
      const entry = model.rowStart[pair] + rng.categorical(row);
      path.push(model.next[entry]);
      chosen.push(action);
      rewards.push(model.reward[entry]);
    }
    const terminated = model.terminal[path[path.length - 1]] === 1;
    return {
      observations: Float32Array.from(path),
      actions: Int32Array.from(chosen),
      rewards: Float64Array.from(rewards),
      terminated,
      truncated: !terminated,
    };
  });
  return demonstrationsOf(all, {
    env: "Random",
    observationSpace: discrete(model.states),
    actionSpace: discrete(model.actions),
  });
}

/** The largest difference between the slope of a likelihood in the table and central differences. */
export function slopeError(
  model: TabularModel,
  soft: LikelihoodModel,
  rewardOf: "next-state" | "state-action",
  rng: Rng,
) {
  const size = rewardOf === "next-state" ? model.states : model.states * model.actions;
  const table = rng.fillNormal(new Float64Array(size));
  const at = (x: Float64Array) => soft.evaluate(entryRewards(model, rewardOf, x));
  const slope = visitsOf(model, rewardOf, at(table).slope);
  const errors = Array.from(table, (x, i) => {
    const moved = (step: number) =>
      at(Float64Array.from(table, (y, j) => (j === i ? x + step : y))).logLikelihood;
    return Math.abs((moved(1e-4) - moved(-1e-4)) / 2e-4 - slope[i]);
  });
  expect(Math.hypot(...slope)).toBeGreaterThan(0.05);
  return Math.max(...errors);
}

/** The two ways to know an expert's visits, over a horizon or without one. */
export const expertVisits: Record<string, (model: TabularModel, horizon?: number) => DemonstratedVisits> = {
  "episodes that end or are cut off": (model, horizon) =>
    demonstratedVisits(model, episodesIn(model, createRng("shown"), 6, 3), { discount: DISCOUNT, horizon }),
  "the expectations of an expert": (model, horizon) =>
    expectedVisits(model, randomTable(model, createRng("expert")), { discount: DISCOUNT, horizon }),
};
