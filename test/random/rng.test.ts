import fc from "fast-check";
import alea from "seedrandom/lib/alea.js";
import { describe, expect, it } from "vitest";
import { createRng, createRngs, type Rng } from "../../src/random/rng.js";

const draws = (rng: Rng, n: number) => Array.from({ length: n }, () => rng.uniform());

/** Mean of f over n draws. */
const meanOf = (n: number, f: () => number) => {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += f();
  return sum / n;
};

describe("a random stream", () => {
  it("is reproducible by seed", () => {
    expect(draws(createRng(7), 5)).toEqual(draws(createRng(7), 5));
    expect(draws(createRng("7"), 5)).toEqual(draws(createRng(7), 5));
    expect(draws(createRng(7), 5)).not.toEqual(draws(createRng(8), 5));
  });

  it("is the generator Alea of seedrandom", () => {
    const [rng, generator] = [createRng("path"), alea("path", { state: true })];
    for (let i = 0; i < 1000; i++) expect(rng.uniform()).toBe(generator());
    const radius = Math.sqrt(-2 * Math.log(1 - generator.double()));
    expect(rng.normal()).toBe(radius * Math.cos(2 * Math.PI * generator()));
    expect(rng.getState()).toEqual({ path: "path", ...generator.state() });
  });

  it("is the same among others in one array, and when it is seeded again", () => {
    const seeds = ["a", 7, "a/b/3"];
    const rngs = createRngs(seeds);
    const alone = seeds.map((seed) => createRng(seed));
    // Draws in turns, so that a register of a neighbour would be seen.
    for (let k = 0; k < 5; k++) for (const i of [2, 0, 1]) expect(rngs[i].uniform()).toBe(alone[i].uniform());
    expect(rngs.map((rng) => rng.getState())).toEqual(alone.map((rng) => rng.getState()));
    rngs[1].reseed("new");
    expect(draws(rngs[1], 5)).toEqual(draws(createRng("new"), 5));
    expect(rngs[1].stream("child").uniform()).toBe(createRng("new").stream("child").uniform());
    expect([rngs[0], rngs[2]].map((rng) => rng.uniform())).toEqual([alone[0].uniform(), alone[2].uniform()]);
    rngs[2].setState(createRng("x").getState());
    expect(rngs[2].uniform()).toBe(createRng("x").uniform());
  });

  it("has values that depend on its name, not on the order of creation or on draws from its parent", () => {
    const alone = draws(createRng(1).stream("env", 3), 5);
    const root = createRng(1);
    draws(root, 100);
    for (const name of ["policy", "shuffle", "evaluation"]) draws(root.stream(name), 10);
    draws(root.stream("env", 2), 10);
    expect(draws(root.stream("env", 3), 5)).toEqual(alone);
  });

  it("has one stream per name, index and parent", () => {
    const root = createRng(1);
    const streams = [
      root,
      root.stream("env"),
      root.stream("env", 0),
      root.stream("env", 1),
      root.stream("env").stream("env"),
      root.stream("policy"),
      createRng(2).stream("env"),
    ];
    const first = streams.map((stream) => stream.getState().s0);
    expect(new Set(first).size).toBe(streams.length);
  });

  it("resumes exactly from a saved state, also after JSON, and so do its streams", () => {
    fc.assert(
      fc.property(fc.string(), fc.nat(50), (seed, before) => {
        const rng = createRng(seed).stream("env", 1);
        draws(rng, before);
        const saved = JSON.parse(JSON.stringify(rng.getState()));
        const values = () => [rng.uniform(), rng.normal(), rng.integer(10), ...draws(rng.stream("child"), 2)];
        const expected = values();
        rng.setState(saved);
        expect(values()).toEqual(expected);
        const other = createRng("other");
        other.setState(saved);
        expect([other.uniform(), other.normal()]).toEqual(expected.slice(0, 2));
      }),
      { seed: 1, numRuns: 100 },
    );
  });

  it("returns a state that later draws do not change", () => {
    const rng = createRng(0);
    const saved = rng.getState();
    const copy = { ...saved };
    draws(rng, 3);
    expect(saved).toEqual(copy);
  });
});

describe("uniform", () => {
  it("is in [0, 1) with the moments of the uniform distribution, and independent draws", () => {
    const rng = createRng(0);
    const values = draws(rng, 100_000);
    expect(values.every((u) => u >= 0 && u < 1)).toBe(true);
    const mean = values.reduce((sum, u) => sum + u, 0) / values.length;
    const variance = values.reduce((sum, u) => sum + (u - mean) ** 2, 0) / values.length;
    const lag =
      values.slice(1).reduce((sum, u, i) => sum + (u - mean) * (values[i] - mean), 0) / values.length;
    expect(mean).toBeCloseTo(1 / 2, 2);
    expect(variance).toBeCloseTo(1 / 12, 2);
    expect(Math.abs(lag / variance)).toBeLessThan(0.015);
  });

  it("fills float32 arrays without ever rounding up to 1", () => {
    const rng = createRng(0);
    let first = true;
    const almost = Object.create(rng, { uniform: { value: () => (first ? 1 - 2 ** -32 : 0) } }) as Rng;
    expect(almost.fillUniform(new Float32Array(1))[0]).toBeLessThan(1);
    first = false;
    expect(almost.fillUniform(new Float32Array(1))[0]).toBe(0);
  });
});

describe("normal", () => {
  it("has the first four moments of the standard normal and its tails", () => {
    const rng = createRng(0);
    const values = [...rng.fillNormal(new Float64Array(200_000))];
    const moment = (k: number) => values.reduce((sum, z) => sum + z ** k, 0) / values.length;
    expect(moment(1)).toBeCloseTo(0, 1.9);
    expect(moment(2)).toBeCloseTo(1, 1.6);
    expect(moment(3)).toBeCloseTo(0, 1.2);
    expect(moment(4) / 3).toBeCloseTo(1, 1.2);
    const beyond = values.filter((z) => Math.abs(z) > 1.959964).length / values.length;
    expect(beyond).toBeCloseTo(0.05, 2);
    expect(values.every(Number.isFinite)).toBe(true);
  });
});

describe("integer", () => {
  it("gives each of n values equally often, by a χ² test", () => {
    for (const n of [2, 3, 7, 10]) {
      const rng = createRng(n);
      const counts = new Array<number>(n).fill(0);
      const total = 20_000 * n;
      for (let i = 0; i < total; i++) counts[rng.integer(n)]++;
      const chi2 = counts.reduce((sum, c) => sum + (c - total / n) ** 2 / (total / n), 0);
      // The 99.9 % point of χ² with 9 degrees of freedom; fewer degrees have a lower one.
      expect(chi2).toBeLessThan(27.9);
    }
  });

  it("shuffles into each order equally often, and keeps all elements", () => {
    const rng = createRng(0);
    const counts = new Map<string, number>();
    for (let i = 0; i < 60_000; i++) {
      const order = String(rng.shuffle([0, 1, 2]));
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(6);
    for (const count of counts.values()) expect(Math.abs(count - 10_000)).toBeLessThan(400);
  });
});

describe("categorical", () => {
  it("draws each index with its probability, and never one of probability 0", () => {
    const rng = createRng(0);
    const probabilities = [0, 0.2, 0, 0.5, 0.3, 0];
    for (const [index, probability] of probabilities.entries()) {
      const share = meanOf(20_000, () => Number(rng.categorical(probabilities) === index));
      if (probability === 0) expect(share).toBe(0);
      else expect(Math.abs(share - probability)).toBeLessThan(0.015);
    }
  });

  it("returns the last possible index if rounding leaves a remainder", () => {
    const always = Object.create(createRng(0), { generator: { value: () => 1 - 2 ** -32 } }) as Rng;
    expect(always.categorical([0.5, 0.4, 0])).toBe(1);
    expect(always.categorical(Float32Array.of(1 / 3, 1 / 3, 1 / 3))).toBe(2);
  });
});
