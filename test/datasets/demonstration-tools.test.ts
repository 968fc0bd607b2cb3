import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  byExpert,
  mixDemonstrations,
  noisyLabels,
  subsample,
  weighted,
} from "../../src/datasets/demonstration-tools.js";
import { type Demonstrations, demonstrationsOf } from "../../src/datasets/demonstrations.js";
import { demonstratedTransitions } from "../../src/datasets/transitions.js";
import { UsageError } from "../../src/errors.js";
import { createRng } from "../../src/random/rng.js";
import { box, discrete } from "../../src/spaces/index.js";
import { randomDemonstrations } from "../support/demonstrations.js";

/** Episodes of these lengths, in which observation and action t of episode e are 100 e + t. */
function counting(...lengths: number[]): Demonstrations {
  const upTo = (n: number, e: number) => Array.from({ length: n }, (_, t) => 100 * e + t);
  return demonstrationsOf(
    lengths.map((length, e) => ({
      observations: Float32Array.from(upTo(length + 1, e)),
      actions: Int32Array.from(upTo(length, e)),
      rewards: new Float64Array(length).fill(1),
      terminated: e % 2 === 0,
      truncated: e % 2 === 1,
    })),
    { env: "Counting-v0", observationSpace: box([1], 0, 1e6), actionSpace: discrete(1_000_000) },
  );
}

const stepsOf = ({ trajectories }: Demonstrations) => trajectories.map(({ steps }) => [...steps!]);

describe("subsample", () => {
  it("keeps every k-th pair of each episode, from a random offset per episode", () => {
    const steps = stepsOf(subsample(counting(100, 95, 100, 100, 100), { every: 20, rng: createRng(1) }));
    for (const kept of steps) {
      expect(kept[0]).toBeLessThan(20);
      expect(kept.slice(1).every((t, i) => t - kept[i] === 20)).toBe(true);
      expect(kept.at(-1)! + 20).toBeGreaterThanOrEqual(95);
    }
    expect(new Set(steps.map(([first]) => first)).size).toBeGreaterThan(2);
  });

  it("draws each offset equally often, so that each pair is kept equally often", () => {
    const lengths = Array.from({ length: 1000 }, () => 10);
    const steps = stepsOf(subsample(counting(...lengths), { every: 5, rng: createRng(2) })).flat();
    const counts = Array.from({ length: 10 }, (_, t) => steps.filter((step) => step === t).length);
    // Binomial(1000, 1/5): mean 200, standard deviation 12.6.
    for (const count of counts) expect(Math.abs(count - 200)).toBeLessThan(5 * 12.6);
  });

  it("keeps one pair of an episode shorter than k, and whole trajectories with their returns", () => {
    const all = counting(3, 1, 7);
    const few = subsample(all, { every: 50, rng: createRng(3) });
    expect(stepsOf(few).map((steps) => steps.length)).toEqual([1, 1, 1]);
    expect(few.trajectories.map(({ observations }) => observations)).toEqual(
      all.trajectories.map(({ observations }) => observations),
    );
    expect(all.trajectories[0]).not.toHaveProperty("steps");
  });

  it("is reproducible, and keeps all pairs with k = 1", () => {
    const rng = createRng(4);
    const twice = subsample(subsample(counting(60), { every: 2, rng }), { every: 5, rng });
    const [steps] = stepsOf(twice);
    expect(steps).toHaveLength(6);
    expect(steps.slice(1).every((t, i) => t - steps[i] === 10)).toBe(true);
    expect(stepsOf(subsample(counting(4), { every: 1, rng }))).toEqual([[0, 1, 2, 3]]);
  });

  it("refuses a k that is not a positive integer", () => {
    for (const every of [0, -1, 1.5, Number.NaN]) {
      expect(() => subsample(counting(3), { every, rng: createRng(0) })).toThrow(UsageError);
    }
  });
});

describe("demonstratedTransitions", () => {
  it("returns every step of whole episodes with its next observation", () => {
    const rows = demonstratedTransitions(counting(2, 3));
    expect(rows.count).toBe(5);
    expect([...rows.observations]).toEqual([0, 1, 100, 101, 102]);
    expect([...rows.nextObservations]).toEqual([1, 2, 101, 102, 103]);
    expect([...rows.actions]).toEqual([0, 1, 100, 101, 102]);
    expect([...rows.terminated]).toEqual([0, 1, 0, 0, 0]);
    expect([...rows.truncated]).toEqual([0, 0, 0, 0, 1]);
    expect([...rows.episodes]).toEqual([0, 0, 1, 1, 1]);
    expect([...rows.steps]).toEqual([0, 1, 0, 1, 2]);
    expect(rows.weights).toBeUndefined();
  });

  it("returns the remaining pairs of subsampled episodes, each with the observation right after it", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 1, max: 12 }),
        fc.integer(),
        (lengths, every, seed) => {
          const rows = demonstratedTransitions(
            subsample(counting(...lengths), { every, rng: createRng(seed) }),
          );
          for (let i = 0; i < rows.count; i++) {
            expect(rows.observations[i]).toBe(100 * rows.episodes[i] + rows.steps[i]);
            expect(rows.actions[i]).toBe(rows.observations[i]);
            expect(rows.nextObservations[i]).toBe(rows.observations[i] + 1);
            const isLast = rows.steps[i] === lengths[rows.episodes[i]] - 1;
            expect(rows.terminated[i] + rows.truncated[i]).toBe(isLast ? 1 : 0);
          }
        },
      ),
      { numRuns: 50 },
    );
  });

  it("has weights of mean 1 if they differ, and omits transitions of weight 0", () => {
    const rows = demonstratedTransitions(weighted(counting(2, 3, 4), [1, 0, 4]));
    expect([...rows.episodes]).toEqual([0, 0, 2, 2, 2, 2]);
    expect([...rows.weights!].map((w) => w.toFixed(4))).toEqual([
      ...Array(2).fill((6 / 18).toFixed(4)),
      ...Array(4).fill((24 / 18).toFixed(4)),
    ]);
    expect(demonstratedTransitions(weighted(counting(2, 3), [7, 7])).weights).toBeUndefined();
    expect(() => demonstratedTransitions(weighted(counting(2), [0]))).toThrow("have no demonstrated steps");
  });
});

describe("weighted", () => {
  it("refuses a wrong number of weights, and invalid weights", () => {
    expect(() => weighted(counting(2, 3), [1])).toThrow("there are 2 demonstrations of Counting-v0, but 1 w");
    for (const bad of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => weighted(counting(2, 3), [1, bad])).toThrow(`weight 1 is ${bad}`);
    }
  });
});

describe("mixDemonstrations", () => {
  const good = { ...randomDemonstrations({ episodes: 10, seed: 1 }), provenance: { expertReturn: 100 } };
  const poor = {
    ...randomDemonstrations({ episodes: 10, seed: 2 }),
    provenance: { expertReturn: 20, age: 7 },
  };

  it("includes all episodes with their expert's name, and splits them by expert again", () => {
    const mixture = mixDemonstrations({ good, poor }, { rng: createRng(0) });
    expect(mixture.trajectories).toHaveLength(20);
    expect(mixture.provenance.expertReturn).toBe(60);
    const experts = byExpert(mixture);
    expect(Object.keys(experts)).toEqual(["good", "poor"]);
    expect(experts.poor.provenance).toEqual(poor.provenance);
    for (const [name, source] of Object.entries({ good, poor })) {
      const arrays = new Set(source.trajectories.map(({ observations }) => observations));
      expect(experts[name].trajectories.every((t) => arrays.has(t.observations))).toBe(true);
      expect(experts[name].trajectories).toHaveLength(10);
    }
    const order = mixture.trajectories.map(({ expert }) => expert);
    expect(new Set(order.slice(0, 10)).size).toBe(2);
  });

  it("follows the proportions, and draws no episode twice", () => {
    const take = (proportions: Record<string, number>, episodes?: number) => {
      const { trajectories, provenance } = mixDemonstrations(
        { good, poor },
        { proportions, episodes, rng: createRng(0) },
      );
      expect(new Set(trajectories.map(({ observations }) => observations)).size).toBe(trajectories.length);
      const counts = ["good", "poor"].map((name) => trajectories.filter((t) => t.expert === name).length);
      return [...counts, provenance.expertReturn];
    };
    expect(take({ good: 1, poor: 1 }, 7)).toEqual([4, 3, (400 + 60) / 7]);
    expect(take({ good: 0.7, poor: 0.3 }, 10)).toEqual([7, 3, 76]);
    expect(take({ good: 0.7, poor: 0.3 })).toEqual([10, 4, (1000 + 80) / 14]);
    expect(take({ poor: 2 })).toEqual([0, 10, 20]);
  });

  it("refuses different spaces, unknown experts and invalid proportions", () => {
    const rng = createRng(0);
    const other = randomDemonstrations({ actionSpace: discrete(9) });
    expect(() => mixDemonstrations({}, { rng })).toThrow("at least one expert");
    expect(() => mixDemonstrations({ good, other }, { rng })).toThrow("their actionSpace differs");
    expect(() => mixDemonstrations({ good }, { proportions: { god: 1 }, rng })).toThrow(
      'there is no expert "god"',
    );
    expect(() => mixDemonstrations({ good }, { proportions: { good: -1 }, rng })).toThrow("is -1");
    expect(() => mixDemonstrations({ good }, { proportions: {}, rng })).toThrow("at least one");
    expect(() =>
      mixDemonstrations({ good, poor }, { proportions: { good: 1, poor: 9 }, episodes: 20, rng }),
    ).toThrow('takes 18 of 20 episodes from "poor", which has 10');
    expect(() => mixDemonstrations({ good }, { episodes: 0, rng })).toThrow("positive number of episodes");
  });
});

describe("noisyLabels", () => {
  it("replaces the requested number of discrete actions, and no observation", () => {
    const clean = randomDemonstrations({ episodes: 500, actionSpace: discrete(4) });
    const noisy = noisyLabels(clean, { chance: 0.4, rng: createRng(1) });
    const [before, after] = [demonstratedTransitions(clean), demonstratedTransitions(noisy)];
    expect(after.observations).toEqual(before.observations);
    const changed = before.actions.filter((a, i) => a !== after.actions[i]).length / before.count;
    expect(changed).toBeCloseTo(0.4 * 0.75, 1); // one in four draws is the action itself
    expect(clean).toEqual(randomDemonstrations({ episodes: 500, actionSpace: discrete(4) }));
  });

  it("adds noise of the requested deviation to box actions, within their bounds", () => {
    const wide = randomDemonstrations({ episodes: 500, actionSpace: box([2], -100, 100) });
    const moved = noisyLabels(wide, { deviation: 0.5, rng: createRng(2) });
    const [before, after] = [demonstratedTransitions(wide).actions, demonstratedTransitions(moved).actions];
    const square = Array.from(before).reduce((sum, a, i) => sum + (after[i] - a) ** 2, 0) / before.length;
    expect(Math.sqrt(square)).toBeCloseTo(0.5, 1);
    const narrow = randomDemonstrations({ actionSpace: box([2], [-1, 0], [1, 0.25]) });
    const actions = demonstratedTransitions(noisyLabels(narrow, { deviation: 3, rng: createRng(3) })).actions;
    expect(actions.every((a, i) => (i % 2 ? a >= 0 && a <= 0.25 : Math.abs(a) <= 1))).toBe(true);
  });

  it("refuses noise of the wrong kind for the actions", () => {
    const demonstrations = randomDemonstrations();
    const make = (noise: { chance?: number; deviation?: number }) => () =>
      noisyLabels(demonstrations, { ...noise, rng: createRng(0) });
    expect(make({ chance: 1.5 })).toThrow("must be from 0 to 1, not 1.5");
    expect(make({ deviation: 1 })).toThrow("needs a box of actions, not Discrete(4): use chance");
    expect(make({ deviation: Number.NaN })).toThrow(UsageError);
  });
});
