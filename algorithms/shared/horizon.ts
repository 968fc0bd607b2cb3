/**
 * @file The end of an episode under a learnt reward. Where episodes differ in length, a reward that is never negative
 * favours long episodes, and a reward that is never positive favours short ones, independent of the expert. Episodes
 * may continue in an absorbing state with a learnt reward [Kostrikov et al. 2019, §4.2].
 */

import * as z from "zod";
import type { Demonstrations } from "../../src/datasets/demonstrations.js";
import { UsageError } from "../../src/errors.js";
import type { PolicyOptimiser } from "../../src/learning/contract.js";
import type { Transitions } from "../../src/rollout/transitions.js";

export const horizonSchema = z
  .enum(["absorbing", "fixed", "variable"])
  .default("absorbing")
  .describe(
    "treatment of the end of an episode. absorbing: continue in an absorbing state with a learnt reward; fixed: all " +
      "episodes have equal length; variable: neither, so the reward is biased towards long or short episodes",
  );
export type Horizon = z.output<typeof horizonSchema>;

/**
 * @throws UsageError when episodes must have equal length and do not: an episode terminates early, or the
 * demonstrations differ in length
 */
export function requireHorizon(
  name: string,
  horizon: Horizon,
  experience: Demonstrations | Pick<Transitions, "terminated">,
): void {
  if (horizon !== "fixed") return;
  const fault = "trajectories" in experience ? mixedDemonstrations(experience) : mixedRollout(experience);
  if (!fault) return;
  throw new UsageError(
    `${name}: ${fault}, so the learnt reward would depend on the length of episodes: use horizon: "absorbing", ` +
      'or accept the bias with horizon: "variable"',
  );
}

const mixedRollout = ({ terminated }: Pick<Transitions, "terminated">) =>
  terminated.includes(1) ? "an episode of the learner ended before the time limit" : undefined;

function mixedDemonstrations({ trajectories }: Demonstrations): string | undefined {
  const lengths = trajectories.map(({ rewards }) => rewards.length);
  const other = lengths.findIndex((length) => length !== lengths[0]);
  if (other >= 0) {
    return `demonstration 0 has ${lengths[0]} steps, and demonstration ${other} ${lengths[other]}`;
  }
  const ended = trajectories.findIndex(({ terminated }) => terminated);
  return ended >= 0 ? `demonstration ${ended} ended before the time limit` : undefined;
}

/** @throws UsageError when the absorbing state would have an infinite return */
export function requireDiscount(name: string, horizon: Horizon, discount: number, optimiser: string): void {
  if (horizon !== "absorbing" || discount < 1) return;
  throw new UsageError(
    `${name}: the return of the absorbing state is infinite when ${optimiser}'s discount is ${discount}; ` +
      'use a discount below 1, or horizon: "fixed"',
  );
}

/**
 * Adds the return of the absorbing state to the reward of each terminating step: γ r + γ² r + … = γ / (1 − γ) · r
 * [Kostrikov et al. 2019, §4.2]. With a constant reward r, every return is then r / (1 − γ) for any length of episode.
 */
export function addAbsorbingBonus(
  rewards: Float64Array,
  terminated: ArrayLike<number>,
  absorbingReward: number,
  discount: number,
): void {
  const tail = (discount / (1 - discount)) * absorbingReward;
  for (let i = 0; i < rewards.length; i++) if (terminated[i]) rewards[i] += tail;
}

/** The discount γ of a learner; 0.99 where its options have none. */
export const discountOf = ({ options }: Pick<PolicyOptimiser, "options">): number =>
  typeof options.discount === "number" ? options.discount : 0.99;
