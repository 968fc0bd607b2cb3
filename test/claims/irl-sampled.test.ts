/** @file Inverse RL without a model: a reinforcement learner in the loop, and episodes for expectations. With controls. */

import { beforeAll, describe, expect, it } from "vitest";
import { apprenticeship, maxCausalEntIrl, maxEntIrl } from "../../algorithms/index.js";
import { gridworld } from "../../envs/gridworld/gridworld.js";
import type { Demonstrations } from "../../src/datasets/demonstrations.js";
import type { Algorithm, State } from "../../src/learning/contract.js";
import { uniformTable, valueIteration } from "../../src/mdp/index.js";
import { collect } from "../../src/measure/collect.js";
import { TabularPolicy } from "../../src/policies/index.js";
import { train } from "../../src/runs/train.js";

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

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b) / values.length;

/** Mean discounted return. */
const worthOf = ({ trajectories }: Demonstrations) =>
  mean(trajectories.map(({ rewards }) => rewards.reduce((sum, reward, t) => sum + 0.9 ** t * reward, 0)));

/** Mean discounted return that is missing to the expert, whoever demonstrates, at first and over the last rounds. */
async function gaps(
  create: (shown: { demonstrations: Demonstrations }) => unknown,
  { demonstrations = expert, seed = 0 } = {},
) {
  const algorithm = create({ demonstrations }) as Algorithm<State>;
  const { metrics, policy } = await train.run(algorithm, { env, seed });
  const more = worthOf(expert) - worthOf(demonstrations);
  const values = metrics.map(({ valueGap }) => valueGap + more);
  return { first: values[0], last: mean(values.slice(-3)), metrics, policy };
}

describe("a reward learnt from samples", () => {
  it("leads maximum causal entropy to the expert, by a soft actor-critic, but a random expert leads nowhere", async () => {
    const options = { optimiser: sac, optimiserUpdates: 4, discount: 0.9, learningRate: 0.1, episodes: 30 };
    const create = (shown: object) => maxCausalEntIrl({ ...shown, ...options, iterations: 24 });
    const runs = [await gaps(create), await gaps(create, { seed: 1 })];
    for (const { first, last } of runs) {
      expect(first).toBeGreaterThan(3);
      expect(last).toBeLessThan(0.15 * first);
    }
    const control = await gaps(create, { demonstrations: random });
    expect(control.last).toBeGreaterThan(0.5 * runs[0].first);
  }, 120_000);

  it("leads trajectories to the expert, by importance weights, but a random expert leads nowhere", async () => {
    const options = { optimiser: ppo, optimiserUpdates: 2, discount: 0.9, learningRate: 0.1, episodes: 30 };
    const create = (shown: object) => maxEntIrl({ ...shown, ...options, iterations: 18 });
    const runs = [await gaps(create), await gaps(create, { seed: 1 })];
    for (const { first, last } of runs) expect(last).toBeLessThan(0.15 * first);
    const control = await gaps(create, { demonstrations: random });
    expect(control.last).toBeGreaterThan(0.5 * runs[0].first);
  }, 120_000);

  it("leads apprenticeship to the expert, whose mixture is one of networks, but a random expert leads nowhere", async () => {
    const options = { optimiser: ppo, optimiserUpdates: 6, iterations: 7, discount: 0.9 };
    const create = (shown: object) => apprenticeship({ ...shown, ...options });
    const runs = [await gaps(create), await gaps(create, { seed: 1 })];
    for (const { metrics, policy } of runs) {
      expect(metrics.at(-1)!.margin).toBeLessThan(0.15 * metrics[0].margin);
      expect(metrics.at(-1)!.valueGap).toBeLessThan(0.15 * runs[0].first);
      expect(policy.toData().kind).toBe("mixture");
    }
    const control = await gaps(create, { demonstrations: random });
    expect(control.last).toBeGreaterThan(0.5 * runs[0].first);
  }, 120_000);
});
