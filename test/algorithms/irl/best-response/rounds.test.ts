/** @file Rounds of best responses: what is measured when, the mean of the weights, and the learnt reward. */

import { describe, expect, it } from "vitest";
import type { Response } from "../../../../algorithms/irl/best-response/responder.js";
import { type RoundsState, roundsOfResponses } from "../../../../algorithms/irl/best-response/rounds.js";
import { inverseOptions } from "../../../../algorithms/irl/shared/options.js";
import { epicDistance, modelReward } from "../../../../src/diagnostics/epic.js";
import { problemOf } from "../../../../src/env/problem.js";
import { tabularEnvironment } from "../../../../src/env/tabular-environment.js";
import type { PolicyOptimiser } from "../../../../src/learning/contract.js";
import { tabularModel } from "../../../../src/mdp/index.js";
import { collect } from "../../../../src/measure/collect.js";
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
const env = () => tabularEnvironment("Fork", model, { maxEpisodeSteps: 3 });
const problem = await problemOf(env);
const expert = new TabularPolicy(3, Float64Array.of(1, 0, 1, 0, 1, 0));

type Own = RoundsState & { mixed: number[] };
type Options = Parameters<typeof roundsOfResponses>[1];
const settings = (given: Partial<Options> = {}): Options => ({
  expert,
  features: undefined,
  rewardOf: "next-state",
  iterations: 5,
  optimiserUpdates: inverseOptions.optimiserUpdates.parse(undefined),
  diagnosticsEvery: 3,
  ...given,
});

/** Round k responds to the weights (0, k, 1), after a first response to (0, 0, 1). */
const method = (options: Options, seen: Response[] = []) =>
  roundsOfResponses<Own>("test", options, {
    async start(base, add) {
      seen.push(await add(Float64Array.of(0, 0, 1)));
      return { ...base, mixed: [1] };
    },
    async round(state, add) {
      seen.push(await add(Float64Array.of(0, state.rounds + 1, 1)));
      return { gap: 10 * state.rounds };
    },
    mixture: ({ responses }) => new Float64Array(responses.length).fill(1 / responses.length),
    done: ({ rounds }) => rounds >= 5,
    outcome: ({ rounds }) => `${rounds} rounds`,
  });

describe("rounds of best responses", () => {
  it("add the responses in order, count, and measure the mean of the weights now and then", async () => {
    const seen: Response[] = [];
    const algorithm = method(settings(), seen);
    const state = await algorithm.init(problem, createRng(0));
    expect(state.responses).toEqual(seen);
    const rows = [];
    while (!algorithm.done!(state)) rows.push(await algorithm.update(state));
    expect(state.responses).toEqual(seen);
    expect(state.responses.map(({ weights }) => weights[1])).toEqual([0, 1, 2, 3, 4, 5]);
    // Going to state 1 pays more from the weight 2 on.
    expect(state.responses.map(({ choices }) => choices![0])).toEqual([1, 0, 0, 0, 0, 0]);
    expect(rows.map(({ steps, gap }) => [steps, gap])).toEqual([
      [1, 0],
      [2, 10],
      [3, 20],
      [4, 30],
      [5, 40],
    ]);
    expect(rows.map((row) => "epic" in row)).toEqual([true, false, true, false, true]);
    for (const round of [1, 3, 5]) {
      const mean = Float64Array.of(0, round / 2, 1);
      const distance = epicDistance(model, { next: mean }, modelReward(model), 0.5);
      expect(rows[round - 1].epic).toBeCloseTo(distance, 9);
    }
    expect(algorithm.outcome!(state)).toBe("5 rounds");
    const learnt = algorithm.reward(state);
    for (const found of [learnt.parameters, learnt.table!]) {
      for (const [i, x] of [0, 2.5, 1].entries()) expect(found[i]).toBeCloseTo(x, 12);
    }
  });

  it("report the learner's metrics of the round beside their own", async () => {
    const demonstrations = await collect(expert, { env, episodes: 2, seed: 0 });
    const learner: PolicyOptimiser = {
      name: "still",
      options: { discount: 0.5 },
      unit: "updates",
      defaultSteps: 1,
      init: async () => ({}),
      update: async () => ({ steps: 3, return: 5, loss: 1 }),
      policy: () => expert,
    };
    const options = settings({
      expert: undefined,
      demonstrations,
      learner,
      episodes: 2,
      diagnosticsEvery: 1,
    });
    const algorithm = method(options);
    const state = await algorithm.init(problem, createRng(0));
    expect(await algorithm.update(state)).toEqual({
      steps: 1,
      gap: 0,
      epic: expect.any(Number),
      learnerSteps: 3,
      return: 5,
    });
    expect(algorithm.options).toMatchObject({ optimiser: { algorithm: "still", discount: 0.5 } });
    expect(algorithm.reward(state).table).toBeUndefined();
  });
});
