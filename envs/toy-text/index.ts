/** @file Registry entries of the toy text problems. */

import type { EnvironmentSpec } from "../../src/env/registry.js";
import { blackjack, blackjackOptions } from "./blackjack.js";
import {
  cliffWalking,
  cliffWalkingOptions,
  cliffWalkingSlippery,
  cliffWalkingSlipperyOptions,
} from "./cliff-walking.js";
import { frozenLake, frozenLake8x8, frozenLake8x8Options, frozenLakeOptions } from "./frozen-lake.js";
import { taxi, taxiOptions, taxiV4 } from "./taxi.js";

export const toyText: EnvironmentSpec[] = [
  {
    id: "FrozenLake-v1",
    summary: "cross a slippery lake without falling into a hole; exact model",
    listing: { observations: "Discrete(16)", actions: "Discrete(4)", limit: 100 },
    names: { actions: ["left", "down", "right", "up"] },
    options: frozenLakeOptions,
    make: frozenLake,
  },
  {
    id: "FrozenLake8x8-v1",
    summary: "FrozenLake on the 8 × 8 map; exact model",
    listing: { observations: "Discrete(64)", actions: "Discrete(4)", limit: 200 },
    names: { actions: ["left", "down", "right", "up"] },
    options: frozenLake8x8Options,
    make: frozenLake8x8,
  },
  {
    id: "CliffWalking-v1",
    summary: "walk to the goal along the edge of a cliff; exact model",
    listing: { observations: "Discrete(48)", actions: "Discrete(4)" },
    names: { actions: ["up", "right", "down", "left"] },
    options: cliffWalkingOptions,
    make: cliffWalking,
  },
  {
    id: "CliffWalkingSlippery-v1",
    summary: "CliffWalking on slippery ground; exact model",
    listing: { observations: "Discrete(48)", actions: "Discrete(4)" },
    names: { actions: ["up", "right", "down", "left"] },
    options: cliffWalkingSlipperyOptions,
    make: cliffWalkingSlippery,
  },
  {
    id: "Taxi-v3",
    summary: "pick up a passenger and drive them to their destination; exact model",
    listing: { observations: "Discrete(500)", actions: "Discrete(6)", limit: 200 },
    names: { actions: ["down", "up", "right", "left", "pick up", "drop off"] },
    options: taxiOptions,
    make: taxi,
  },
  {
    id: "Taxi-v4",
    summary: "Taxi under its id in Gymnasium 1.3; exact model",
    listing: { observations: "Discrete(500)", actions: "Discrete(6)", limit: 200 },
    names: { actions: ["down", "up", "right", "left", "pick up", "drop off"] },
    options: taxiOptions,
    make: taxiV4,
  },
  {
    id: "Blackjack-v1",
    summary: "hit or stick against a dealer; exact model",
    listing: { observations: "Tuple(Discrete(32), Discrete(11), Discrete(2))", actions: "Discrete(2)" },
    names: { actions: ["stick", "hit"], observations: ["sum", "dealer's card", "usable ace"] },
    options: blackjackOptions,
    make: blackjack,
  },
];
