/** @file The EPIC distance: its invariances, its extremes, and the paper's definition by enumeration. */

import { describe, expect, it } from "vitest";
import { canonicalReward, epicDistance, modelReward } from "../../src/diagnostics/epic.js";
import { randomModel, tabularModel } from "../../src/mdp/index.js";
import { createRng } from "../../src/random/rng.js";

const rng = createRng("epic");
const model = randomModel(rng.stream("model"), { states: 6, actions: 3, branching: 3, discount: 0.8 });
const numbers = (length: number) => rng.fillNormal(new Float64Array(length));
const pair = numbers(18);
const next = numbers(6);

describe("epicDistance", () => {
  it("is 0 under scaling, shifting and potential shaping, and 1 to the negated reward", () => {
    const potential = numbers(6);
    const shaped = {
      pair: pair.map((r, i) => 3 * r + 5 - potential[Math.floor(i / 3)]),
      next: next.map((r, s) => 3 * r + 0.8 * potential[s]),
    };
    expect(epicDistance(model, { pair, next }, shaped)).toBeLessThan(1e-7);
    const opposite = { pair: pair.map((r) => -r), next: next.map((r) => -r) };
    expect(epicDistance(model, { pair, next }, opposite)).toBeCloseTo(1, 12);
  });

  it("is invariant to potentials in episodic problems, if they are 0 at termination", () => {
    const options = { states: 7, actions: 2, branching: 3, discount: 0.8, terminals: 2 };
    const episodic = randomModel(rng.stream("episodic"), options);
    const [own, reward] = [numbers(14), numbers(7)];
    const potential = numbers(7).map((x, s) => (episodic.terminal[s] ? 0 : x));
    const shaped = {
      pair: own.map((r, i) => 2 * r - potential[Math.floor(i / 2)]),
      next: reward.map((r, s) => 2 * r + 0.8 * potential[s]),
    };
    expect(epicDistance(episodic, { pair: own, next: reward }, shaped)).toBeLessThan(1e-7);
    // A constant potential, which a reward of the next state alone can hold: each step costs, and the end costs more.
    const constant = { next: reward.map((r, s) => r - (episodic.terminal[s] ? 1 : 0.2)) };
    expect(epicDistance(episodic, { next: reward }, constant)).toBeLessThan(1e-7);
    expect(epicDistance(episodic, { next: reward }, { next: reward.map((r) => r - 0.2) })).toBeGreaterThan(
      0.01,
    );
  });

  it("is √((1 − ρ) / 2), with the correlation of canonical rewards over states, actions and outcomes", () => {
    const episodic = randomModel(rng.stream("correlated"), {
      states: 5,
      actions: 2,
      branching: 2,
      discount: 0.8,
      terminals: 1,
    });
    const { rowStart, probability } = episodic;
    const [a, b] = [{ pair: numbers(10), next: numbers(5) }, { next: numbers(5) }];
    const [x, y] = [a, b].map((reward) => canonicalReward(episodic, reward));
    // Of the four states that are not terminal, the last; each outcome has the weight of its probability.
    const entries = Array.from({ length: rowStart[8] }, (_, e) => e);
    const mean = (of: (e: number) => number) =>
      entries.reduce((sum, e) => sum + probability[e] * of(e), 0) / 8;
    const [mx, my] = [mean((e) => x[e]), mean((e) => y[e])];
    const covariance = mean((e) => (x[e] - mx) * (y[e] - my));
    const correlation = covariance / Math.sqrt(mean((e) => (x[e] - mx) ** 2) * mean((e) => (y[e] - my) ** 2));
    expect(epicDistance(episodic, a, b)).toBeCloseTo(Math.sqrt((1 - correlation) / 2), 12);
    // A part that is left out is 0.
    expect(epicDistance(episodic, b, { ...b, pair: new Float64Array(10) })).toBeLessThan(1e-7);
    expect(epicDistance(episodic, { pair: a.pair }, { ...a, next: new Float64Array(5) })).toBeLessThan(1e-7);
  });

  it("is positive for a potential discounted by another γ, and for another reward", () => {
    const potential = numbers(6);
    const wrong = {
      pair: pair.map((r, i) => r - potential[Math.floor(i / 3)]),
      next: potential.map((p, s) => next[s] + 0.3 * p),
    };
    expect(epicDistance(model, { pair, next }, wrong)).toBeGreaterThan(0.05);
    expect(epicDistance(model, { pair, next }, { pair: numbers(18) })).toBeGreaterThan(0.2);
  });

  it("is √½ from any reward to a constant, and 0 between constants", () => {
    const constant = { next: new Float64Array(6).fill(0.1) };
    expect(epicDistance(model, { pair }, constant)).toBe(Math.SQRT1_2);
    expect(epicDistance(model, { next: new Float64Array(6) }, constant)).toBe(0);
    // Pure shaping is worth nothing, and so a constant as well.
    const shaping = { pair: pair.map((_, i) => -next[Math.floor(i / 3)]), next: next.map((p) => 0.8 * p) };
    expect(epicDistance(model, { pair }, shaping)).toBe(Math.SQRT1_2);
  });

  it("knows pure shaping and small rewards on every scale", () => {
    for (const scale of [1e-9, 1e9]) {
      const scaled = (x: Float64Array) => x.map((value) => scale * value);
      const shaping = {
        pair: pair.map((_, i) => -scale * next[Math.floor(i / 3)]),
        next: next.map((p) => 0.8 * scale * p),
      };
      expect(epicDistance(model, { pair }, shaping)).toBe(Math.SQRT1_2);
      expect(epicDistance(model, { pair, next }, { pair: scaled(pair), next: scaled(next) })).toBeLessThan(
        1e-7,
      );
    }
  });

  it("is a pseudometric", () => {
    const [a, b, c] = [{ pair }, { next }, { pair: numbers(18), next: numbers(6) }];
    expect(epicDistance(model, a, b)).toBe(epicDistance(model, b, a));
    expect(epicDistance(model, a, c)).toBeLessThanOrEqual(
      epicDistance(model, a, b) + epicDistance(model, b, c) + 1e-12,
    );
  });

  it("refuses a reward of the wrong size, and an empty one", () => {
    expect(() => epicDistance(model, { pair: next }, { next })).toThrow(/18 numbers for the pairs/);
    expect(() => epicDistance(model, {}, { next })).toThrow(/not no and no/);
  });
});

describe("canonicalReward", () => {
  it("equals the definition, summed over all triples, up to a constant", () => {
    const R = (s: number, a: number, to: number) => pair[s * 3 + a] + next[to];
    const states = [0, 1, 2, 3, 4, 5];
    const average = (f: (a: number, to: number) => number) =>
      states.reduce((sum, to) => sum + [0, 1, 2].reduce((part, a) => part + f(a, to), 0), 0) / 18;
    const from = states.map((s) => average((a, to) => R(s, a, to)));
    const overall = from.reduce((sum, x) => sum + x, 0) / 6;
    const canonical = canonicalReward(model, { pair, next });
    const differences: number[] = [];
    for (let p = 0; p < 18; p++) {
      for (let e = model.rowStart[p]; e < model.rowStart[p + 1]; e++) {
        const [s, to] = [Math.floor(p / 3), model.next[e]];
        const defined = R(s, p % 3, to) + 0.8 * from[to] - from[s] - 0.8 * overall;
        differences.push(canonical[e] - defined);
      }
    }
    for (const difference of differences) expect(difference).toBeCloseTo(differences[0], 12);
  });
});

describe("modelReward", () => {
  it("depends on the next state if the model's reward does, and is else the expectation over the pair", () => {
    const options = { states: 3, actions: 2, discount: 0.9, initial: 0, terminal: [2] };
    const walk = tabularModel({
      ...options,
      transitions: (s, a) => [{ next: s + a, probability: 1, reward: s + a }],
    });
    expect(modelReward(walk)).toEqual({ next: Float64Array.of(0, 1, 2) });
    const paid = tabularModel({
      ...options,
      transitions: (s, a) => [
        { next: s + a, probability: 0.5, reward: a },
        { next: s, probability: 0.5, reward: -s },
      ],
    });
    expect(modelReward(paid)).toEqual({ pair: Float64Array.of(0, 0.5, -0.5, 0, 0, 0) });
  });
});
