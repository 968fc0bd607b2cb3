/** @file The learner of beliefs: the scale of its rewards, what it counts, and when its parts start to learn. */

import { beforeAll, describe, expect, it } from "vitest";
import { milet, varibad } from "../../../../algorithms/index.js";
import type { BeliefState } from "../../../../algorithms/meta/belief/learner.js";
import type { Problem } from "../../../../src/env/contracts.js";
import { problemOf } from "../../../../src/env/problem.js";
import { createNormalizer, RewardScale } from "../../../../src/env/wrappers/normalize.js";
import type { Algorithm } from "../../../../src/learning/contract.js";
import { createRng } from "../../../../src/random/rng.js";
import { restore, snapshot } from "../../../../src/state/snapshot.js";
import { hiddenNumber, hiddenNumberWithin } from "../../../support/hidden-number.js";

/** Trials of two episodes of four steps in three environments. */
const [COUNT, STEPS, HORIZON] = [3, 8, 4];
const small = {
  environments: COUNT,
  hidden: [4],
  latent: 1,
  encoderUnits: 3,
  embeddings: { observation: 2, action: 2, reward: 2 },
  decoder: { hidden: [3] },
  epochs: 1,
  minibatches: 1,
  vaeBatch: 5,
  vaeUpdates: 1,
  elboTerms: 2,
  decodedSteps: 2,
  discount: 0.7,
};

let problem: Problem;
beforeAll(async () => {
  problem = await problemOf(hiddenNumber);
});

async function started(learner: unknown) {
  const algorithm = learner as Algorithm<BeliefState>;
  const state = await algorithm.init(problem, createRng(0));
  return { state, update: () => algorithm.update(state), policy: () => algorithm.policy(state) };
}

/** The raw rewards `[T, N]` of the last trial, from its transitions [s, a, r, s′]. */
const rawRewards = ({ live }: BeliefState) => live.record.transitions.filter((_, k) => k % 4 === 2);

describe.each([
  ["one actor–critic", () => varibad({ ...small, warmUp: 1e6 })],
  [
    "an actor–critic for the first episode",
    () => milet({ ...small, warmUp: 1e6, clusters: 2, intrinsic: { entropy: 0, consistency: 0 } }),
  ],
] as const)("the rewards of %s", (_, create) => {
  it("are divided by the deviation of discounted returns, which end with the trial and not before", async () => {
    const { state, update } = await started(create());
    const scale = new RewardScale(createNormalizer(1), COUNT, 0.7, 10);
    for (let trial = 0; trial < 3; trial++) {
      await update();
      const scaled = state.live.record.phases.flatMap(({ rollout }) => [...rollout.rewards]);
      for (const [k, raw] of rawRewards(state).entries()) {
        const isLast = k >= (STEPS - 1) * COUNT;
        expect(scaled[k]).toBeCloseTo(scale.scaled(k % COUNT, raw, isLast), 5);
      }
      expect([...state.rewardScaling.returns]).toEqual([0, 0, 0]);
    }
  });
});

describe("a round", () => {
  it("counts the steps and the episodes of all trials, and reports raw returns by episode", async () => {
    const { state, update } = await started(varibad({ ...small, warmUp: 1e6 }));
    await update();
    const metrics = await update();
    expect(metrics).toMatchObject({ steps: 2 * STEPS * COUNT, episodes: 2 * 2 * COUNT });
    const raw = rawRewards(state);
    const sums = [0, 1].map((episode) =>
      raw
        .subarray(episode * HORIZON * COUNT, (episode + 1) * HORIZON * COUNT)
        .reduce((a, b) => a + b / COUNT, 0),
    );
    for (const [e, sum] of sums.entries()) expect(metrics[`returnEpisode${e + 1}`]).toBeCloseTo(sum, 4);
    expect(state.buffer.added).toBe(2 * COUNT);
  });

  it("trains the encoder once the buffer has a batch of trials", async () => {
    const { state, update } = await started(varibad({ ...small, vaeBatch: 2 * COUNT, warmUp: 1e6 }));
    const before = state.vae.parameters.slice();
    expect(await update()).not.toHaveProperty("klLatent");
    expect(state.vae.parameters).toEqual(before);
    expect(await update()).toHaveProperty("klLatent");
    expect(state.vae.steps).toBe(1);
  });

  it("trains the policy when more steps than the warm-up were taken", async () => {
    const { state, update } = await started(varibad({ ...small, warmUp: STEPS * COUNT }));
    expect(await update()).not.toHaveProperty("policyLoss");
    expect(state.actors[0].network.steps).toBe(0);
    expect(await update()).toHaveProperty("policyLoss");
    expect(state.actors[0].network.steps).toBe(1);
  });
});

describe("two actor–critics", () => {
  const create = (coefficient = 0.003) =>
    milet({ ...small, clusters: 2, warmUp: 0, explorationEntropyCoefficient: coefficient });

  it("learn apart, from the first episode and from the others, with metrics of their own", async () => {
    const { state, update } = await started(create());
    const metrics = await update();
    expect(state.live.record.phases.map(({ from, to }) => [from, to])).toEqual([
      [0, 1],
      [1, 2],
    ]);
    expect(state.actors.map(({ network }) => network.steps)).toEqual([1, 1]);
    expect(metrics).toHaveProperty("policyLoss");
    expect(metrics).toHaveProperty("explorationPolicyLoss");
    const single = await started(milet({ ...small, clusters: 2, warmUp: 0, exploration: "none" }));
    expect(Object.keys(await single.update()).filter((key) => key.startsWith("exploration"))).toEqual([]);
    expect(single.state.actors.length).toBe(1);
  });

  it("have an entropy bonus of the exploration policy alone", async () => {
    const [low, high] = [await started(create(0)), await started(create(5))];
    await low.update();
    await high.update();
    const parameters = ({ state }: typeof low) => state.actors.map(({ network }) => network.parameters);
    expect(parameters(high)[0]).not.toEqual(parameters(low)[0]);
    expect(parameters(high)[1]).toEqual(parameters(low)[1]);
  });
});

describe("the policy of a state", () => {
  it("keeps the statistics of rows that it had", async () => {
    const { update, policy } = await started(varibad({ ...small, warmUp: 1e6 }));
    await update();
    const given = policy() as unknown as { statistics: { moments: { count: number } } };
    const { count } = given.statistics.moments;
    expect(count).toBe(STEPS * COUNT);
    await update();
    expect(given.statistics.moments.count).toBe(count);
  });
});

describe("the learner of beliefs refuses", () => {
  it("a buffer smaller than a batch, and takes one of the same size", () => {
    expect(() => varibad({ ...small, buffer: 4 })).toThrow("a buffer of 4 trials is smaller than vaeBatch 5");
    expect(() => varibad({ ...small, buffer: 5 })).not.toThrow();
  });

  it("minibatches that do not divide the rows of a phase", async () => {
    await expect(started(varibad({ ...small, minibatches: 5 }))).rejects.toThrow(
      "5 minibatches do not divide the 24 transitions of 3 environments × 8 steps",
    );
    await expect(started(milet({ ...small, minibatches: 8 }))).rejects.toThrow(
      "8 minibatches do not divide the 12 transitions of 3 environments × 4 steps",
    );
  });
});

describe.each([
  ["varibad", () => varibad({ ...small, minibatches: 2, warmUp: 0 })],
  ["milet", () => milet({ ...small, minibatches: 2, warmUp: 0, clusters: 2 })],
] as const)("%s in trials whose episodes end early", (_, create) => {
  const algorithm = () => create() as unknown as Algorithm<BeliefState>;
  const start = async () => algorithm().init(await problemOf(() => hiddenNumberWithin(1)), createRng(0));

  it("counts and stores the steps that were taken, and no others", async () => {
    const [learner, state] = [algorithm(), await start()];
    let [steps, added] = [0, 0];
    const seen = new Set<number>();
    for (let k = 0; k < 6; k++) {
      const metrics = await learner.update(state);
      const { lengths, returns, transitions } = state.live.record;
      const own = [0, 1, 2].map((i) => lengths[i] + lengths[COUNT + i]);
      steps += own.reduce((a, b) => a + b);
      expect(metrics.steps).toBe(steps);
      expect(state.moments.count).toBe(steps);
      expect(Object.values(metrics).every(Number.isFinite)).toBe(true);
      for (let i = 0; i < COUNT; i++) {
        seen.add(own[i]);
        expect(state.buffer.lengths[added++ % state.buffer.capacity]).toBe(own[i]);
        // Raw rewards of transitions [s, a, r, s′] sum to the returns of both episodes; after the end there are none.
        let sum = 0;
        for (let t = 0; t < STEPS; t++) {
          const reward = transitions[(t * COUNT + i) * 4 + 2];
          if (t >= own[i]) expect(reward).toBe(0);
          sum += reward;
        }
        expect(sum).toBeCloseTo(returns[i] + returns[COUNT + i], 4);
      }
      expect([...state.rewardScaling.returns]).toEqual([0, 0, 0]);
      // The last number of a feedback row is 1 at the start of a trial, where all environments are again.
      const { observations } = state.environments;
      const width = observations.length / COUNT;
      for (let i = 1; i <= COUNT; i++) expect(observations[i * width - 1]).toBe(1);
    }
    expect(seen.size).toBeGreaterThan(3);
  });
});

it("goes on from a snapshot with trials of unequal lengths, bit for bit", async () => {
  const learner = () =>
    milet({ ...small, minibatches: 2, warmUp: 0, clusters: 2 }) as unknown as Algorithm<BeliefState>;
  const open = async () => learner().init(await problemOf(() => hiddenNumberWithin(1)), createRng(0));
  const state = await open();
  for (let k = 0; k < 2; k++) await learner().update(state);
  const saved = snapshot(state as never);
  const resumed = await open();
  restore(resumed, saved);
  const learners = [learner(), learner()];
  for (let k = 0; k < 3; k++) {
    expect(await learners[1].update(resumed)).toEqual(await learners[0].update(state));
  }
  expect(resumed.vae.parameters).toEqual(state.vae.parameters);
});
