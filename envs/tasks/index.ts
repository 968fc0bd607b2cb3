/** @file Families of navigation tasks on a grid, for the registry. */

import type { EnvironmentSpec } from "../../src/env/registry.js";
import { gridNavi, gridNaviClusters, gridNaviOptions } from "./grid-navi.js";

export const gridTasks: EnvironmentSpec[] = [
  {
    id: "GridNavi-v0",
    summary: "find a goal in a small grid, then walk to it; a family of tasks; exact model of each",
    listing: { observations: "Discrete(25)", actions: "Discrete(5)", limit: 15 },
    options: gridNaviOptions,
    make: gridNavi,
  },
  {
    id: "GridNaviClusters-v0",
    summary: "the same with goals in four corners, a cluster each; exact model of each",
    listing: { observations: "Discrete(25)", actions: "Discrete(5)", limit: 15 },
    options: gridNaviOptions,
    make: gridNaviClusters,
  },
];
