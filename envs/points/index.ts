/** @file Registry entries of point navigation. */

import type { EnvironmentSpec } from "../../src/env/registry.js";
import { pointGoal, pointGoalOptions } from "./point-goal.js";
import { pointNavigation, pointNavigationOptions } from "./point-navigation.js";

export const points: EnvironmentSpec[] = [
  {
    id: "PointGoal-v0",
    summary: "move a point to a goal that is not observed; a family of tasks in 4 clusters",
    listing: { observations: "Box(2)", actions: "Box(2)", limit: 20 },
    options: pointGoalOptions,
    make: pointGoal,
  },
  {
    id: "PointNavigation-v0",
    summary: "move a point from anywhere in a room to a fixed goal, optionally past walls",
    listing: { observations: "Box(2)", actions: "Box(2)", limit: 100 },
    options: pointNavigationOptions,
    make: pointNavigation,
  },
];
