/** @file What offline learners share: ends of episodes, scaling, weights, records, refusals and resumption. */

import { describe, expect, it } from "vitest";
import { cql, iql, td3bc } from "../../../../algorithms/index.js";
import type { Algorithm, Demonstrations } from "../../../../index.js";
import { evaluateOnData, train } from "../../../../index.js";
import { demonstrationsOf } from "../../../../src/datasets/demonstrations.js";
import { dataProblem } from "../../../../src/env/data-set.js";
import { createRng } from "../../../../src/random/rng.js";
import { box, discrete } from "../../../../src/spaces/index.js";
import "../../../../envs/index.js";
import { expectResumption, randomEpisodes } from "../../../support/imitation.js";

const observationSpace = box([1], -10, 10);
const actionSpace = box([1], -2, 2);

type Ending = { terminated: boolean; truncated: boolean };

/** Episodes of five steps with reward 1 in a state that is always 0. */
const constant = (ending: Ending, rewards = new Float64Array(5).fill(1)): Demonstrations => {
  const rng = createRng("actions");
  const trajectories = Array.from({ length: 8 }, () => ({
    observations: new Float32Array(6),
    actions: Float32Array.from({ length: 5 }, () => 4 * rng.uniform() - 2),
    rewards,
    ...ending,
  }));
  return demonstrationsOf(trajectories, { env: "Constant", observationSpace, actionSpace });
};
const problemOf = (data: Demonstrations) => dataProblem({ ...data, id: data.env });
const truncated = { terminated: false, truncated: true };
const terminated = { terminated: true, truncated: false };

const small = { hidden: [], minibatchSize: 32, learningRate: 0.1, discount: 0.9, tau: 0.5 };
const learners: Record<string, (demonstrations: Demonstrations, options?: object) => Algorithm> = {
  td3bc: (demonstrations, options) => td3bc({ demonstrations, ...small, updates: 400, ...options }),
  iql: (demonstrations, options) =>
    iql({ demonstrations, ...small, updates: 400, normaliseRewards: false, expectile: 0.5, ...options }),
  cql: (demonstrations, options) => cql({ demonstrations, ...small, updates: 400, samples: 2, ...options }),
};

/** The mean value that the learner reports at the end. */
async function finalValue(name: string, data: Demonstrations): Promise<number> {
  const { metrics } = await train.run(learners[name](data), { seed: 0 });
  return metrics.at(-1)!.value;
}

describe.each(Object.keys(learners))("%s", (name) => {
  it("resumes from a snapshot bit for bit, in an environment too", async () => {
    const data = await randomEpisodes("Pendulum-v1", 2);
    const options = { hidden: [8], minibatchSize: 16, updates: 2000, normaliseObservations: true };
    await expectResumption("Pendulum-v1", learners[name](data, options));
  });

  it("refuses data without rewards, and records a checksum of the rewards", () => {
    const without = constant(truncated, new Float64Array(5));
    expect(() => learners[name](without)).toThrow(
      /every reward in the data set of Constant is 0.*; bc learns/,
    );
    const checksum = (data: Demonstrations) =>
      (learners[name](data).options.demonstrations as { checksum: string }).checksum;
    const others = constant(truncated, Float64Array.of(1, 1, 2, 1, 1));
    expect(checksum(others)).not.toBe(checksum(constant(truncated)));
  });
});

describe("offline learners", () => {
  it.each([
    "td3bc",
    "iql",
  ])("bootstrap where an episode was truncated or its recording ended, and not where it terminated: %s", async (name) => {
    // Q = 1 + 0.9 Q; where every fifth step terminates, Q = 1 + 0.9 · 4/5 Q.
    for (const ending of [truncated, { terminated: false, truncated: false }]) {
      expect(Math.abs((await finalValue(name, constant(ending))) - 10)).toBeLessThan(0.5);
    }
    expect(Math.abs((await finalValue(name, constant(terminated))) - 1 / 0.28)).toBeLessThan(2);
  });

  it("scale rewards so that the best and the worst return differ by 1000", async () => {
    const base = constant(truncated);
    const trajectories = base.trajectories.map((trajectory, i) => ({
      ...trajectory,
      rewards: Float64Array.of(0, 0, i, 0, 0),
    }));
    const data = { ...base, trajectories };
    const rewards = async (options: object) => {
      const state = await iql({ demonstrations: data, ...options }).init(problemOf(data), createRng(0));
      const { rewards: stored } = state.live.replay.getState() as { rewards: Float32Array };
      return Math.max(...stored);
    };
    expect(await rewards({})).toBeCloseTo(1000, 3);
    expect(await rewards({ normaliseRewards: false })).toBe(7);
  });

  it("draw the transitions of an episode in proportion to its weight", async () => {
    const base = constant(truncated);
    const trajectories = base.trajectories.map((trajectory, i) => ({
      ...trajectory,
      weight: i === 0 ? 7 : 1,
    }));
    const data = { ...base, trajectories };
    const state = await td3bc({ demonstrations: data }).init(problemOf(data), createRng(0));
    const rows = state.live.draw(new Int32Array(20_000));
    // Seven of fourteen.
    expect(rows.filter((row) => row < 5).length / rows.length).toBeCloseTo(0.5, 1);
  });

  it("standardise observations with statistics that the policy keeps", async () => {
    const data = await randomEpisodes("Pendulum-v1", 2);
    const algorithm = td3bc({ demonstrations: data, hidden: [8], updates: 40 });
    const state = await algorithm.init(problemOf(data), createRng(0));
    const { observations } = state.live.replay.getState() as { observations: Float32Array };
    const third = observations.filter((_, i) => i % 3 === 2);
    const mean = third.reduce((a, b) => a + b) / third.length;
    const variance = third.reduce((sum, x) => sum + (x - mean) ** 2, 0) / third.length;
    expect([mean, variance]).toEqual([expect.closeTo(0, 3), expect.closeTo(1, 2)]);
    expect(algorithm.policy(state).toData().settings.normalised).toMatchObject({ count: 400 });
  });

  it("evaluate on held-out episodes in a run without an environment", async () => {
    const data = await randomEpisodes("Pendulum-v1", 4);
    const options = { demonstrations: data, hidden: [8], minibatchSize: 16, updates: 400, heldOut: 0.25 };
    const { policy, evaluations } = await train.run(iql(options), { seed: 0, evaluate: { every: 200 } });
    expect(evaluations.map(({ steps, episodes }) => [steps, episodes])).toEqual([
      [200, 1],
      [400, 1],
    ]);
    const { actionError } = await evaluateOnData(policy, data);
    expect(actionError).toBeGreaterThan(0);
  });

  it("take as many gradient steps as updates, also where these are no whole iterations", async () => {
    const data = constant(truncated);
    const { metrics } = await train.run(td3bc({ demonstrations: data, ...small, updates: 250 }), { seed: 0 });
    expect(metrics.map(({ steps }) => steps)).toEqual([200, 250]);
  });

  it("learn from discrete actions, but td3bc refuses them", async () => {
    const data = await randomEpisodes("CartPole-v1", 20);
    expect(data.actionSpace).toEqual(discrete(2));
    for (const learner of [iql, cql]) {
      const policy = await train(learner({ demonstrations: data, hidden: [8], updates: 40 }), { seed: 0 });
      expect(policy.actionSpace).toEqual(discrete(2));
    }
    await expect(train(td3bc({ demonstrations: data }), { seed: 0 })).rejects.toThrow(
      /td3bc needs actions in a bounded box, not Discrete\(2\); use iql or cql/,
    );
  });
});
