/** @file The environments of the comparison of inverse methods, small enough to solve each exactly for ten seeds. */

import type { GridEnvironment } from "../../envs/gridworld/environment.js";
import { gridworld } from "../../envs/gridworld/gridworld.js";
import { macroCells } from "../../envs/gridworld/macro-cells.js";
import { objectworld } from "../../envs/gridworld/objectworld.js";

/** Steps of an episode, and γ; the discounted return after these steps is small. */
export const STEPS = 40;
export const discount = 0.9;

/** Creates the environment of a seed; the seed changes the reward or the map. */
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
