/** @file The grids of the comparison of inverse methods: small, so that each of them is solved exactly ten times over. */

import type { GridEnvironment } from "../../envs/gridworld/environment.js";
import { gridworld } from "../../envs/gridworld/gridworld.js";
import { macroCells } from "../../envs/gridworld/macro-cells.js";
import { objectworld } from "../../envs/gridworld/objectworld.js";

/** Steps of an episode, and γ: little of a discounted return is beyond them. */
export const STEPS = 40;
export const discount = 0.9;

/** What a world is for a seed: another reward, or another map. */
export const worlds: Record<string, (seed: number) => GridEnvironment> = {
  "macro-cells": (seed) =>
    macroCells({ size: 12, macro: 3, rewardSeed: seed, discount, maxEpisodeSteps: STEPS }),
  objectworld: (seed) =>
    objectworld({
      size: 12,
      objects: 12,
      layoutSeed: seed,
      features: "discrete",
      discount,
      maxEpisodeSteps: STEPS,
    }),
  "slippery grid": (seed) =>
    gridworld({
      size: 8,
      layoutSeed: seed,
      slip: 0.2,
      startAnywhere: true,
      discount,
      maxEpisodeSteps: STEPS,
    }),
};
