/** @file Checks that a policy fits the problem on which it is evaluated, compared or recorded. */

import type { Problem } from "../env/contracts.js";
import { requireSpaces } from "../env/problem.js";
import { UsageError } from "../errors.js";
import type { Policy } from "../policies/contract.js";

/** @throws UsageError unless `value` is a policy with the problem's observation and action spaces. */
export function requirePolicy(what: string, value: Policy, problem: Problem): void {
  if (typeof value?.act !== "function") {
    throw new UsageError(`${what} must be a policy, as train and loadPolicy return, not ${typeof value}`);
  }
  requireSpaces(what, value, problem);
}
