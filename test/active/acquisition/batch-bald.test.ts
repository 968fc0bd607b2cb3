/** @file BatchBALD against sums over all label combinations. */

import { describe, expect, it } from "vitest";
import { baldScores } from "../../../src/active/acquisition/bald.js";
import { batchBald, batchBaldPlaces } from "../../../src/active/acquisition/batch-bald.js";
import type { Samples } from "../../../src/active/contract.js";
import { createRng } from "../../../src/random/rng.js";
import { poolOf, randomPool } from "../../support/pools.js";

const [classes, count, items] = [3, 5, 8];
const at = ({ data }: Samples, s: number, i: number, k: number) =>
  data[(s * (data.length / count / classes) + i) * classes + k];

/** I(y_1 … y_b; θ) of places, by the definition. */
function information(samples: Samples, places: readonly number[]): number {
  let joint = 0;
  for (let code = 0; code < classes ** places.length; code++) {
    let p = 0;
    for (let s = 0; s < count; s++) {
      p += places.reduce(
        (q, i, b) => q * at(samples, s, i, Math.floor(code / classes ** b) % classes),
        1 / count,
      );
    }
    joint -= p * Math.log(p);
  }
  for (const i of places) {
    for (let s = 0; s < count; s++) {
      for (let k = 0; k < classes; k++) {
        joint += (at(samples, s, i, k) * Math.log(at(samples, s, i, k))) / count;
      }
    }
  }
  return joint;
}

const keys = Float64Array.from({ length: items }, (_, i) => i);
const sum = (list: ArrayLike<number>) => Array.from(list).reduce((a, b) => a + b, 0);

describe("BatchBALD", () => {
  it("is the greedy batch of the joint entropy, to 1e-12", async () => {
    for (let seed = 1; seed <= 20; seed++) {
      const samples = await randomPool({ classes, count, items, seed }).samples();
      const { places, gains } = batchBaldPlaces(samples, classes, 3, { keys, rng: createRng(1) });
      const greedy: number[] = [];
      for (let b = 0; b < 3; b++) {
        const rest = Array.from({ length: items }, (_, i) => i).filter((i) => !greedy.includes(i));
        const values = rest.map((i) => information(samples, [...greedy, i]));
        greedy.push(rest[values.indexOf(Math.max(...values))]);
        expect(Math.abs(sum(gains.subarray(0, b + 1)) - information(samples, greedy))).toBeLessThan(1e-12);
      }
      expect([...places]).toEqual(greedy);
    }
  });

  it("finds the same among many items, most of which it leaves before it knows their gains", async () => {
    const many = 40;
    for (let seed = 1; seed <= 10; seed++) {
      const samples = await randomPool({ classes, count, items: many, seed }).samples();
      const all = Float64Array.from({ length: many }, (_, i) => i);
      const { places, gains } = batchBaldPlaces(samples, classes, 5, { keys: all, rng: createRng(1) });
      for (let b = 0; b < 5; b++) {
        const chosen = [...places.subarray(0, b)];
        const rest = [...all].filter((i) => !chosen.includes(i));
        const values = rest.map((i) => information(samples, [...chosen, i]));
        expect(places[b]).toBe(rest[values.indexOf(Math.max(...values))]);
        const before = b === 0 ? 0 : information(samples, chosen);
        expect(Math.abs(gains[b] - Math.max(...values) + before)).toBeLessThan(1e-12);
      }
    }
  });

  it("breaks ties of copies by their keys, at each place", () => {
    const rng = createRng(4);
    const own = Array.from({ length: count }, () => [0, 0, 0].map(() => rng.uniform()));
    const data = own.flatMap((p) => Array(items).fill(p).flat());
    const sums = own.map((p) => p.reduce((a, b) => a + b, 0));
    const samples = { count, data: data.map((x, n) => x / sums[Math.floor(n / items / classes)]) };
    const { places } = batchBaldPlaces(samples, classes, 5, { keys: [3, 7, 1, 6, 0, 5, 2, 4], rng });
    expect([...places]).toEqual([1, 3, 5, 7, 0]);
  });

  it("has at least 1 − 1/e of the best batch", async () => {
    const samples = await randomPool({ classes, count, items, seed: 3 }).samples();
    const { places } = batchBaldPlaces(samples, classes, 3, { keys, rng: createRng(1) });
    let best = 0;
    for (let a = 0; a < items; a++) {
      for (let b = 0; b < a; b++) {
        for (let c = 0; c < b; c++) best = Math.max(best, information(samples, [a, b, c]));
      }
    }
    expect(information(samples, [...places])).toBeGreaterThan((1 - 1 / Math.E) * best);
  });

  it("is BALD in a batch of one", async () => {
    const samples = await randomPool({ classes, count, items }).samples();
    const { places, gains } = batchBaldPlaces(samples, classes, 1, { keys, rng: createRng(1) });
    const scores = baldScores(samples, classes);
    expect(places[0]).toBe(scores.indexOf(Math.max(...scores)));
    expect(gains[0]).toBe(Math.max(...scores));
  });

  it("gains nothing from a second copy of an item whose label the parameters decide", () => {
    const sure = { count: 2, data: [1, 0, 1, 0, 0.6, 0.4, 0, 1, 0, 1, 0.4, 0.6] };
    const { places, gains } = batchBaldPlaces(sure, 2, 3, { keys: [2, 1, 0], rng: createRng(1) });
    expect(places[0]).toBe(0);
    expect(gains[0]).toBeCloseTo(Math.log(2), 12);
    expect(sum(gains.subarray(1))).toBeCloseTo(0, 12);
  });

  it("chooses different items where the best by BALD are copies of one", async () => {
    const own = (item: number, s: number) => {
      const kind = item < 4 ? 0 : item - 3;
      const p = kind === 0 ? [0.95, 0.05, 0.95, 0.05][s] : [[0.9, 0.9, 0.1, 0.1][s], 0.5][kind - 1];
      return [p, 1 - p];
    };
    const pool = poolOf({ candidates: [0, 1, 2, 3, 4, 5], classes: 2, samples: own });
    const batch = await batchBald().select(pool, 2, createRng(1));
    expect([...batch].filter((item) => item < 4)).toHaveLength(1);
    expect([...batch]).toContain(4);
  });

  it("draws label combinations where there are too many, near the exact gains", async () => {
    const samples = await randomPool({ classes, count, items, seed: 5 }).samples();
    const exact = batchBaldPlaces(samples, classes, 4, { keys, rng: createRng(1) });
    const drawn = batchBaldPlaces(samples, classes, 4, { keys, rng: createRng(1), configurations: 26 });
    expect([...drawn.places.subarray(0, 3)]).toEqual([...exact.places.subarray(0, 3)]);
    const many = batchBaldPlaces(samples, 3, 5, { keys, rng: createRng(2), configurations: 80 });
    expect(new Set(many.places).size).toBe(5);
    expect(Math.abs(drawn.gains[3] - exact.gains[3])).toBeLessThan(0.15);
  });
});
