/** @file Driving, for the registry. */

import type { EnvironmentSpec } from "../../src/env/registry.js";
import { laneKeeping, laneKeepingOptions } from "./lane-keeping.js";

export const driving: EnvironmentSpec[] = [
  {
    id: "LaneKeeping-v0",
    summary: "a car on a winding road, on which the errors of a clone add up",
    listing: { observations: "Box(6)", actions: "Box(1)", limit: 200 },
    options: laneKeepingOptions,
    make: laneKeeping,
  },
];
