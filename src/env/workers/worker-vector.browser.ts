/** @file A browser steps environments in one thread. */

import { needsNode } from "../../errors.js";

export const createWorkerVector = needsNode(
  "workers are threads of Node.js; in a page omit workers, or use trainInWorker",
);
