/** @file A browser has no processes for several seeds. */

import { needsNode } from "../errors.js";

export const runSeeds = needsNode("trainSeeds starts a process for each seed");
