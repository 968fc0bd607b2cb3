/** @file Does inverse RL find what the expert is after? Values and rewards over random problems, each with a control that fails. */

import { describe, expect, it } from "vitest";
import { maxCausalEntIrl, maxEntIrl } from "../../algorithms/index.js";
import { gridworld } from "../../envs/gridworld/gridworld.js";
import type { TabularModel } from "../../src/env/contracts.js";
import { tabularEnvironment } from "../../src/env/tabular-environment.js";
import {
  evaluatePolicy,
  finiteHorizonEvaluate,
  policyReturn,
  randomModel,
  softValueIteration,
  uniformTable,
  valueIteration,
} from "../../src/mdp/index.js";
import { collect } from "../../src/measure/collect.js";
import type { Policy } from "../../src/policies/contract.js";
import { TabularPolicy } from "../../src/policies/index.js";
import { createRng } from "../../src/random/rng.js";
import { train } from "../../src/runs/train.js";

const tableOf = (policy: Policy) => policy.toData().arrays.table.data as Float64Array;
const value = (model: TabularModel, table: Float64Array) => policyReturn(model, evaluatePolicy(model, table));
/** Of what the expert has over chance. */
const share = (model: TabularModel, own: Float64Array, best: Float64Array) => {
  const chance = value(model, uniformTable(model));
  return (value(model, own) - chance) / (value(model, best) - chance);
};

describe("maximum causal entropy", () => {
  it("is worth 0.99 of the optimal expert on random processes and grids, from its expectations", async () => {
    const random = Array.from({ length: 8 }, (_, seed) => {
      const options = { states: 10, actions: 3, branching: 3, discount: 0.9 };
      const model = randomModel(createRng(seed), options);
      return { env: () => tabularEnvironment("Random", model), rewardOf: "state-action" as const };
    });
    const grids = [0, 1].map((layoutSeed) => ({
      env: () => gridworld({ size: 5, layoutSeed, discount: 0.9, startAnywhere: true }),
      rewardOf: "next-state" as const,
    }));
    for (const { env, rewardOf } of [...random, ...grids]) {
      const model = env().model!();
      const best = valueIteration(model).policy;
      const expert = new TabularPolicy(model.states, best);
      const policy = await train(maxCausalEntIrl({ expert, rewardOf, tolerance: 1e-2 }), { env, seed: 0 });
      expect(share(model, tableOf(policy), best)).toBeGreaterThanOrEqual(0.99);
    }
  });

  it("recovers the reward of a soft-optimal expert, and matches its moments", async () => {
    const env = () =>
      gridworld({ size: 5, layoutSeed: 3, discount: 0.9, startAnywhere: true, goalReward: 3 });
    const model = env().model!();
    const expert = new TabularPolicy(model.states, softValueIteration(model).policy);
    const { metrics } = await train.run(maxCausalEntIrl({ expert, l2: 1e-6 }), { env, seed: 0 });
    expect(metrics.at(-1)!.featureGap).toBeLessThan(5e-3);
    expect(metrics.at(-1)!.epic).toBeLessThan(0.05);
    expect(Math.abs(metrics.at(-1)!.valueGap)).toBeLessThan(5e-3);
  });

  it("learns from episodes, but not when their actions are shuffled or the expert acts at random", async () => {
    const env = () => gridworld({ slip: 0, discount: 0.9, maxEpisodeSteps: 60 });
    const model = env().model!();
    const best = valueIteration(model).policy;
    const demonstrations = await collect(new TabularPolicy(model.states, best), {
      env,
      episodes: 10,
      seed: 0,
    });
    const learn = async (shown: typeof demonstrations) =>
      value(
        model,
        tableOf(await train(maxCausalEntIrl({ demonstrations: shown, l2: 1e-4, iterations: 40 }), { env })),
      );
    const optimum = value(model, best);
    expect(await learn(demonstrations)).toBeGreaterThan(0.9 * optimum);
    const random = new TabularPolicy(model.states, uniformTable(model));
    expect(await learn(await collect(random, { env, episodes: 10, seed: 0 }))).toBeLessThan(0.2 * optimum);
    // Shuffled actions are none that lead from each state to the next: the model says so.
    const rng = createRng("shuffle");
    const trajectories = demonstrations.trajectories.map((trajectory) => ({
      ...trajectory,
      actions: rng.shuffle(Int32Array.from(trajectory.actions)),
    }));
    await expect(learn({ ...demonstrations, trajectories })).rejects.toThrow(/cannot happen in the model/);
  });
});

describe("maximum entropy over trajectories", () => {
  it("is worth 0.99 of the optimal expert on random processes in which nothing is left to chance", async () => {
    const horizon = { horizon: 20, discount: 0.9 };
    for (let seed = 0; seed < 6; seed++) {
      const model = randomModel(createRng(seed), { states: 10, actions: 3, branching: 1, discount: 0.9 });
      const env = () => tabularEnvironment("Random", model);
      const best = valueIteration(model).policy;
      const worth = (table: Float64Array) =>
        policyReturn(model, finiteHorizonEvaluate(model, table, horizon));
      const learn = async (expert: Float64Array) => {
        const shown = {
          expert: new TabularPolicy(10, expert),
          rewardOf: "state-action" as const,
          ...horizon,
        };
        const learnt = worth(tableOf(await train(maxEntIrl({ ...shown, tolerance: 1e-2 }), { env, seed })));
        const chance = worth(uniformTable(model));
        return (learnt - chance) / (worth(best) - chance);
      };
      expect(await learn(best)).toBeGreaterThanOrEqual(0.99);
      expect(await learn(uniformTable(model))).toBeLessThan(0.1);
    }
  });

  it("does as well as causal entropy where nothing is random, with a policy for every time", async () => {
    const env = () => gridworld({ slip: 0, discount: 0.9, maxEpisodeSteps: 40 });
    const model = env().model!();
    const expert = new TabularPolicy(model.states, valueIteration(model).policy);
    const shown = { expert, horizon: 25, iterations: 40, l2: 1e-3 };
    const worth = async (algorithm: typeof maxEntIrl) => {
      const table = tableOf(await train(algorithm(shown), { env }));
      expect(table.length).toBe(25 * model.states * model.actions);
      return policyReturn(model, finiteHorizonEvaluate(model, table, { horizon: 25 }));
    };
    const [whole, causal] = [await worth(maxEntIrl), await worth(maxCausalEntIrl)];
    expect(whole).toBeGreaterThan(0.5);
    expect(whole).toBeCloseTo(causal, 1);
  });
});
