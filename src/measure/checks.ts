/** @file Checks that a policy fits the problem on which it is evaluated, compared or recorded. */

import type { Problem } from "../env/contracts.js";
import { requireSpaces } from "../env/problem.js";
import { UsageError } from "../errors.js";
import { type Policy, requireObserver } from "../policies/contract.js";
import { type ActingPolicy, type Actor, controllerPolicy, isController } from "../policies/controller.js";

/** @throws UsageError unless `value` is a policy with the problem's observation and action spaces. */
export function requirePolicy(what: string, value: ActingPolicy, problem: Problem): void {
  if (typeof value?.act !== "function") {
    throw new UsageError(`${what} must be a policy, as train and loadPolicy return, not ${typeof value}`);
  }
  if (isController(value)) {
    throw new UsageError(`${what} must be a policy, with its spaces and probabilities, not a controller`);
  }
  requireSpaces(what, value, problem);
}

/** @throws UsageError for a policy whose actions in the states of others are not known, because it adapts to its task */
export function requireComparable(what: string, policy: Pick<Policy, "view">): void {
  requireObserver(
    what,
    policy,
    "evaluate each policy by trials and compare their returns (evaluateTrials; understudy-rl evaluate RUN --trials 32)",
  );
}

/**
 * The policy that plays, and how many environments it plays together by default: a controller may remember the episode
 * that it plays, so it plays one at a time.
 *
 * @throws UsageError unless `actor` is a controller, or a policy with the problem's observation and action spaces.
 */
export function playerOf(
  what: string,
  actor: Actor,
  problem: Problem,
): { player: ActingPolicy; together: number } {
  if (
    typeof actor !== "function" &&
    typeof (actor as Partial<ActingPolicy> | undefined)?.act !== "function"
  ) {
    throw new UsageError(
      `${what} must be a policy, as train and loadPolicy return, or a controller, such as (observation) => 0, not ` +
        (actor === null || actor === undefined ? actor : `this ${typeof actor}`),
    );
  }
  if (isController(actor)) return { player: controllerPolicy(what, actor, problem), together: 1 };
  requirePolicy(what, actor, problem);
  return { player: actor, together: 100 };
}
