/** @file Runs are compared on disk. */

import { needsNode } from "../errors.js";

export const readCompared = needsNode("compareRuns reads run folders on disk");
export const writeComparison = needsNode("compareRuns writes files on disk");
