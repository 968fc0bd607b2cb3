/** @file The loop of GAIL and AIRL around an optimiser that does nothing: what it is paid, and what the rewards are of. */

import { describe, expect, it } from "vitest";
import { scoreRows } from "../../../../algorithms/imitation/adversarial/discriminator.js";
import { type AdversarialMethod, adversarial } from "../../../../algorithms/imitation/adversarial/loop.js";
import { discriminatorSchema } from "../../../../algorithms/imitation/adversarial/options.js";
import { pairScorer, shapedScorer } from "../../../../algorithms/imitation/adversarial/scorers.js";
import { expertRows, learnerRows } from "../../../../algorithms/shared/transition-rows.js";
import { type Demonstrations, demonstrationsOf } from "../../../../src/datasets/demonstrations.js";
import type { Problem } from "../../../../src/env/contracts.js";
import type { PolicyOptimiser } from "../../../../src/learning/contract.js";
import type { Policy } from "../../../../src/policies/contract.js";
import { createRng } from "../../../../src/random/rng.js";
import type { Transitions } from "../../../../src/rollout/transitions.js";
import { box } from "../../../../src/spaces/index.js";

const spaces = { observationSpace: box([1], -10, 10), actionSpace: box([1], -4, 4) };
const problem = { id: "Line", ...spaces } as Problem;
const DISCOUNT = 0.75;

/** Episodes whose observations and actions count up from a number. */
const episodes = (...lengths: number[]): Demonstrations =>
  demonstrationsOf(
    lengths.map((length, k) => ({
      observations: Float32Array.from({ length: length + 1 }, (_, t) => k + t / length),
      actions: Float32Array.from({ length }, (_, t) => (t % 7) / 2 - k),
      rewards: new Float64Array(length),
      terminated: k === 0,
      truncated: k > 0,
    })),
    { env: "Line", ...spaces },
  );

/** Steps of two environments; the action of step 1 is out of bounds, and step 4 ends an episode. */
const transitions = (): Transitions => ({
  observations: Float32Array.of(0, 1, 2, 3, 4, 5),
  actions: Float32Array.of(1, 6, -1, 0, 2, 3),
  nextObservations: Float32Array.of(1, 2, 3, 4, 5, 6),
  terminated: Uint8Array.of(0, 0, 0, 0, 1, 0),
  truncated: Uint8Array.of(0, 0, 0, 0, 0, 1),
  environments: 2,
});

/** log π(a | s) = −a² / 10 + s / 100. */
const density = (observations: Float32Array, actions: ArrayLike<number>) =>
  observations.map((s, i) => -(actions[i] ** 2) / 10 + s / 100);

type Given = Partial<AdversarialMethod> & {
  demonstrations?: Demonstrations;
  horizon?: "variable";
  rows?: Transitions;
};

function start({ demonstrations = episodes(4, 3), horizon, rows = transitions(), ...method }: Given) {
  let paid: Float64Array | undefined;
  const optimiser: PolicyOptimiser = {
    name: "still",
    options: { discount: DISCOUNT },
    unit: "updates",
    defaultSteps: 3,
    init: async () => ({}),
    async update(_, rewards) {
      paid = Float64Array.from(await rewards!(rows));
      return { steps: 6, return: 2 };
    },
    policy: () => ({ logProb: async (o, a) => density(o, a) }) as Policy,
  };
  const discriminator = discriminatorSchema.parse({ hidden: [3], minibatchSize: 4, updates: 1 });
  const algorithm = adversarial({
    name: "test",
    options: { demonstrations, optimiser, horizon: horizon ?? "absorbing", discriminator },
    scorer: (spaces) => pairScorer(spaces, discriminator),
    usesPolicy: false,
    reward: (logit) => logit,
    ...method,
  });
  const run = async () => {
    const state = await algorithm.init(problem, createRng(0));
    const metrics = await algorithm.update(state);
    return { state, metrics, paid: paid! };
  };
  return { algorithm, run };
}

/** The scores of the learner's transitions, with the actions that the discriminator is shown after training. */
const scoresOf = (
  state: Awaited<ReturnType<ReturnType<typeof start>["run"]>>["state"],
  rows = transitions(),
) => scoreRows(state.live.discriminator, state.discriminator, learnerRows(rows, true));

describe("the rewards of the optimiser", () => {
  it("are a function of the scores of all transitions, and of the absorbing state where an episode ends", async () => {
    const { run } = start({ reward: (logit) => 3 * logit + 1 });
    const { state, metrics, paid } = await run();
    const { scores, absorbing } = await scoresOf(state);
    const tail = (DISCOUNT / (1 - DISCOUNT)) * (3 * absorbing + 1);
    const own = Array.from(scores, (score) => 3 * score + 1);
    expect(paid.length).toBe(6);
    for (const [i, reward] of own.entries()) expect(paid[i]).toBeCloseTo(reward + (i === 4 ? tail : 0), 5);
    expect(metrics.meanReward).toBeCloseTo(own.reduce((a, b) => a + b) / 6, 5);
    expect(metrics).toMatchObject({ steps: 6, return: 2, discriminatorLoss: expect.any(Number) });
  });

  it("have no absorbing state with the horizon variable", async () => {
    const { run } = start({ horizon: "variable" });
    const { state, paid } = await run();
    const { scores } = await scoresOf(state);
    for (const [i, score] of scores.entries()) expect(paid[i]).toBeCloseTo(score, 6);
  });

  it.each([
    [undefined, 1],
    [0.25, 0.25],
    [0, 0],
  ])("are less log π of what was drawn, in normalised units: entropyWeight %s", async (entropyWeight, weight) => {
    const { run } = start({ usesPolicy: true, entropyWeight, horizon: "variable" });
    const { state, paid } = await run();
    const { scores } = await scoresOf(state);
    const { observations, actions } = transitions();
    // The actions are in ±4: a density of normalised ones is four times as large.
    const logProbs = Array.from(density(observations, actions), (x) => x + Math.log(4));
    const usual = logProbs.reduce((a, b) => a + b) / 6;
    for (const [i, score] of scores.entries()) {
      expect(paid[i]).toBeCloseTo(score - weight * logProbs[i] - (1 - weight) * usual, 5);
    }
  });
});

describe("the densities of the expert's actions", () => {
  it("are those of every demonstrated action, in normalised units, of any number of them", async () => {
    const demonstrations = episodes(5, 65_536);
    const { run } = start({ usesPolicy: true, demonstrations });
    const { state } = await run();
    const { logProbs, count, block, index } = state.live.expert;
    expect(count).toBe(65_541);
    const rows = expertRows(demonstrations, true);
    let largest = 0;
    for (let i = 0; i < count; i++) {
      const [{ observations, actions }, k] = [rows.block(i), rows.index(i)];
      const expected = -(actions[k] ** 2) / 10 + observations[k] / 100 + Math.log(4);
      largest = Math.max(largest, Math.abs(logProbs![i] - expected));
    }
    expect(largest).toBeLessThan(1e-5);
    expect([block(0), index(0)]).toEqual([rows.block(0), 0]);
  });
});

describe("the learnt reward", () => {
  it("is the optimiser's without a policy, the absorbing state included", async () => {
    const { algorithm, run } = start({ reward: (logit) => 3 * logit + 1 });
    const { state, paid } = await run();
    const found = await algorithm.reward(state)(transitions());
    expect(found.length).toBe(6);
    for (const [i, reward] of paid.entries()) expect(found[i]).toBeCloseTo(reward, 5);
  });

  it("is the reward term of a shaped score, whatever the policy is paid", async () => {
    const options = { hidden: [3], activation: "tanh" as const, discount: DISCOUNT };
    const { algorithm, run } = start({
      usesPolicy: true,
      scorer: (spaces) => shapedScorer(spaces, { ...options, rewardInputs: "state" }),
      reward: (logit) => 3 * logit + 1,
    });
    const { state } = await run();
    const rows = learnerRows(transitions(), true);
    const { scores, absorbing } = await scoreRows(
      state.live.discriminator,
      state.discriminator,
      rows,
      "rewards",
    );
    const found = await algorithm.reward(state)(transitions());
    const tail = (DISCOUNT / (1 - DISCOUNT)) * absorbing;
    for (const [i, score] of scores.entries()) expect(found[i]).toBeCloseTo(score + (i === 4 ? tail : 0), 5);
  });
});

describe("the discriminator", () => {
  it("standardises by the observations of the expert and of the learner", async () => {
    const { run } = start({});
    const { state } = await run();
    const { count, mean } = state.discriminator.observations!;
    const seen = [0, 0.25, 0.5, 0.75, 1, 4 / 3, 5 / 3, 0, 1, 2, 3, 4, 5];
    expect(count).toBe(13);
    expect(mean[0]).toBeCloseTo(seen.reduce((a, b) => a + b) / 13, 6);
  });

  it("takes windows of the rows of a rollout, and refuses single transitions", async () => {
    await expect(start({ window: 2 }).run()).resolves.toMatchObject({ metrics: { steps: 6 } });
    const rows = { ...transitions(), environments: undefined };
    await expect(start({ rows }).run()).resolves.toMatchObject({ metrics: { steps: 6 } });
    await expect(start({ window: 2, rows }).run()).rejects.toThrow(
      'test: classify "trajectories" needs whole trajectories, and still learns from single transitions',
    );
  });
});
