/**
 * @file A small grid with its expert and a random policy as demonstrators, for the claims about imitation and inverse RL.
 * All episodes are 15 steps, so that no learner gains by their length, and values are exact.
 */

import { gridworld } from "../../envs/gridworld/gridworld.js";
import type { Demonstrations } from "../../src/datasets/demonstrations.js";
import { evaluatePolicy, policyReturn, uniformTable, valueIteration } from "../../src/mdp/index.js";
import { collect } from "../../src/measure/collect.js";
import type { Policy } from "../../src/policies/contract.js";
import { TabularPolicy, tabulate } from "../../src/policies/index.js";

export const env = () =>
  gridworld({
    layout: ["S...", "....", "...G"],
    slip: 0,
    discount: 0.9,
    maxEpisodeSteps: 15,
    goalTerminal: false,
    startAnywhere: true,
  });

const model = env().model!();
const tables = { expert: valueIteration(model).policy, random: uniformTable(model) };

/** Episodes of the expert and of the random policy. */
export const demonstrated = async (
  episodes: number,
): Promise<Record<keyof typeof tables, Demonstrations>> => {
  const of = (table: Float64Array) =>
    collect(new TabularPolicy(model.states, table), { env, episodes, seed: 0 });
  return { expert: await of(tables.expert), random: await of(tables.random) };
};

const exactValue = (table: Float64Array) => policyReturn(model, evaluatePolicy(model, table));
const [best, chance] = [exactValue(tables.expert), exactValue(tables.random)];

/** The exact value of a policy as it is, not of its mode: 0 for the random policy, 1 for the expert. */
export const scoreOf = async (policy: Policy): Promise<number> =>
  (exactValue((await tabulate(policy, model)) as Float64Array) - chance) / (best - chance);
