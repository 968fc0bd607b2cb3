/** @file Registry entries of the families of navigation tasks on a grid. */

import type { EnvironmentSpec } from "../../src/env/registry.js";
import { gridNavi, gridNaviClusters, gridNaviClustersOptions, gridNaviOptions } from "./grid-navi.js";

export const gridTasks: EnvironmentSpec[] = [
  {
    id: "GridNavi-v0",
    summary: "find a goal in a small grid, then walk to it; a family of tasks with exact models",
    listing: { observations: "Discrete(25)", actions: "Discrete(5)", limit: 15 },
    names: { actions: ["up", "right", "down", "left", "stay"] },
    options: gridNaviOptions,
    make: gridNavi,
  },
  {
    id: "GridNaviClusters-v0",
    summary: "GridNavi with goals in the four corners; tasks in 4 clusters, with exact models",
    listing: { observations: "Discrete(25)", actions: "Discrete(5)", limit: 15 },
    names: { actions: ["up", "right", "down", "left", "stay"] },
    options: gridNaviClustersOptions,
    make: gridNaviClusters,
  },
];
