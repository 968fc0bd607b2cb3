/** @file What the playground offers: which algorithms learn in which environment. */

import type { Problem } from "../../src/env/contracts.js";

/** The algorithms of the playground, by what they learn from. */
export const offered = {
  "the reward": ["ppo", "a2c", "dqn", "sac", "td3", "qLearning", "sarsa", "valueIteration"],
  "an expert": ["bc", "dagger", "gail", "airl", "sqil"],
  "a family of tasks": ["rl2", "varibad"],
} as const;

/**
 * The algorithms that learn in an environment.
 *
 * @param hasExpert whether there is someone to imitate
 */
export function algorithmsFor(
  { observationSpace, actionSpace, model, family }: Problem,
  hasExpert: boolean,
): string[] {
  if (family) return [...offered["a family of tasks"]];
  const isDiscrete = actionSpace.kind === "discrete";
  const isTable = isDiscrete && observationSpace.kind === "discrete";
  const fits: Record<string, boolean> = {
    dqn: isDiscrete,
    sac: actionSpace.kind === "box",
    td3: actionSpace.kind === "box",
    qLearning: isTable,
    sarsa: isTable,
    valueIteration: model !== undefined,
  };
  return [...offered["the reward"], ...(hasExpert ? offered["an expert"] : [])].filter(
    (name) => fits[name] ?? true,
  );
}
