/** @file A round of maximum entropy IRL on samples, by hand: its gradient, its metrics, and what the learner is paid. */

import { describe, expect, it } from "vitest";
import { type MaxCausalEntIrlOptions, maxCausalEntIrl, maxEntIrl } from "../../../../algorithms/index.js";
import type { SampledAscentState } from "../../../../algorithms/irl/entropy/sampled-ascent.js";
import { demonstrationsOf } from "../../../../src/datasets/demonstrations.js";
import { epicDistance, modelReward } from "../../../../src/diagnostics/epic.js";
import type { Problem } from "../../../../src/env/contracts.js";
import { problemOf } from "../../../../src/env/problem.js";
import { tabularEnvironment } from "../../../../src/env/tabular-environment.js";
import type { PolicyOptimiser, State } from "../../../../src/learning/contract.js";
import { tabularModel } from "../../../../src/mdp/index.js";
import { TabularPolicy } from "../../../../src/policies/index.js";
import { createRng } from "../../../../src/random/rng.js";

/** From state 0, action 0 leads to 1 and action 1 to 2, for ever; a step pays the number of the state it reaches. */
const model = tabularModel({
  states: 3,
  actions: 2,
  discount: 0.5,
  initial: 0,
  transitions: (s, a) => {
    const next = s > 0 ? s : 1 + a;
    return [{ next, probability: 1, reward: next }];
  },
});
const problem = await problemOf(() => tabularEnvironment("Fork", model, { maxEpisodeSteps: 3 }));
/** Two steps to state 1, without an end. */
const demonstrations = demonstrationsOf(
  [
    {
      observations: Float32Array.of(0, 1, 1),
      actions: Int32Array.of(0, 0),
      rewards: Float64Array.of(1, 1),
      terminated: false,
      truncated: true,
    },
  ],
  { env: "Fork", ...problem },
);

/** A learner that always goes to state 2, and keeps what it is paid in each state. */
function watched() {
  const paid: number[][] = [];
  const optimiser: PolicyOptimiser = {
    name: "watched",
    options: { discount: 0.5, temperature: 1 },
    abilities: { density: true, soft: true },
    unit: "updates",
    defaultSteps: 1,
    init: async () => ({}),
    async update(_, rewards) {
      const all = Float32Array.of(0, 1, 2);
      const rows = { observations: all, actions: new Int32Array(3), nextObservations: all };
      paid.push([...Array.from(await rewards!({ ...rows, terminated: new Uint8Array(3) }))]);
      return { steps: 8 * paid.length, return: -1, loss: 4 };
    },
    policy: () => new TabularPolicy(3, Float64Array.of(0, 1, 0, 1, 0, 1)),
  };
  return { optimiser, paid };
}

async function started(
  options: Partial<MaxCausalEntIrlOptions> = {},
  create = maxCausalEntIrl,
  given: Problem = problem,
) {
  const { optimiser, paid } = watched();
  const settings = { demonstrations, optimiser, episodes: 2, optimiserUpdates: 2, learningRate: 0.25 };
  const algorithm = create({ ...settings, ...options } as never);
  const state = (await algorithm.init(given, createRng(0))) as SampledAscentState;
  return { algorithm, state, paid, update: () => algorithm.update(state as State) };
}

/** Σ γᵗ over two demonstrated steps, and over the three of a sampled episode. */
const [SHOWN, SAMPLED] = [1.5, 1.75];

describe("a round on samples", () => {
  it("moves the rewards up where the demonstrations are, and down where the learner is", async () => {
    const { algorithm, state, paid, update } = await started();
    const metrics = await update();
    expect(paid).toEqual([
      [0, 0, 0],
      [0, 0, 0],
    ]);
    // A first step of Adam has the length of the learning rate.
    for (const [i, x] of [0, 0.25, -0.25].entries()) expect(state.optimiser.point[i]).toBeCloseTo(x, 6);
    expect(state.optimiser.first[1]).toBeCloseTo(-0.1 * SHOWN, 12);
    expect(state.optimiser.first[2]).toBeCloseTo(0.1 * SAMPLED, 12);
    expect(metrics).toMatchObject({ steps: 1, learnerSteps: 16, return: -1 });
    expect(metrics.featureGap).toBeCloseTo(Math.hypot(SHOWN, SAMPLED), 12);
    expect(metrics.valueGap).toBeCloseTo(SHOWN - 2 * SAMPLED, 12);
    const learnt = { next: Float64Array.from(state.optimiser.point) };
    expect(metrics.epic).toBeCloseTo(epicDistance(model, learnt, modelReward(model), 0.5), 9);
    expect(algorithm.outcome!(state)).toBe(
      `1 rounds; the last gap between feature expectations is ${Math.hypot(SHOWN, SAMPLED).toPrecision(3)}`,
    );
    await update();
    expect(paid[2]).toEqual([...learnt.next]);
    expect("effectiveEpisodes" in metrics).toBe(false);
  });

  it("has the penalties of the options, and their discount", async () => {
    const { state, update } = await started({ l2: 3, l1: 0.1, discount: 0.25 });
    state.optimiser.point = Float64Array.of(0, 2, 0);
    await update();
    const [shown, sampled] = [1.25, 1.25 + 0.25 ** 2];
    expect(state.optimiser.first[1]).toBeCloseTo(0.1 * (3 * 2 - shown), 12);
    expect(state.optimiser.first[2]).toBeCloseTo(0.1 * sampled, 12);
    expect(state.optimiser.point[1]).toBeCloseTo(2 - 0.25 - 0.025, 6);
    expect(state.optimiser.point[2]).toBeCloseTo(-0.25 + 0.025, 6);
  });

  it("measures the distance of the rewards in the first round, every few rounds, and in the last", async () => {
    const { algorithm, state, update } = await started({ iterations: 5, diagnosticsEvery: 3 });
    const measured = [];
    for (let round = 1; round <= 5; round++) {
      expect(algorithm.done!(state)).toBe(false);
      measured.push("epic" in (await update()));
    }
    expect(measured).toEqual([true, false, true, false, true]);
    expect(algorithm.done!(state)).toBe(true);
  });

  it("has no distance to measure without a model", async () => {
    const { update } = await started({}, maxCausalEntIrl, { ...problem, model: undefined });
    const metrics = await update();
    expect(metrics).not.toHaveProperty("epic");
    expect(metrics.featureGap).toBeCloseTo(Math.hypot(SHOWN, SAMPLED), 12);
  });

  it("weighs episodes under the entropy of trajectories, equal ones equally", async () => {
    const { state, update } = await started({ episodes: 4 }, maxEntIrl as never);
    const metrics = await update();
    expect(metrics.effectiveEpisodes).toBeCloseTo(4, 9);
    expect(state.optimiser.first[2]).toBeCloseTo(0.1 * SAMPLED, 9);
  });

  it("cannot have a horizon", () => {
    const { optimiser } = watched();
    for (const create of [maxEntIrl, maxCausalEntIrl]) {
      expect(() => create({ demonstrations, optimiser, horizon: 3 })).toThrow("horizon needs an exact model");
    }
  });
});
