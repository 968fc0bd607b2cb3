/** @file Inverse RL without a model: a reinforcement learner in the loop, and episodes for expectations. With controls. */

import { beforeAll, describe, expect, it } from "vitest";
import { apprenticeship, maxCausalEntIrl, maxEntIrl } from "../../algorithms/index.js";
import { gridworld } from "../../envs/gridworld/gridworld.js";
import type { Demonstrations } from "../../src/data/demonstrations.js";
import { collect } from "../../src/experiment/collect.js";
import { train } from "../../src/experiment/train.js";
import { uniformTable, valueIteration } from "../../src/mdp/index.js";
import { TabularPolicy } from "../../src/policies/index.js";
import type { Algorithm, State } from "../../src/rollout/contracts.js";

const env = () =>
  gridworld({
    layout: ["S...", "....", "...G"],
    slip: 0,
    discount: 0.9,
    maxEpisodeSteps: 15,
    goalTerminal: false,
    startAnywhere: true,
  });
const model = env().model!();

let expert: Demonstrations;
let random: Demonstrations;
beforeAll(async () => {
  const show = (table: Float64Array) =>
    collect(new TabularPolicy(model.states, table), { env, episodes: 30, seed: 0 });
  expert = await show(valueIteration(model).policy);
  random = await show(uniformTable(model));
});

const ppo = { algorithm: "ppo", hidden: [32], discount: 0.9 };
const sac = {
  algorithm: "sac",
  temperature: 1,
  hidden: [32],
  discount: 0.9,
  learningStarts: 64,
  trainEvery: 32,
  minibatchSize: 64,
  learningRate: 3e-3,
};

/** Mean discounted return that is missing to the demonstrators, at first and over the last rounds. */
async function gaps(algorithm: unknown): Promise<{ first: number; last: number }> {
  const { metrics } = await train.run(algorithm as Algorithm<State>, { env, seed: 0 });
  const values = metrics.map(({ valueGap }) => valueGap);
  return { first: values[0], last: values.slice(-3).reduce((a, b) => a + b) / 3 };
}

describe("a reward learnt from samples", () => {
  it("leads maximum causal entropy to the expert, by a soft actor-critic", async () => {
    const options = { optimiser: sac, optimiserUpdates: 4, discount: 0.9, learningRate: 0.1, episodes: 30 };
    const { first, last } = await gaps(
      maxCausalEntIrl({ demonstrations: expert, ...options, iterations: 24 }),
    );
    expect(first).toBeGreaterThan(3);
    expect(last).toBeLessThan(0.15 * first);
  });

  it("leads trajectories to the expert, by importance weights, but a random expert leads nowhere", async () => {
    const options = { optimiser: ppo, optimiserUpdates: 2, discount: 0.9, learningRate: 0.1, episodes: 30 };
    const { first, last } = await gaps(maxEntIrl({ demonstrations: expert, ...options, iterations: 18 }));
    expect(last).toBeLessThan(0.15 * first);
    const control = await train.run(
      maxEntIrl({ demonstrations: random, ...options, iterations: 18 }) as unknown as Algorithm<State>,
      { env, seed: 0 },
    );
    expect(control.metrics.at(-1)!.return).toBeLessThan(8);
  });

  it("leads apprenticeship to the expert, whose mixture is one of networks", async () => {
    const options = { optimiser: ppo, optimiserUpdates: 6, iterations: 7, discount: 0.9 };
    const { metrics, policy } = await train.run(
      apprenticeship({ demonstrations: expert, ...options }) as unknown as Algorithm<State>,
      { env, seed: 0 },
    );
    expect(metrics.at(-1)!.margin).toBeLessThan(0.15 * metrics[0].margin);
    expect(policy.toData().kind).toBe("mixture");
  });
});
