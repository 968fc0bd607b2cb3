/** @file Registry entries of the driving environments. */

import type { EnvironmentSpec } from "../../src/env/registry.js";
import { laneKeeping, laneKeepingOptions } from "./lane-keeping.js";

export const driving: EnvironmentSpec[] = [
  {
    id: "LaneKeeping-v0",
    summary: "steer a car along a winding road; the errors of a cloned policy accumulate",
    listing: { observations: "Box(6)", actions: "Box(1)", limit: 200 },
    names: { observations: ["offset", "heading", "bend here", "bend in 5 m", "in 10 m", "in 15 m"] },
    options: laneKeepingOptions,
    make: laneKeeping,
  },
];
