/** @file The exact optimum of a learnt reward on an environment's model, near a reference or not. */

import type { PolicyOptimiser } from "../../../src/learning/contract.js";
import type { Policy } from "../../../src/policies/contract.js";
import type { Transitions } from "../../../src/rollout/transitions.js";
import { softValueIteration } from "../../rl/soft-value-iteration.js";
import { valueIteration } from "../../rl/value-iteration.js";
import type { OptimiserOption } from "../../shared/policy-optimiser.js";

/** The optimiser that solves the environment's exact model. */
export const EXACT = "exact";

/** The name in the option. */
export const optimiserName = (optimiser: OptimiserOption): unknown =>
  typeof optimiser === "string" ? optimiser : (optimiser as { algorithm?: unknown }).algorithm;

/**
 * The optimal policy on a model, or with a reference that of reward minus β KL(π ‖ π₀), β being `klCoefficient`: soft
 * value iteration at temperature β on the reward r + β log π₀, whose policy is ∝ π₀ exp(Q / β).
 */
export const exactOptimiser = ({ klCoefficient }: { klCoefficient: number }): PolicyOptimiser =>
  (klCoefficient > 0
    ? softValueIteration({ temperature: klCoefficient })
    : valueIteration()) as unknown as PolicyOptimiser;

/** The log-probability that stands for that of an action which a reference never takes. */
const NEVER = -700;

/** Adds β log π₀(a | s) to the rewards. */
export async function addPrior(
  rewards: Float64Array,
  reference: Policy,
  { observations, actions }: Pick<Transitions, "observations" | "actions">,
  beta: number,
): Promise<void> {
  const prior = await reference.logProb(observations, actions);
  for (const [i, x] of prior.entries()) rewards[i] += beta * Math.max(x, NEVER);
}
