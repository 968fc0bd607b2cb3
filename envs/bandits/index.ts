/** @file The bandits, for the registry. */

import type { EnvironmentSpec } from "../../src/env/registry.js";
import { bernoulliBandit, bernoulliBanditOptions } from "./bernoulli.js";
import { gaussianBandit, gaussianBanditOptions } from "./gaussian.js";

export const bandits: EnvironmentSpec[] = [
  {
    id: "BernoulliBandit-v0",
    summary: "arms that pay 1 or nothing; a family of tasks, in clusters on request",
    listing: { observations: "Discrete(1)", actions: "Discrete(10)", limit: 100 },
    options: bernoulliBanditOptions,
    make: bernoulliBandit,
  },
  {
    id: "GaussianBandit-v0",
    summary: "arms that pay normal rewards; a family of tasks, in clusters on request",
    listing: { observations: "Discrete(1)", actions: "Discrete(10)", limit: 100 },
    options: gaussianBanditOptions,
    make: gaussianBandit,
  },
];
