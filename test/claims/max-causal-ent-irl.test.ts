/**
 * @file Maximum causal entropy IRL learns values and rewards of random problems, exactly and from samples. With
 * controls.
 */

import { describe, expect, it } from "vitest";
import { maxCausalEntIrl } from "../../algorithms/index.js";
import { gridworld } from "../../envs/gridworld/gridworld.js";
import type { TabularModel } from "../../src/env/contracts.js";
import { tabularEnvironment } from "../../src/env/tabular-environment.js";
import {
  evaluatePolicy,
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
import { lacking, sac } from "./sampled-irl.js";

const tableOf = (policy: Policy) => policy.toData().arrays.table.data as Float64Array;
const value = (model: TabularModel, table: Float64Array) => policyReturn(model, evaluatePolicy(model, table));
/** The gain of a policy over chance, as a share of the expert's. */
const share = (model: TabularModel, own: Float64Array, best: Float64Array) => {
  const chance = value(model, uniformTable(model));
  return (value(model, own) - chance) / (value(model, best) - chance);
};

describe("maxCausalEntIrl on a model", () => {
  it("reaches 0.99 of the optimal expert's value on random processes and grids, from exact expectations", async () => {
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
    // The demonstrated value less the policy's own.
    expect(metrics[0].valueGap).toBeGreaterThan(0.008);
    expect(Math.abs(metrics.at(-1)!.valueGap)).toBeLessThan(5e-3);
  });

  it("learns from episodes, and not from shuffled actions or a random expert", async () => {
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
    await expect(learn({ ...demonstrations, trajectories })).rejects.toThrow(
      /has probability 0 in the model/,
    );
  });
});

describe("maxCausalEntIrl on samples", () => {
  it("learns the expert's behaviour with a soft actor-critic from episodes, and not from random ones", async () => {
    const options = { optimiser: sac, optimiserUpdates: 4, discount: 0.9, learningRate: 0.1, episodes: 30 };
    const create = (demonstrated: object) => maxCausalEntIrl({ ...demonstrated, ...options, iterations: 24 });
    const { claimed, control } = await lacking(create);
    for (const { gap } of claimed) expect(gap).toBeLessThan(0.15);
    for (const { gap } of control) expect(gap).toBeGreaterThan(0.5);
  }, 480_000);
});
