/** @file A browser fits models of annotators in one thread. */

import { needsNode } from "../errors.js";

export const startThreads = needsNode("workers are threads of Node.js; in a page omit workers");
