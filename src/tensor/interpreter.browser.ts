/** @file The reference interpreter is for tests, which run in Node.js. */

import type * as reference from "./interpreter.js";

export const runPlan: typeof reference.runPlan = () => {
  throw new Error("the reference interpreter is in Node.js only: use run");
};
