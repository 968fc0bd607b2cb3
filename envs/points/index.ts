/** @file Point navigation, for the registry. */

import type { EnvironmentSpec } from "../../src/env/registry.js";
import { pointGoal, pointGoalOptions } from "./point-goal.js";
import { pointNavigation, pointNavigationOptions } from "./point-navigation.js";

export const points: EnvironmentSpec[] = [
  {
    id: "PointGoal-v0",
    summary: "a point that has to find out where it is sent; a family of tasks in 4 clusters",
    listing: { observations: "Box(2)", actions: "Box(2)", limit: 20 },
    options: pointGoalOptions,
    make: pointGoal,
  },
  {
    id: "PointNavigation-v0",
    summary: "a point that goes from anywhere in a room to a goal, past walls if asked",
    listing: { observations: "Box(2)", actions: "Box(2)", limit: 100 },
    options: pointNavigationOptions,
    make: pointNavigation,
  },
];
