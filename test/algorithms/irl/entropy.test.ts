/** @file Maximum-entropy IRL in its parts: likelihoods by brute force, their gradients by differences, occupancies, padding. */

import { describe, expect, it } from "vitest";
import { maxCausalEntIrl, maxEntIrl } from "../../../algorithms/index.js";
import {
  causalDiscounted,
  causalHorizon,
  type SoftModel,
  trajectories,
} from "../../../algorithms/irl/entropy/soft-models.js";
import {
  type Demonstrated,
  demonstrated,
  expectedDemonstrations,
} from "../../../algorithms/irl/shared/demonstrations-on-model.js";
import { rewardModel } from "../../../algorithms/irl/shared/feature-reward.js";
import { entryRewards, featureMap, modelRows, visitsOf } from "../../../algorithms/irl/shared/features.js";
import { demonstrationsOf } from "../../../src/datasets/demonstrations.js";
import type { TabularModel } from "../../../src/env/contracts.js";
import { problemOf } from "../../../src/env/problem.js";
import { tabularEnvironment } from "../../../src/env/tabular-environment.js";
import type { PolicyOptimiser } from "../../../src/learning/contract.js";
import {
  horizonFlow,
  randomModel,
  softFiniteHorizon,
  tabularModel,
  trajectoryDistribution,
  trajectoryFlow,
  uniformTable,
} from "../../../src/mdp/index.js";
import type { Policy } from "../../../src/policies/contract.js";
import { TabularPolicy, TimeIndexedPolicy } from "../../../src/policies/index.js";
import { createRng, type Rng } from "../../../src/random/rng.js";
import { discrete } from "../../../src/spaces/index.js";
import { randomTable } from "../../mdp/random.js";

const HORIZON = 4;
const DISCOUNT = 0.8;

/** Four ordinary states and a terminal one. */
const randomWorld = (seed: string) =>
  randomModel(createRng(seed), { states: 5, actions: 2, branching: 2, discount: DISCOUNT, terminals: 1 });

/** Episodes of somebody who acts at random in a model, cut off after `limit` steps. */
function episodesIn(model: TabularModel, rng: Rng, count: number, limit: number) {
  const all = Array.from({ length: count }, () => {
    const path = [rng.categorical(model.initial)];
    const chosen: number[] = [];
    const rewards: number[] = [];
    while (chosen.length < limit && !model.terminal[path[path.length - 1]]) {
      const action = rng.integer(model.actions);
      const pair = path[path.length - 1] * model.actions + action;
      const row = model.probability.subarray(model.rowStart[pair], model.rowStart[pair + 1]);
      const entry = model.rowStart[pair] + rng.categorical(row);
      path.push(model.next[entry]);
      chosen.push(action);
      rewards.push(model.reward[entry]);
    }
    const terminated = model.terminal[path[path.length - 1]] === 1;
    return {
      observations: Float32Array.from(path),
      actions: Int32Array.from(chosen),
      rewards: Float64Array.from(rewards),
      terminated,
      truncated: !terminated,
    };
  });
  return demonstrationsOf(all, {
    env: "Random",
    observationSpace: discrete(model.states),
    actionSpace: discrete(model.actions),
  });
}

/** The largest difference between the slope of a likelihood in the table and central differences. */
function slopeError(model: TabularModel, soft: SoftModel, rewardOf: "next-state" | "state-action", rng: Rng) {
  const size = rewardOf === "next-state" ? model.states : model.states * model.actions;
  const table = rng.fillNormal(new Float64Array(size));
  const at = (x: Float64Array) => soft.likelihood(entryRewards(model, rewardOf, x));
  const slope = visitsOf(model, rewardOf, at(table).slope);
  const errors = Array.from(table, (x, i) => {
    const moved = (step: number) =>
      at(Float64Array.from(table, (y, j) => (j === i ? x + step : y))).logLikelihood;
    return Math.abs((moved(1e-4) - moved(-1e-4)) / 2e-4 - slope[i]);
  });
  expect(Math.hypot(...slope)).toBeGreaterThan(0.05);
  return Math.max(...errors);
}

describe.each(["next-state", "state-action"] as const)("with rewards of the %s", (rewardOf) => {
  const model = randomWorld("gradients");
  const shownAs: Record<string, (horizon?: number) => Demonstrated> = {
    "episodes that end or are cut off": (horizon) =>
      demonstrated(model, episodesIn(model, createRng("shown"), 6, 3), { discount: DISCOUNT, horizon }),
    "the expectations of an expert": (horizon) =>
      expectedDemonstrations(model, randomTable(model, createRng("expert")), { discount: DISCOUNT, horizon }),
  };

  it.each(Object.keys(shownAs))("the gradients from %s are finite differences", (shown) => {
    const rng = createRng("tables");
    const [always, limited] = [shownAs[shown](), shownAs[shown](HORIZON)];
    const horizon = { horizon: HORIZON, discount: DISCOUNT };
    for (const objective of ["moments", "actions"] as const) {
      const discounted = causalDiscounted(model, always, objective, { discount: DISCOUNT, accuracy: 1e-13 });
      expect(slopeError(model, discounted, rewardOf, rng)).toBeLessThan(1e-6);
      expect(
        slopeError(model, causalHorizon(model, limited, objective, horizon), rewardOf, rng),
      ).toBeLessThan(1e-6);
    }
    expect(slopeError(model, trajectories(model, limited, horizon), rewardOf, rng)).toBeLessThan(1e-6);
  });
});

describe("a network of the features", () => {
  const model = randomWorld("networks");
  const reward = rewardModel(3, { hidden: [5], activation: "tanh" });
  const rng = createRng("network features");
  const features = Array.from({ length: 5 }, () => [...rng.fillNormal(new Float64Array(3))]);
  const spaces = { id: "Random", observationSpace: discrete(5), actionSpace: discrete(2), model };
  const map = featureMap("test", spaces, { features, rewardOf: "next-state" });
  const rows = modelRows(map, model);
  const expert = randomTable(model, createRng("network expert"));
  const horizon = { horizon: HORIZON, discount: DISCOUNT };
  const [always, limited] = [{ discount: DISCOUNT }, horizon].map((o) =>
    expectedDemonstrations(model, expert, o),
  );

  it.each([
    [
      "discounted actions",
      causalDiscounted(model, always, "actions", { discount: DISCOUNT, accuracy: 1e-13 }),
    ],
    [
      "discounted moments",
      causalDiscounted(model, always, "moments", { discount: DISCOUNT, accuracy: 1e-13 }),
    ],
    ["actions over a horizon", causalHorizon(model, limited, "actions", horizon)],
    ["moments over a horizon", causalHorizon(model, limited, "moments", horizon)],
    ["trajectories", trajectories(model, limited, horizon)],
  ])("has the gradient of the likelihood of %s, as finite differences have it", async (_, soft) => {
    // Larger than at the beginning, so that the network is not linear.
    const point = reward.initialise(createRng("network")).map((x) => 3 * x);
    const at = async (x: Float64Array) =>
      soft.likelihood(entryRewards(model, "next-state", await reward.rewards(x, rows)));
    const slope = visitsOf(model, "next-state", (await at(point)).slope);
    const gradient = await reward.gradient(point, rows, slope);
    expect(gradient.length).toBe(reward.size);
    expect(Math.hypot(...gradient)).toBeGreaterThan(0.05);
    // The network is in float32: smaller steps drown in its rounding.
    const step = 5e-3;
    for (const [i, own] of gradient.entries()) {
      const moved = async (by: number) =>
        (await at(point.map((x, j) => (j === i ? x + by : x)))).logLikelihood;
      expect(Math.abs(((await moved(step)) - (await moved(-step))) / (2 * step) - own)).toBeLessThan(5e-4);
    }
  });
});

describe("the gradient from samples", () => {
  // One start: whole episodes are weighed with their starts.
  const model = { ...randomWorld("samples"), initial: Float64Array.of(1, 0, 0, 0, 0) };
  const env = () => tabularEnvironment("Random", model, { maxEpisodeSteps: HORIZON });
  const horizon = { horizon: HORIZON, discount: DISCOUNT };
  const demonstrations = episodesIn(model, createRng("shown to samples"), 20, HORIZON);
  const shown = demonstrated(model, demonstrations, horizon);
  const table = Float64Array.of(1, -1, 0.5, 2, -0.5);
  const entries = entryRewards(model, "next-state", table);
  const uniform = new TabularPolicy(5, uniformTable(model));

  /** What a round follows when rewards are the table's and the learner's policy is this one. */
  async function sampled(create: typeof maxEntIrl, policy: Policy): Promise<Float64Array> {
    const optimiser: PolicyOptimiser = {
      name: "somebody who knows",
      options: {},
      unit: "updates",
      defaultSteps: 1,
      init: async () => ({}),
      update: async () => ({ steps: 1 }),
      policy: () => policy,
    };
    const settings = { demonstrations, optimiser, discount: DISCOUNT, episodes: 6000, optimiserUpdates: 1 };
    const algorithm = create(settings);
    const state = await algorithm.init(await problemOf(env), createRng(0));
    const adam = state.sampled!.optimiser;
    adam.point = table.slice();
    await algorithm.update(state);
    // After one step the first moment is a tenth of the gradient of what is gone down.
    return adam.first.map((x) => -10 * x);
  }
  const slopeOf = (soft: SoftModel) => visitsOf(model, "next-state", soft.likelihood(entries).slope);
  const apart = (a: Float64Array, b: Float64Array) => Math.hypot(...a.map((x, i) => x - b[i]));

  it("of causal entropy is the exact one where the learner's policy is the soft one, and no other", async () => {
    const exact = slopeOf(causalHorizon(model, shown, "moments", horizon));
    const { policy } = softFiniteHorizon({ ...model, reward: entries }, horizon);
    expect(
      apart(await sampled(maxCausalEntIrl, new TimeIndexedPolicy(5, HORIZON, policy)), exact),
    ).toBeLessThan(0.06);
    expect(apart(await sampled(maxCausalEntIrl, uniform), exact)).toBeGreaterThan(0.2);
  });

  it("of trajectories is the exact one whatever the learner's policy is", async () => {
    const exact = slopeOf(trajectories(model, shown, horizon));
    const other = new TabularPolicy(
      5,
      Float64Array.from({ length: 10 }, (_, i) => (i % 2 ? 0.7 : 0.3)),
    );
    for (const policy of [uniform, other]) {
      expect(apart(await sampled(maxEntIrl, policy), exact)).toBeLessThan(0.06);
    }
  });
});

describe("the likelihood", () => {
  const model = randomWorld("likelihood");
  const table = createRng("table").fillNormal(new Float64Array(5));
  const reward = entryRewards(model, "next-state", table);
  const horizon = { horizon: HORIZON, discount: DISCOUNT };

  it("of actions is the discounted sum of their log-probabilities, in both forms", () => {
    const demonstrations = episodesIn(model, createRng(1), 5, HORIZON);
    const shown = demonstrated(model, demonstrations, horizon);
    for (const [soft, timed] of [
      [causalHorizon(model, shown, "actions", horizon), true],
      [causalDiscounted(model, shown, "actions", horizon), false],
    ] as const) {
      const { logLikelihood, policy } = soft.likelihood(reward);
      let expected = 0;
      for (const { observations, actions } of demonstrations.trajectories) {
        for (const [t, a] of actions.entries()) {
          expected += (DISCOUNT ** t * Math.log(policy[(timed ? t * 10 : 0) + observations[t] * 2 + a])) / 5;
        }
      }
      expect(logLikelihood).toBeCloseTo(expected, 8);
    }
  });

  it("by moments is that of actions, on average over an expert's episodes, and exactly where nothing is random", () => {
    const expert = expectedDemonstrations(model, randomTable(model, createRng(2)), horizon);
    const [moments, actions] = (["moments", "actions"] as const).map(
      (objective) => causalHorizon(model, expert, objective, horizon).likelihood(reward).logLikelihood,
    );
    expect(moments).toBeCloseTo(actions, 10);
    const walk = randomModel(createRng("walk"), {
      states: 6,
      actions: 2,
      branching: 1,
      discount: 0.9,
      terminals: 1,
    });
    const shown = demonstrated(walk, episodesIn(walk, createRng(3), 4, 9), { discount: 0.9 });
    const values = (["moments", "actions"] as const).map((objective) => {
      const rewards = entryRewards(walk, "next-state", createRng(4).fillNormal(new Float64Array(6)));
      return causalDiscounted(walk, shown, objective, { discount: 0.9, accuracy: 1e-12 }).likelihood(rewards);
    });
    expect(values[0].logLikelihood).toBeCloseTo(values[1].logLikelihood, 8);
  });

  it("of trajectories is their share of the weights of all", () => {
    const demonstrations = episodesIn(model, createRng(5), 3, HORIZON);
    const shown = demonstrated(model, demonstrations, horizon);
    const { logLikelihood } = trajectories(model, shown, horizon).likelihood(reward);
    let expected = 0;
    for (const { observations, actions } of demonstrations.trajectories) {
      let score = 0;
      for (let t = 0; t < actions.length; t++) score += DISCOUNT ** t * table[observations[t + 1]];
      const rest = partition(observations[actions.length], actions.length);
      expected += (score + Math.log(rest) - Math.log(partition(observations[0], 0))) / 3;
    }
    expect(logLikelihood).toBeCloseTo(expected, 10);
  });

  /** Σ over all ways to go on of Π p · exp Σ γᵗ r, counted one by one. */
  function partition(state: number, time: number): number {
    if (time === HORIZON || model.terminal[state]) return 1;
    let sum = 0;
    for (let pair = state * 2; pair < state * 2 + 2; pair++) {
      for (let e = model.rowStart[pair]; e < model.rowStart[pair + 1]; e++) {
        const weight = model.probability[e] * Math.exp(DISCOUNT ** time * table[model.next[e]]);
        sum += weight * partition(model.next[e], time + 1);
      }
    }
    return sum;
  }
});

describe("occupancies", () => {
  const model = { ...randomWorld("occupancies") };
  model.reward = entryRewards(model, "next-state", Float64Array.of(1, -1, 0.5, 2, 1));
  const start = [...model.initial.keys()].map((state) => ({ time: 0, state, mass: model.initial[state] }));
  const sum = (x: Float64Array) => x.reduce((total, value) => total + value, 0);

  it("sum to the horizon, or Σ γᵗ, the time after an early end included", () => {
    for (const discount of [1, 0.7]) {
      const options = { horizon: 7, discount };
      const total = Array.from({ length: 7 }, (_, t) => discount ** t).reduce((a, b) => a + b);
      const { policy } = softFiniteHorizon(model, options);
      const visits = horizonFlow(model, policy, start, options);
      expect(sum(visits)).toBeCloseTo(total, 10);
      // The absorbing state, and nothing else, is what its own transitions count.
      expect(sum(visits.subarray(model.rowStart[8]))).toBeGreaterThan(0.1);
      const { values } = trajectoryDistribution(model, options);
      expect(sum(trajectoryFlow(model, values, start, options))).toBeCloseTo(total, 10);
    }
  });

  it("are of policies that depend on the time that is left", () => {
    const { policy } = softFiniteHorizon(model, { horizon: 7 });
    const at = (t: number) => policy.subarray(t * 10, t * 10 + 8);
    expect(Math.max(...at(0).map((p, i) => Math.abs(p - at(6)[i])))).toBeGreaterThan(0.05);
  });
});

describe("demonstrations on a model", () => {
  // A walk to state 2, which is terminal.
  const model = tabularModel({
    states: 3,
    actions: 2,
    discount: 0.5,
    initial: 0,
    terminal: [2],
    transitions: (s, a) => [{ next: s + a, probability: 1, reward: a }],
  });
  const header = { env: "Walk", observationSpace: discrete(3), actionSpace: discrete(2) };
  const episode = (path: number[], terminated: boolean) => ({
    observations: Float32Array.from(path),
    actions: Int32Array.from(path.slice(1), (s, t) => s - path[t]),
    rewards: Float64Array.from(path.slice(1), (s, t) => s - path[t]),
    terminated,
    truncated: !terminated,
  });

  it("stay where they end, and are compared only with what was seen of them where they are cut off", () => {
    const shown = demonstrated(
      model,
      demonstrationsOf([episode([0, 1, 2], true), episode([0, 0], false)], header),
      {
        discount: 0.5,
      },
    );
    // By pairs: staying in 0 once, going on from 0 once, from 1 at time 1.
    const taken = Float64Array.from({ length: 6 }, (_, pair) =>
      shown.visits.subarray(model.rowStart[pair], model.rowStart[pair + 1]).reduce((a, b) => a + b, 0),
    );
    expect([...taken]).toEqual([0.5, 0.5, 0, 0.25, 0, 0]);
    expect(shown.value).toBe(0.5 + 0.25);
    expect(shown.entries).toEqual([
      { time: 0, state: 0, mass: 0.5 },
      { time: 0, state: 0, mass: 0.5 },
      { time: 1, state: 0, mass: -0.5 },
    ]);
  });

  it("are refused where the model cannot do what they do", () => {
    const of = (path: number[], terminated: boolean) => () =>
      demonstrated(
        model,
        demonstrationsOf([{ ...episode(path, terminated), actions: Int32Array.of(1) }], header),
        {
          discount: 0.5,
        },
      );
    expect(of([0, 2], true)).toThrow(/step 0 goes from state 0 by action 1 to state 2, which cannot happen/);
    expect(of([0, 1], true)).toThrow(/episode 0 ends in state 1, where the model goes on/);
  });
});

describe("luck", () => {
  /** In state 0, action 0 gambles for ±3 and action 1 takes nothing. */
  const odds = (win: number) =>
    tabularModel({
      states: 4,
      actions: 2,
      discount: 0.9,
      initial: 0,
      terminal: [1, 2, 3],
      transitions: (_, a) =>
        a === 1
          ? [{ next: 3, probability: 1 }]
          : [
              { next: 1, probability: win, reward: 3 },
              { next: 2, probability: 1 - win, reward: -3 },
            ],
    });
  const gambles = (model: TabularModel) =>
    [softFiniteHorizon, trajectoryDistribution].map((solve) => solve(model, { horizon: 1 }).policy[0]);

  it("draws whole trajectories to a fair gamble, and causal entropy not at all", () => {
    const [causal, whole] = gambles(odds(0.5));
    expect(causal).toBeCloseTo(0.5, 12);
    expect(whole).toBeCloseTo(Math.cosh(3) / (Math.cosh(3) + 1), 12);
  });

  it("makes no difference where outcomes are certain", () => {
    const [causal, whole] = gambles(odds(1));
    expect(causal).toBeCloseTo(whole, 12);
    const walk = randomModel(createRng("certain"), { states: 8, actions: 3, branching: 1, discount: 0.9 });
    const options = { horizon: 6, discount: 1 };
    const [a, b] = [softFiniteHorizon(walk, options), trajectoryDistribution(walk, options)];
    for (const [i, p] of a.policy.entries()) expect(p).toBeCloseTo(b.policy[i], 10);
  });
});
