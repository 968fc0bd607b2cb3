/** @file What can be learnt from somebody who acts at random: more than they know, if it is known what is good. */

import { apprenticeship, gameTheoretic } from "../../algorithms/index.js";
import { macroCells } from "../../envs/gridworld/macro-cells.js";
import { TabularPolicy, train } from "../../index.js";
import { evaluatePolicy, policyReturn, uniformTable, valueIteration } from "../../src/mdp/index.js";
import type { Policy, TabularModel } from "../../src/rollout/contracts.js";

export interface PoorExpertResult {
  seed: number;
  /** Expected discounted returns by the true reward. */
  expert: number;
  best: number;
  signsKnown: number;
  signsUnknown: number;
  apprenticeship: number;
}

/**
 * Macro-cells of which only a known half can be good: the expert's occupancy says nothing of which, but the adversary
 * cannot punish a learner that comes to all of them more often than the expert.
 */
export async function poorExpert(seeds: number): Promise<PoorExpertResult[]> {
  const results = [];
  for (let seed = 0; seed < seeds; seed++) {
    const make = () => macroCells({ size: 8, macro: 2, rewardSeed: seed, density: 0.3, discount: 0.9 });
    const environment = make();
    const model = environment.model!();
    const { weights, features: all } = environment.grid;
    // Features that may be good: those that are, and as many again that are not.
    const good = [...weights!.keys()].filter((k) => weights![k] > 0);
    const others = [...weights!.keys()].filter((k) => weights![k] === 0).slice(0, good.length);
    const features = all!.map((row) => [...good, ...others].map((k) => row[k]));
    const expert = new TabularPolicy(model.states, uniformTable(model));
    const shown = { expert, features };
    const learn = async (algorithm: Parameters<typeof train>[0]) =>
      worthOf(model, await train(algorithm, { env: make, seed }));
    results.push({
      seed,
      expert: policyReturn(model, evaluatePolicy(model, uniformTable(model))),
      best: policyReturn(model, valueIteration(model).values),
      signsKnown: await learn(gameTheoretic({ ...shown, signs: "known", iterations: 60 }) as never),
      signsUnknown: await learn(gameTheoretic({ ...shown, iterations: 60 }) as never),
      apprenticeship: await learn(apprenticeship({ ...shown, iterations: 30 }) as never),
    });
  }
  return results;
}

const worthOf = (model: TabularModel, policy: Policy): number =>
  policyReturn(model, evaluatePolicy(model, policy.toData().arrays.table.data as Float64Array));
