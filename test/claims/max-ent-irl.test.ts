/** @file Maximum entropy IRL learns values of deterministic problems, exactly and from samples. With controls. */

import { describe, expect, it } from "vitest";
import { maxCausalEntIrl, maxEntIrl } from "../../algorithms/index.js";
import { gridworld } from "../../envs/gridworld/gridworld.js";
import { tabularEnvironment } from "../../src/env/tabular-environment.js";
import {
  finiteHorizonEvaluate,
  policyReturn,
  randomModel,
  uniformTable,
  valueIteration,
} from "../../src/mdp/index.js";
import type { Policy } from "../../src/policies/contract.js";
import { TabularPolicy } from "../../src/policies/index.js";
import { createRng } from "../../src/random/rng.js";
import { train } from "../../src/runs/train.js";
import { lacking, ppo } from "./sampled-irl.js";

const tableOf = (policy: Policy) => policy.toData().arrays.table.data as Float64Array;
describe("maxEntIrl on a model", () => {
  it("reaches 0.99 of the optimal expert's value on random deterministic processes", async () => {
    const horizon = { horizon: 20, discount: 0.9 };
    for (let seed = 0; seed < 6; seed++) {
      const model = randomModel(createRng(seed), { states: 10, actions: 3, branching: 1, discount: 0.9 });
      const env = () => tabularEnvironment("Random", model);
      const best = valueIteration(model).policy;
      const discountedValue = (table: Float64Array) =>
        policyReturn(model, finiteHorizonEvaluate(model, table, horizon));
      const learn = async (expert: Float64Array) => {
        const shown = {
          expert: new TabularPolicy(10, expert),
          rewardOf: "state-action" as const,
          ...horizon,
        };
        const learnt = discountedValue(
          tableOf(await train(maxEntIrl({ ...shown, tolerance: 1e-2 }), { env, seed })),
        );
        const chance = discountedValue(uniformTable(model));
        return (learnt - chance) / (discountedValue(best) - chance);
      };
      expect(await learn(best)).toBeGreaterThanOrEqual(0.99);
      expect(await learn(uniformTable(model))).toBeLessThan(0.1);
    }
  });

  it("has the value of maximum causal entropy IRL on a deterministic grid, with a time-dependent policy", async () => {
    const env = () => gridworld({ slip: 0, discount: 0.9, maxEpisodeSteps: 40 });
    const model = env().model!();
    const expert = new TabularPolicy(model.states, valueIteration(model).policy);
    const shown = { expert, horizon: 25, iterations: 40, l2: 1e-3 };
    const discountedValue = async (algorithm: typeof maxEntIrl) => {
      const table = tableOf(await train(algorithm(shown), { env }));
      expect(table.length).toBe(25 * model.states * model.actions);
      return policyReturn(model, finiteHorizonEvaluate(model, table, { horizon: 25 }));
    };
    const [whole, causal] = [await discountedValue(maxEntIrl), await discountedValue(maxCausalEntIrl)];
    expect(whole).toBeGreaterThan(0.5);
    expect(whole).toBeCloseTo(causal, 1);
  });
});

describe("maxEntIrl on samples", () => {
  it("learns the expert's behaviour with importance weights from episodes, and not from random ones", async () => {
    const options = { optimiser: ppo, optimiserUpdates: 2, discount: 0.9, learningRate: 0.1, episodes: 30 };
    const create = (demonstrated: object) => maxEntIrl({ ...demonstrated, ...options, iterations: 18 });
    const { claimed, control } = await lacking(create);
    for (const { gap } of claimed) expect(gap).toBeLessThan(0.15);
    for (const { gap } of control) expect(gap).toBeGreaterThan(0.5);
  }, 480_000);
});
