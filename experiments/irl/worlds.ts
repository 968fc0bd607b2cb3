/** @file The environments of the comparison of inverse methods, small enough to solve each exactly for ten seeds. */

import type { GridEnvironment } from "../../envs/gridworld/environment.js";
import { gridworld } from "../../envs/gridworld/gridworld.js";
import { macroCells } from "../../envs/gridworld/macro-cells.js";
import { objectworld } from "../../envs/gridworld/objectworld.js";

/** Steps of an episode, and γ; the discounted return after these steps is small. */
export const STEPS = 40;
export const discount = 0.9;

interface World {
  env: string;
  /** The options of the environment of a seed; the seed changes the reward or the map. */
  options(seed: number): Record<string, unknown>;
  /** The options of the table's methods that differ from those tuned for the environment. */
  own: Record<string, Record<string, unknown>>;
  make(options: Record<string, unknown>): GridEnvironment;
}

const common = { discount, maxEpisodeSteps: STEPS };

export const worlds: Record<string, World> = {
  "macro-cells": {
    env: "MacroCells-v0",
    options: (rewardSeed) => ({ size: 12, macro: 3, rewardSeed, ...common }),
    own: {},
    make: macroCells,
  },
  objectworld: {
    env: "Objectworld-v0",
    options: (layoutSeed) => ({ size: 12, objects: 12, layoutSeed, features: "discrete", ...common }),
    own: {},
    make: objectworld,
  },
  "slippery grid": {
    env: "Gridworld-v0",
    options: (layoutSeed) => ({ size: 8, layoutSeed, slip: 0.2, startAnywhere: true, ...common }),
    own: {
      apprenticeship: { iterations: 100 },
      maxEntIrl: { l2: 1e-4 },
      maxCausalEntIrl: { iterations: 60, l2: 1e-4 },
    },
    make: gridworld,
  },
};
