/** @file Apprenticeship learning and the game: margins, mixtures, bounds, poor experts, what they refuse; exact resumes of all four. */

import { describe, expect, it } from "vitest";
import {
  type ApprenticeshipOptions,
  apprenticeship,
  gameTheoretic,
  maxCausalEntIrl,
  maxEntIrl,
  ppo,
} from "../../../algorithms/index.js";
import { stepSize } from "../../../algorithms/irl/game-theoretic.js";
import type { InverseAlgorithm } from "../../../algorithms/irl/shared/inverse-problem.js";
import { gridworld } from "../../../envs/gridworld/gridworld.js";
import { macroCells } from "../../../envs/gridworld/macro-cells.js";
import { epicDistance, modelReward } from "../../../src/diagnostics/epic.js";
import type { TabularModel } from "../../../src/env/contracts.js";
import { problemOf } from "../../../src/env/problem.js";
import { tabularEnvironment } from "../../../src/env/tabular-environment.js";
import type { Algorithm, State } from "../../../src/learning/contract.js";
import {
  discountedFlow,
  evaluatePolicy,
  policyReturn,
  tabularModel,
  uniformTable,
  valueIteration,
} from "../../../src/mdp/index.js";
import { collect } from "../../../src/measure/collect.js";
import type { Policy } from "../../../src/policies/contract.js";
import { TabularPolicy } from "../../../src/policies/index.js";
import { createRng } from "../../../src/random/rng.js";
import { train } from "../../../src/runs/train.js";
import { restore, snapshot } from "../../../src/state/snapshot.js";

const settings = { size: 8, macro: 2, rewardSeed: 1, density: 0.3, discount: 0.8, maxEpisodeSteps: 30 };
const make = () => macroCells(settings);
const { grid } = make();
const model = make().model!();
const features = grid.features as number[][];
const expert = new TabularPolicy(model.states, valueIteration(model).policy);

const tableOf = (policy: Policy) => policy.toData().arrays.table.data as Float64Array;
const value = (table: Float64Array) => policyReturn(model, evaluatePolicy(model, table));

/** Expected discounted features of the states that steps end in. */
function expectations(
  { states, actions, rowStart, next, probability, initial }: TabularModel,
  table: Float64Array,
) {
  const flow = discountedFlow(model, table, initial);
  const sums = new Float64Array(features[0].length);
  for (let pair = 0; pair < states * actions; pair++) {
    for (let e = rowStart[pair]; e < rowStart[pair + 1]; e++) {
      const visits = flow[Math.floor(pair / actions)] * table[pair] * probability[e];
      for (const [k, x] of features[next[e]].entries()) sums[k] += visits * x;
    }
  }
  return sums;
}
const distance = (a: Float64Array, b: Float64Array) => Math.hypot(...a.map((x, k) => x - b[k]));

describe.each(["max-margin", "projection"] as const)("apprenticeship by %s", (variant) => {
  it("ends with a margin below ε and a mixture whose features match the expert's within ε", async () => {
    const options: ApprenticeshipOptions = {
      expert,
      features: "task",
      variant,
      tolerance: 0.02,
      iterations: 80,
    };
    const { policy, metrics } = await train.run(apprenticeship(options), { env: make, seed: 0 });
    const margins = metrics.map(({ margin }) => margin);
    expect(margins.at(-1)).toBeLessThanOrEqual(0.02);
    for (let i = 1; i < margins.length; i++) expect(margins[i]).toBeLessThanOrEqual(margins[i - 1] + 1e-9);
    const [own, shown] = [tableOf(policy), tableOf(expert)].map((table) => expectations(model, table));
    expect(distance(own, shown)).toBeCloseTo(margins.at(-1)!, 6);
    // The true weights are no longer than 1: the value is as near.
    expect(Math.abs(value(tableOf(expert)) - value(tableOf(policy)))).toBeLessThanOrEqual(0.02);
    expect(metrics.at(-1)!.valueGap).toBeCloseTo(value(tableOf(expert)) - value(tableOf(policy)), 6);
  });

  it("does as a random expert does, for all it can tell", async () => {
    const random = new TabularPolicy(model.states, uniformTable(model));
    const options: ApprenticeshipOptions = { expert: random, features, variant, iterations: 30 };
    const policy = await train(apprenticeship(options), { env: make, seed: 0 });
    const [own, chance, best] = [tableOf(policy), uniformTable(model), tableOf(expert)].map(value);
    expect(own - chance).toBeLessThan(0.2 * (best - chance));
  });
});

describe("expectations from episodes", () => {
  // The future is worth five times what is seen before the time limit.
  const env = () =>
    gridworld({
      size: 4,
      discount: 0.99,
      maxEpisodeSteps: 20,
      goalTerminal: false,
      startAnywhere: true,
      layoutSeed: 1,
    });
  const endless = env().model!();
  const best = new TabularPolicy(endless.states, valueIteration(endless).policy);

  it("lead where exact ones do, though the clock cuts all episodes off", async () => {
    const demonstrations = await collect(best, { env, episodes: 100, seed: 0 });
    const learn = async (shown: Partial<ApprenticeshipOptions>) => {
      const { metrics } = await train.run(apprenticeship({ iterations: 6, ...shown }), { env, seed: 0 });
      const { margin, valueGap } = metrics.at(-1)!;
      return { margin, gap: Math.abs(valueGap) };
    };
    for (const shown of [{ demonstrations }, { expert: best }]) {
      const [exact, sampled] = [await learn(shown), await learn({ ...shown, episodes: 100 })];
      // Values are up to 1 / (1 − γ) = 100.
      expect(sampled.margin).toBeLessThan(exact.margin + 3);
      expect(sampled.gap).toBeLessThan(exact.gap + 3);
    }
  });
});

describe("gameTheoretic", () => {
  it.each(["known", "unknown"] as const)("keeps its bound after every round, signs %s", async (signs) => {
    const algorithm = gameTheoretic({ expert, features, signs, iterations: 40 });
    const { metrics } = await train.run(algorithm, { env: make, seed: 0 });
    const scale = 1 / (1 - settings.discount);
    const weights = features[0].length * (signs === "known" ? 1 : 2);
    for (const { steps, regret, regretBound, advantage } of metrics) {
      expect(regret).toBeLessThanOrEqual(regretBound);
      // Freund & Schapire's, which the paper's rests on, in the same units: (step · least loss + log k) / (1 − β) − least.
      const [step, least] = [stepSize(weights, 40), (steps * (advantage / scale + 2)) / 4];
      const paper = (step * least + Math.log(weights)) / -Math.expm1(-step) - least;
      expect(regretBound).toBeLessThanOrEqual((4 * scale * paper) / steps);
      // The expert is one of the mixtures, so the value of the game is 0 at least.
      expect(advantage).toBeGreaterThanOrEqual(-regretBound);
      // Theorem 2 of the paper, at its last round: Δ = √(2 ln k / T) + ln k / T, in units of 4 / (1 − γ).
      if (steps < 40) continue;
      const delta = Math.sqrt((2 * Math.log(weights)) / 40) + Math.log(weights) / 40;
      expect(regret).toBeLessThanOrEqual(4 * scale * delta);
    }
    expect(metrics.at(-1)!.featureGap).toBeLessThan(0.2 * metrics[0].featureGap);
    expect(stepSize(weights, 40)).toBeCloseTo(Math.log(1 + Math.sqrt((2 * Math.log(weights)) / 40)), 12);
  });

  it("keeps its bound on samples, where a response lives much longer than the demonstrations", async () => {
    // One who quits after a step or two, in a world whose only feature is that one is there.
    const world = tabularModel({
      states: 2,
      actions: 2,
      discount: 0.99,
      initial: 0,
      terminal: [1],
      transitions: (_, a) => [{ next: a, probability: 1, reward: 1 - a }],
    });
    const env = () => tabularEnvironment("Quit", world, { maxEpisodeSteps: 50 });
    const quitter = new TabularPolicy(2, Float64Array.of(0.2, 0.8, 0.2, 0.8));
    const demonstrations = await collect(quitter, { env, episodes: 20, seed: 0 });
    const options = { demonstrations, features: [[1], [0]], iterations: 8, episodes: 10 };
    const optimiser = { algorithm: "ppo", hidden: [8], environments: 4, rolloutSteps: 32, minibatchSize: 64 };
    for (const signs of ["known", "unknown"] as const) {
      const algorithm = gameTheoretic({
        ...options,
        signs,
        optimiserUpdates: 3,
        optimiser: { ...optimiser, learningRate: 0.02 },
      });
      const { metrics } = await train.run(algorithm as unknown as Algorithm<State>, { env, seed: 0 });
      const last = metrics.at(-1)!;
      for (const { regret, regretBound } of metrics) expect(regret).toBeLessThanOrEqual(regretBound + 1e-9);
      // The least that the mixture is worth more, whatever the weight: with one feature, μ − μ_E, or what is left of it.
      const gained = (signs === "known" ? 1 : -1) * last.featureGap;
      expect(last.advantage).toBeCloseTo(gained, 6);
      if (signs === "known") expect(last.advantage).toBeGreaterThan(10);
    }
  });

  it("gives a learner rewards whose weights have length 1, however small the adversary's are", async () => {
    const problem = await problemOf(make);
    const demonstrations = await collect(expert, { env: make, episodes: 5, seed: 0 });
    const inner = ppo({ hidden: [8], environments: 2, rolloutSteps: 32, minibatchSize: 64 });
    const lengths: number[] = [];
    const optimiser: typeof inner = {
      ...inner,
      update: async (state, rewards) => {
        // The features are indicators of the states: what each pays is its weight.
        const all = Float32Array.from({ length: model.states }, (_, s) => s);
        const [actions, terminated] = [new Int32Array(all.length), new Uint8Array(all.length)];
        const paid = await rewards!({ observations: all, actions, nextObservations: all, terminated });
        lengths.push(Math.hypot(...Array.from(paid)));
        return inner.update(state, rewards);
      },
    };
    const algorithm = gameTheoretic({ demonstrations, optimiser, optimiserUpdates: 1, episodes: 4 });
    const state = await algorithm.init(problem, createRng(0));
    for (let round = 0; round < 3; round++) await algorithm.update(state);
    // With signs unknown the adversary begins indifferent.
    expect(lengths[0]).toBe(0);
    for (const length of lengths.slice(1)) expect(length).toBeCloseTo(1, 9);
    expect(Math.hypot(...state.responses[2].weights)).toBeLessThan(0.5);
  });

  it("beats a poor expert where it is known what may be good, and cannot where it is not", async () => {
    const good = [...grid.weights!.keys()].filter((k) => grid.weights![k] > 0);
    const told = features.map((row) => good.map((k) => row[k]));
    const poor = new TabularPolicy(model.states, uniformTable(model));
    const learn = async (signs: "known" | "unknown") =>
      value(
        tableOf(
          await train(gameTheoretic({ expert: poor, features: told, signs, iterations: 40 }), { env: make }),
        ),
      );
    const chance = value(uniformTable(model));
    expect(await learn("known")).toBeGreaterThan(1.4 * chance);
    expect(Math.abs((await learn("unknown")) - chance)).toBeLessThan(0.2 * chance);
  });
});

describe("maxCausalEntIrl on samples", () => {
  it("refuses learners whose policy is not soft at a temperature of 1", () => {
    for (const optimiser of ["ppo", "a2c", "dqn", "sac", { algorithm: "sac", temperature: 0.2 }]) {
      expect(() => maxCausalEntIrl({ expert, optimiser })).toThrow(/take sac\(\{ temperature: 1 \}\)/);
    }
    expect(maxCausalEntIrl({ expert, optimiser: { algorithm: "sac", temperature: 1 } }).name).toBe(
      "maxCausalEntIrl",
    );
    expect(maxEntIrl({ expert, optimiser: "ppo" }).name).toBe("maxEntIrl");
  });
});

describe("all four", () => {
  const cases = async (): Promise<Record<string, () => Algorithm<State>>> => {
    const demonstrations = await collect(expert, { env: make, episodes: 20, seed: 0 });
    const shown = { demonstrations, features, iterations: 8 };
    return {
      apprenticeship: () => apprenticeship(shown) as unknown as Algorithm<State>,
      "sampled expectations": () => apprenticeship({ ...shown, episodes: 5 }) as unknown as Algorithm<State>,
      gameTheoretic: () => gameTheoretic(shown) as unknown as Algorithm<State>,
      maxEntIrl: () => maxEntIrl(shown) as unknown as Algorithm<State>,
      maxCausalEntIrl: () => maxCausalEntIrl(shown) as unknown as Algorithm<State>,
      network: () => maxCausalEntIrl({ ...shown, hidden: [8] }) as unknown as Algorithm<State>,
      "a learner": () =>
        maxEntIrl({
          ...shown,
          optimiser: { algorithm: "ppo", hidden: [8], environments: 2, minibatchSize: 64 },
          optimiserUpdates: 1,
          episodes: 4,
        }) as unknown as Algorithm<State>,
      "a soft learner": () =>
        maxCausalEntIrl({
          ...shown,
          optimiser: { algorithm: "sac", temperature: 1, hidden: [8], learningStarts: 32, minibatchSize: 8 },
          optimiserUpdates: 1,
          episodes: 4,
        }) as unknown as Algorithm<State>,
    };
  };

  it("go on from a snapshot bit for bit", async () => {
    const problem = await problemOf(make);
    for (const [name, create] of Object.entries(await cases())) {
      const whole = create();
      const state = await whole.init(problem, createRng(0));
      for (let i = 0; i < 3; i++) await whole.update(state);
      const saved = snapshot(state);
      const resumed = create();
      const other = await resumed.init(problem, createRng(0));
      restore(other, saved);
      for (let i = 0; i < 2; i++)
        expect([name, await resumed.update(other)]).toEqual([name, await whole.update(state)]);
      expect(resumed.policy(other).toData()).toEqual(whole.policy(state).toData());
    }
  });

  it("refuse a learner whose policies have memory before it learns anything", () => {
    for (const algorithm of [apprenticeship, gameTheoretic, maxEntIrl, maxCausalEntIrl]) {
      const optimiser = { algorithm: "ppo", recurrentUnits: 4 };
      expect(() => algorithm({ expert, optimiser })).toThrow(
        /one with memory has none without its past; leave recurrentUnits out/,
      );
    }
  });

  it("discount as the learner does, unless told otherwise", async () => {
    const demonstrations = await collect(expert, { env: make, episodes: 5, seed: 0 });
    const small = { hidden: [8], environments: 2, minibatchSize: 64, rolloutSteps: 32 };
    const problem = await problemOf(make);
    for (const create of [apprenticeship, maxEntIrl]) {
      const first = async (own: number, discount?: number) => {
        const optimiser = { algorithm: "ppo", ...small, discount: own };
        const options = { demonstrations, features, optimiser, optimiserUpdates: 1, episodes: 4, discount };
        const algorithm = create(options) as unknown as Algorithm<State>;
        return (await algorithm.update(await algorithm.init(problem, createRng(0)))).featureGap;
      };
      expect(await first(0.5)).toBe(await first(0.5, 0.5));
      expect(await first(0.5)).not.toBe(await first(0.5, 1));
    }
  });

  it("say how far the reward is from the true one with a learner too, where there is a model", async () => {
    const demonstrations = await collect(expert, { env: make, episodes: 5, seed: 0 });
    const problem = await problemOf(make);
    const optimiser = { algorithm: "ppo", hidden: [8], environments: 2, rolloutSteps: 32, minibatchSize: 64 };
    for (const create of [apprenticeship, gameTheoretic, maxEntIrl]) {
      const shown = { demonstrations, features, discount: 0.8, optimiser, optimiserUpdates: 1, episodes: 4 };
      const algorithm = create(shown) as unknown as InverseAlgorithm<State>;
      const state = await algorithm.init(problem, createRng(0));
      const { epic } = await algorithm.update(state);
      const { parameters } = algorithm.reward(state);
      const next = Float64Array.from(features, (row) =>
        row.reduce((sum, x, k) => sum + x * parameters[k], 0),
      );
      expect(epic).toBeCloseTo(epicDistance(model, { next }, modelReward(model)), 9);
    }
  });

  it("say what they lack", async () => {
    const cartPole = { env: "CartPole-v1" };
    const { demonstrations } = { demonstrations: await collect(expert, { env: make, episodes: 2, seed: 0 }) };
    for (const algorithm of [apprenticeship({}), gameTheoretic({}), maxEntIrl({}), maxCausalEntIrl({})]) {
      await expect(train(algorithm as Algorithm<State>, { env: make })).rejects.toThrow(
        /give demonstrations or an expert, one of them/,
      );
    }
    await expect(train(maxCausalEntIrl({ demonstrations, expert }), { env: make })).rejects.toThrow(
      /not both/,
    );
    await expect(train(maxEntIrl({ expert }), { env: make })).rejects.toThrow(/needs a horizon/);
    await expect(train(maxCausalEntIrl({ expert, discount: 1 }), { env: make })).rejects.toThrow(
      /must be below 1/,
    );
    await expect(train(apprenticeship({ expert, features: [[1], [2]] }), { env: make })).rejects.toThrow(
      /features has 2 rows of 1 numbers/,
    );
    const nothing = features.map(() => [0]);
    await expect(train(gameTheoretic({ expert, features: nothing }), { env: make })).rejects.toThrow(
      /every feature is 0/,
    );
    const plain = { ...(await problemOf(make)), model: { ...model, features: undefined } };
    await expect(apprenticeship({ expert, features: "task" }).init(plain, createRng(0))).rejects.toThrow(
      /MacroCells-v0 has no features of its own/,
    );
    await import("../../../envs/index.js");
    await expect(train(apprenticeship({ demonstrations }), cartPole)).rejects.toThrow(
      /apprenticeship: the data set of MacroCells-v0 has observations .*, but CartPole-v1 has/,
    );
  });
});
