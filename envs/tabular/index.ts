/** @file Registry entries of the tabular problems with known solutions. */

import type { EnvironmentSpec } from "../../src/env/registry.js";
import { chain, chainOptions } from "./chain.js";
import { combinationLock, combinationLockOptions } from "./combination-lock.js";
import { deepSea, deepSeaOptions } from "./deep-sea.js";
import { garnet, garnetOptions } from "./garnet.js";
import { riverSwim, riverSwimOptions } from "./river-swim.js";
import { tightrope, tightropeOptions } from "./tightrope.js";

export const tabularProblems: EnvironmentSpec[] = [
  {
    id: "Garnet-v0",
    summary: "a random decision process of a given size; exact model",
    listing: { observations: "Discrete(30)", actions: "Discrete(4)", limit: 100 },
    options: garnetOptions,
    make: garnet,
  },
  {
    id: "Chain-v0",
    summary: "walk to the end of a chain for a large reward, or back for a small one; exact model",
    listing: { observations: "Discrete(5)", actions: "Discrete(2)", limit: 1000 },
    options: chainOptions,
    make: chain,
  },
  {
    id: "RiverSwim-v0",
    summary: "swim up a river for a large reward, or drift down for a small one; exact model",
    listing: { observations: "Discrete(6)", actions: "Discrete(2)", limit: 1000 },
    options: riverSwimOptions,
    make: riverSwim,
  },
  {
    id: "DeepSea-v0",
    summary: "a treasure that random exploration finds after 2^N episodes on average; exact model",
    listing: { observations: "Discrete(101)", actions: "Discrete(2)" },
    options: deepSeaOptions,
    make: deepSea,
  },
  {
    id: "CombinationLock-v0",
    summary: "a lock that starts over at every wrong action; exact model",
    listing: { observations: "Discrete(11)", actions: "Discrete(4)", limit: 100 },
    options: combinationLockOptions,
    make: combinationLock,
  },
  {
    id: "Tightrope-v0",
    summary:
      "a rope on which the errors of a cloned policy compound as fast as the theory allows; exact model",
    listing: { observations: "Discrete(101)", actions: "Discrete(8)" },
    options: tightropeOptions,
    make: tightrope,
  },
];
