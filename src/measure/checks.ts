/** @file Checks of the policies that are evaluated, compared or asked for demonstrations. */

import type { Problem } from "../env/contracts.js";
import { requireSpaces } from "../env/problem.js";
import { UsageError } from "../errors.js";
import type { Policy } from "../policies/contract.js";

/** @throws UsageError unless `value` is a policy made for the problem's observations and actions. */
export function requirePolicy(what: string, value: Policy, problem: Problem): void {
  if (typeof value?.act !== "function") {
    throw new UsageError(`${what} must be a policy, as train and loadPolicy return, not ${typeof value}`);
  }
  requireSpaces(what, value, problem);
}
