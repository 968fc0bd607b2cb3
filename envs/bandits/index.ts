/** @file Registry entries of the bandits. */

import type { EnvironmentSpec } from "../../src/env/registry.js";
import { bernoulliBandit, bernoulliBanditOptions } from "./bernoulli.js";
import { gaussianBandit, gaussianBanditOptions } from "./gaussian.js";

export const bandits: EnvironmentSpec[] = [
  {
    id: "BernoulliBandit-v0",
    summary: "bandit with rewards 0 and 1; a family of tasks, optionally in clusters",
    listing: { observations: "Discrete(1)", actions: "Discrete(10)", limit: 100 },
    options: bernoulliBanditOptions,
    make: bernoulliBandit,
  },
  {
    id: "GaussianBandit-v0",
    summary: "bandit with normal rewards; a family of tasks, optionally in clusters",
    listing: { observations: "Discrete(1)", actions: "Discrete(10)", limit: 100 },
    options: gaussianBanditOptions,
    make: gaussianBandit,
  },
];
