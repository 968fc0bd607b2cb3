/** @file Checks of the policies that are evaluated, compared or asked for demonstrations. */

import type { Problem } from "../env/contracts.js";
import { UsageError } from "../errors.js";
import type { Policy } from "../policies/contract.js";
import { describeSpace, type Space } from "../spaces/index.js";

/** @throws UsageError unless `value` is a policy made for the problem's observations and actions. */
export function requirePolicy(what: string, value: Policy, problem: Problem): void {
  if (typeof value?.act !== "function") {
    throw new UsageError(`${what} must be a policy, as train and loadPolicy return, not ${typeof value}`);
  }
  requireSpaces(what, value, problem);
}

/** @throws UsageError when what acts or was shown has other spaces than the environment */
export function requireSpaces(
  what: string,
  value: Pick<Policy, "observationSpace" | "actionSpace">,
  problem: Problem,
): void {
  const check = (kind: string, its: Space, theirs: Space) => {
    if (describeSpace(its) === describeSpace(theirs)) return;
    throw new UsageError(
      `${what} has ${kind} ${describeSpace(its)}, but ${problem.id} has ${describeSpace(theirs)}: ` +
        "it was made for another environment",
    );
  };
  check("observations", value.observationSpace, problem.observationSpace);
  check("actions", value.actionSpace, problem.actionSpace);
}
