/** @file Tabular problems on which the right answer is known, for the registry. */

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
    options: garnetOptions,
    make: garnet,
  },
  {
    id: "Chain-v0",
    summary: "walk to the end of a chain, or back for a small reward at once; exact model",
    options: chainOptions,
    make: chain,
  },
  {
    id: "RiverSwim-v0",
    summary: "swim up a river for a large reward, or drift down for a small one; exact model",
    options: riverSwimOptions,
    make: riverSwim,
  },
  {
    id: "DeepSea-v0",
    summary: "a treasure that dithering finds in 2^N episodes; exact model",
    options: deepSeaOptions,
    make: deepSea,
  },
  {
    id: "CombinationLock-v0",
    summary: "a lock that starts over at every wrong action; exact model",
    options: combinationLockOptions,
    make: combinationLock,
  },
  {
    id: "Tightrope-v0",
    summary: "a rope on which a clone's errors compound to the bound; exact model",
    options: tightropeOptions,
    make: tightrope,
  },
];
