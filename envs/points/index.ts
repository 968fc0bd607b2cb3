/** @file Point navigation, for the registry. */

import type { EnvironmentSpec } from "../../src/env/registry.js";
import { pointGoal, pointGoalOptions } from "./point-goal.js";
import { pointNavigation, pointNavigationOptions } from "./point-navigation.js";

export const points: EnvironmentSpec[] = [
  {
    id: "PointGoal-v0",
    summary: "a point that has to find out where it is sent; a family of tasks in 4 clusters",
    options: pointGoalOptions,
    make: pointGoal,
  },
  {
    id: "PointNavigation-v0",
    summary: "a point that goes from anywhere in a room to a goal, past walls if asked",
    options: pointNavigationOptions,
    make: pointNavigation,
  },
];
