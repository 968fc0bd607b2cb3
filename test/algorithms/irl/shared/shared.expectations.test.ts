/**
 * @file Weights and subsampled steps of demonstrations change all expectations alike: exact, sampled, and occupancies.
 */

import { describe, expect, it } from "vitest";
import { gameTheoretic, maxEntIrl } from "../../../../algorithms/index.js";
import type { InverseAlgorithm } from "../../../../algorithms/irl/shared/contract.js";
import {
  demonstratedVisits,
  type VisitOptions,
} from "../../../../algorithms/irl/shared/demonstrated-visits.js";
import { featureMap, visitsOf } from "../../../../algorithms/irl/shared/features.js";
import {
  featureExpectations,
  sampledSteps,
  sampledValue,
} from "../../../../algorithms/irl/shared/sampled-episodes.js";
import { subsample, weighted } from "../../../../src/datasets/demonstration-tools.js";
import {
  type Demonstration,
  type Demonstrations,
  demonstrationsOf,
} from "../../../../src/datasets/demonstrations.js";
import { demonstratedOccupancy } from "../../../../src/datasets/occupancy.js";
import { problemOf } from "../../../../src/env/problem.js";
import { tabularEnvironment } from "../../../../src/env/tabular-environment.js";
import type { State } from "../../../../src/learning/contract.js";
import { randomModel, uniformTable } from "../../../../src/mdp/index.js";
import { TabularPolicy } from "../../../../src/policies/index.js";
import { createRng } from "../../../../src/random/rng.js";
import { collectEpisodes } from "../../../../src/rollout/collect.js";

const DISCOUNT = 0.8;
const model = randomModel(createRng("shown"), {
  states: 6,
  actions: 2,
  branching: 2,
  discount: DISCOUNT,
  terminals: 1,
});
const env = () => tabularEnvironment("Weights", model, { maxEpisodeSteps: 12 });
const problem = await problemOf(env);
const walker = new TabularPolicy(model.states, uniformTable(model));
const walks = demonstrationsOf(
  await collectEpisodes(walker, await problem.vector(1, createRng(0)), 6, { rng: createRng(0) }),
  { env: "Weights", ...problem },
);
const few = subsample(walks, { every: 3, rng: createRng(3) });

const of = (shown: Demonstrations, trajectories: readonly Demonstration[]) => ({ ...shown, trajectories });
const pairs = featureMap("weights", problem, { rewardOf: "state-action" });
const sum = (x: Float64Array) => x.reduce((total, value) => total + value, 0);
/** Σ γᵗ over so many steps, or over all there are. */
const geometric = (steps: number) => (1 - DISCOUNT ** steps) / (1 - DISCOUNT);

/** How often each pair is met, and last what is earned. */
const exactly =
  (options: Partial<VisitOptions> = {}) =>
  (shown: Demonstrations) => {
    const { visits, value } = demonstratedVisits(model, shown, { discount: DISCOUNT, ...options });
    return Float64Array.of(...visitsOf(model, "state-action", visits), value);
  };
const bySamples =
  (options: Partial<VisitOptions> = {}) =>
  ({ trajectories }: Demonstrations) => {
    const steps = sampledSteps(pairs, problem, trajectories, { discount: DISCOUNT, ...options });
    const columns = featureExpectations(steps);
    // One block of columns an action.
    const visits = Array.from(
      columns,
      (_, pair) => columns[(pair % model.actions) * model.states + Math.floor(pair / model.actions)],
    );
    return Float64Array.of(...visits, sampledValue(steps));
  };

const expectations: Record<string, (shown: Demonstrations) => Float64Array> = {
  "on a model": exactly(),
  "on a model, over a horizon": exactly({ horizon: 7 }),
  "on a model, as if what the clock cut off had gone on": exactly({ tails: "scaled" }),
  "by samples": bySamples(),
  "by samples, as if what the clock cut off had gone on": bySamples({ tails: "scaled" }),
  occupancy: ({ trajectories }) => demonstratedOccupancy(model, trajectories),
};

const close = (found: Float64Array, expected: Float64Array) => {
  expect(found.length).toBe(expected.length);
  for (const [i, x] of expected.entries()) expect(found[i]).toBeCloseTo(x, 12);
};

it("the demonstrations of these tests terminate, are truncated, and differ in length", () => {
  const { trajectories } = walks;
  expect(new Set(trajectories.map(({ terminated }) => terminated)).size).toBe(2);
  expect(new Set(trajectories.map(({ rewards }) => rewards.length)).size).toBeGreaterThan(2);
});

describe.each(Object.entries(expectations))("demonstrated expectations %s", (_, expected) => {
  it.each([
    ["whole", walks],
    ["subsampled", few],
  ])("of %s episodes count an episode of weight 2 twice and omit one of weight 0", (__, shown) => {
    const [a, , c, ...others] = shown.trajectories;
    const found = expected(weighted(shown, [2, 0, 0.5, 1, 1, 1]));
    close(found, expected(of(shown, [a, a, { ...c, weight: 0.5 }, ...others])));
    // All at twice the weight are what they were.
    close(expected(weighted(shown, [4, 0, 1, 2, 2, 2])), found);
    expect(Math.max(...expected(shown).map((x, i) => Math.abs(x - found[i])))).toBeGreaterThan(0.01);
  });

  it("keep the mass of whole episodes after subsampling, on the remaining pairs", () => {
    for (const [i, whole] of walks.trajectories.entries()) {
      const found = expected(of(few, [few.trajectories[i]]));
      expect(sum(found)).toBeCloseTo(sum(expected(of(walks, [whole]))), 10);
      expect(found.filter((x) => x !== 0).length).toBeLessThanOrEqual(few.trajectories[i].steps!.length + 1);
    }
    expect(sum(expected(few))).toBeCloseTo(sum(expected(walks)), 10);
  });

  it("omit an episode without remaining pairs", () => {
    const [first, ...others] = few.trajectories;
    const silent = of(few, [{ ...first, steps: new Int32Array(0) }, ...others]);
    close(expected(silent), expected(of(few, others)));
  });
});

describe("the remaining pairs of a subsampled episode", () => {
  /** The pairs met at the steps 2 and 5 of the longest walk, which the clock cut off. */
  const long = walks.trajectories.find(({ terminated }) => !terminated)!;
  const pairAt = (t: number) => long.observations[t] * model.actions + long.actions[t];
  const some = of(walks, [{ ...long, steps: Int32Array.of(2, 5) }]);

  it("represent the whole episode, each by γᵗ", () => {
    const shares = [1 / (1 + DISCOUNT ** 3), DISCOUNT ** 3 / (1 + DISCOUNT ** 3)];
    for (const [name, mass] of [
      ["on a model", geometric(12)],
      ["on a model, over a horizon", geometric(7)],
      ["on a model, as if what the clock cut off had gone on", geometric(Infinity)],
      ["by samples", geometric(12)],
      ["by samples, as if what the clock cut off had gone on", geometric(Infinity)],
      ["occupancy", 1],
    ] as const) {
      const found = expectations[name](some);
      const expected = new Float64Array(model.states * model.actions);
      for (const [i, t] of [2, 5].entries()) expected[pairAt(t)] += mass * shares[i];
      close(found.subarray(0, expected.length), expected);
    }
  });

  it("do not change the recorded return", () => {
    for (const tails of ["cut", "scaled"] as const) {
      for (const expected of [exactly({ tails }), bySamples({ tails })]) {
        expect(expected(few).at(-1)).toBeCloseTo(expected(walks).at(-1)!, 12);
      }
    }
  });

  it("count only at the first step under a discount of 0", () => {
    const found = [
      exactly({ discount: 0 })(some),
      bySamples({ discount: 0 })(some),
      demonstratedOccupancy({ ...model, discount: 0 }, some.trajectories),
    ];
    for (const x of found) expect(x[pairAt(2)]).toBeCloseTo(1, 12);
  });
});

describe("exact and sampled expectations", () => {
  it.each(["cut", "scaled"] as const)("agree, with tails %s", (tails) => {
    for (const shown of [walks, few, weighted(few, [1, 0, 2, 0.5, 1, 3])]) {
      close(exactly({ tails })(shown), bySamples({ tails })(shown));
    }
  });
});

describe("an episode of weight 0", () => {
  it("does not change the horizon or the scale of the others", async () => {
    const short = of(
      walks,
      walks.trajectories.filter(({ rewards }) => rewards.length < 10),
    );
    const long = walks.trajectories.find(({ rewards }) => rewards.length === 12)!;
    const beside = of(walks, [{ ...long, weight: 0 }, ...short.trajectories]);
    const learner = { algorithm: "ppo", hidden: [], environments: 1, rolloutSteps: 16, minibatchSize: 16 };
    for (const create of [
      (demonstrations: Demonstrations) => maxEntIrl({ demonstrations }),
      (demonstrations: Demonstrations) =>
        gameTheoretic({ demonstrations, optimiser: learner, optimiserUpdates: 1, episodes: 2 }),
    ] as ((shown: Demonstrations) => InverseAlgorithm<State>)[]) {
      const learnt = async (shown: Demonstrations) => {
        const algorithm = create(shown);
        return algorithm.update(await algorithm.init(problem, createRng(0)));
      };
      expect(await learnt(beside)).toEqual(await learnt(short));
    }
  });
});
