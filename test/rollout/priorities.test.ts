/** @file The sum tree against a linear scan, and draws and weights of prioritised replay. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRng } from "../../src/random/rng.js";
import { Priorities, SumTree } from "../../src/rollout/priorities.js";
import { restore, snapshot } from "../../src/state/snapshot.js";

const sum = (x: ArrayLike<number>) => Array.from(x).reduce((a, b) => a + b, 0);

/** The first i at which the running sum of the weights exceeds `mass`. */
function scan(weights: readonly number[], mass: number): number {
  let running = 0;
  return weights.findIndex((weight) => {
    running += weight;
    return mass < running;
  });
}

/** A tree of some size and weights written into it, in any order and over one another; whole, so that sums are exact. */
const histories = fc
  .integer({ min: 1, max: 40 })
  .chain((size) =>
    fc.tuple(
      fc.constant(size),
      fc.array(fc.tuple(fc.nat({ max: size - 1 }), fc.nat({ max: 9 })), { minLength: 1, maxLength: 80 }),
    ),
  );

describe("a sum tree", () => {
  it("has the total, weights and lookups of a plain list", () => {
    fc.assert(
      fc.property(histories, ([size, writes]) => {
        const tree = new SumTree(size);
        const plain = new Array<number>(size).fill(0);
        for (const [i, weight] of writes) {
          tree.set(i, weight);
          plain[i] = weight;
          expect(tree.total).toBe(sum(plain));
        }
        expect(plain.map((_, i) => tree.get(i))).toEqual(plain);
        expect([...tree.first(size)]).toEqual(plain);
        for (let mass = 0; mass < tree.total; mass += 0.5) expect(tree.find(mass)).toBe(scan(plain, mass));
      }),
    );
  });

  it("filled with weights is bit-identical to one with single writes", () => {
    const rng = createRng("weights");
    const written = new SumTree(37);
    for (let k = 0; k < 500; k++) written.set(rng.integer(37), rng.uniform());
    const filled = new SumTree(37);
    filled.set(36, 5);
    filled.fill(written.first(20).slice());
    for (let i = 20; i < 37; i++) written.set(i, 0);
    expect(filled.total).toBe(written.total);
    for (let k = 0; k < 1000; k++) {
      const mass = rng.uniform() * written.total;
      expect(filled.find(mass)).toBe(written.find(mass));
    }
  });

  it("never returns a weight of 0, also if rounding exceeds the total", () => {
    const tree = new SumTree(5);
    tree.set(1, 0.1);
    tree.set(3, 0.2);
    expect(tree.find(tree.total)).toBe(3);
    expect(tree.find(0)).toBe(1);
    expect(new Set(Array.from({ length: 100 }, (_, k) => tree.find((k / 100) * tree.total)))).toEqual(
      new Set([1, 3]),
    );
  });

  it("takes logarithmic time: a million draws from a million weights are quick", () => {
    const tree = new SumTree(1_000_000);
    tree.fill(new Float64Array(1_000_000).fill(1));
    let found = 0;
    // A scan would take some 10¹² steps.
    for (let k = 0; k < 1_000_000; k++) found += tree.find(k) === k ? 1 : 0;
    expect(found).toBe(1_000_000);
  });
});

/** Priorities of rows whose errors are known. */
function known(errors: readonly number[], exponent: number): Priorities {
  const priorities = new Priorities(errors.length, exponent);
  priorities.add(0, errors.length);
  priorities.update(Int32Array.from(errors.keys()), Float32Array.from(errors));
  return priorities;
}

const errors = [0.5, -2, 0, 1, 8, 0.25, 3];
const shares = (exponent: number) => {
  const powers = errors.map((error) => (Math.abs(error) + 1e-6) ** exponent);
  return powers.map((p) => p / sum(powers));
};

describe("prioritised replay", () => {
  it.each([0, 0.6, 1])("samples each row in proportion to |error|^%s", (exponent) => {
    const priorities = known(errors, exponent);
    const rng = createRng("draws");
    const draws = 32_000;
    const counts = new Float64Array(errors.length);
    // In small batches, so that the stretches do not decide most draws.
    for (let k = 0; k < draws / 4; k++)
      for (const row of priorities.sample(new Int32Array(4), rng)) counts[row]++;
    shares(exponent).forEach((share, i) => {
      // Five standard deviations of independent draws; stretches only lower it.
      const spread = 5 * Math.sqrt(share * (1 - share) * draws) + 1;
      expect(Math.abs(counts[i] - share * draws), `row ${i}`).toBeLessThan(spread);
    });
  });

  it("samples one row from each of equal segments of the total", () => {
    const rows = known(new Array(64).fill(2), 0.7).sample(new Int32Array(64), createRng("stretches"));
    expect([...rows]).toEqual([...rows.keys()]);
  });

  it("has the importance weights of the definition, with a maximum of 1 in a minibatch", () => {
    const rows = Int32Array.of(4, 0, 6, 0, 5);
    for (const [alpha, beta] of [
      [0.6, 0.4],
      [1, 1],
      [0.6, 0],
      [0, 0.7],
    ]) {
      const share = shares(alpha);
      const raw = [...rows].map((row) => (1 / (errors.length * share[row])) ** beta);
      const expected = raw.map((w) => w / Math.max(...raw));
      const weights = known(errors, alpha).weigh(rows, beta, new Float32Array(rows.length));
      expected.forEach((w, i) => {
        expect(weights[i]).toBeCloseTo(w, 5);
      });
      expect(Math.max(...weights)).toBe(1);
    }
  });

  it("is unbiased with β = 1: weighted samples have the plain mean", () => {
    const priorities = known(
      errors.map((e) => Math.abs(e) + 0.1),
      0.8,
    );
    const every = Int32Array.from(errors.keys());
    const scaled = priorities.weigh(every, 1, new Float32Array(every.length));
    const rng = createRng("unbiased");
    let weighted = 0;
    let total = 0;
    const rows = new Int32Array(100);
    for (let k = 0; k < 200; k++) {
      for (const row of priorities.sample(rows, rng)) {
        weighted += scaled[row] * row ** 2;
        total += scaled[row];
      }
    }
    expect(weighted / total).toBeCloseTo(sum(errors.map((_, i) => i ** 2)) / errors.length, 0);
    // Without the weights the mean is of the larger errors: it would differ by more than rounding to units hides.
    const share = shares(0.8);
    expect(Math.abs(sum(share.map((p, i) => p * i ** 2)) - 13)).toBeGreaterThan(2);
  });

  it("gives new and overwritten rows the highest priority so far", () => {
    const priorities = new Priorities(6, 0.5);
    priorities.add(0, 2);
    priorities.update(Int32Array.of(0, 1), Float32Array.of(0.25, 0.01));
    priorities.add(2, 2);
    const rows = Int32Array.of(0, 1, 2, 3);
    // Weights with β = 1 go as one over the priority: the new rows start at 1.
    const ratio = (values: Float32Array, i: number, j: number) => values[j] / values[i];
    const first = priorities.weigh(rows, 1, new Float32Array(4));
    expect(ratio(first, 2, 0)).toBeCloseTo(2, 4);
    expect(ratio(first, 3, 1)).toBeCloseTo(10, 2);
    priorities.update(Int32Array.of(3), Float32Array.of(9));
    priorities.add(0, 2);
    const second = priorities.weigh(rows, 1, new Float32Array(4));
    expect(second[0]).toBe(second[3]);
    expect(ratio(second, 0, 2)).toBeCloseTo(3, 4);
  });

  it("resumes from a snapshot bit for bit", () => {
    const rng = createRng("life");
    const whole = new Priorities(100, 0.6);
    const live = (priorities: Priorities, draws = rng) => {
      const rows = priorities.sample(new Int32Array(8), draws);
      priorities.update(
        rows,
        Float32Array.from(rows, (row) => Math.sin(row) * 3),
      );
      return rows;
    };
    for (let row = 0; row < 60; row += 3) {
      whole.add(row, 3);
      live(whole);
    }
    const resumed = { priorities: new Priorities(100, 0.6) };
    restore(resumed, { priorities: snapshot(whole) });
    const twice = [whole, resumed.priorities].map((priorities) => {
      const draws = createRng("after");
      const seen = [];
      for (let row = 60; row < 130; row += 2) {
        priorities.add(row % 100, 2);
        seen.push(...live(priorities, draws));
      }
      return { seen, state: snapshot(priorities) };
    });
    expect(twice[1]).toEqual(twice[0]);
  });
});
