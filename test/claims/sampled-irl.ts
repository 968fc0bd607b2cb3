/** @file A gridworld with its expert and random episodes, for the claims about sampled inverse RL. */

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

const episodesOf = (table: Float64Array) =>
  collect(new TabularPolicy(model.states, table), { env, episodes: 30, seed: 0 });

const expert = await episodesOf(valueIteration(model).policy);
export const random = await episodesOf(uniformTable(model));

export const ppo = { algorithm: "ppo", hidden: [32], discount: 0.9 };
export const sac = {
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
const discountedValue = ({ trajectories }: Demonstrations) =>
  mean(trajectories.map(({ rewards }) => rewards.reduce((sum, reward, t) => sum + 0.9 ** t * reward, 0)));

/** The expert's mean discounted return less the learner's, after the first round and over the last three. */
export async function gaps(
  create: (options: { demonstrations: Demonstrations }) => unknown,
  { demonstrations = expert, seed = 0 } = {},
) {
  const algorithm = create({ demonstrations }) as Algorithm<State>;
  const { metrics, policy } = await train.run(algorithm, { env, seed });
  const more = discountedValue(expert) - discountedValue(demonstrations);
  const values = metrics.map(({ valueGap }) => valueGap + more);
  return { first: values[0], last: mean(values.slice(-3)), metrics, policy };
}
