/** @file Tests of the Bradley–Terry model against closed forms and finite differences. */

import { describe, expect, it } from "vitest";
import { bradleyTerry, comparisonLoss } from "../../../algorithms/preferences/bradley-terry.js";
import * as t from "../../../src/tensor/index.js";

/** The losses of differences and targets, and their gradients with respect to the differences. */
async function lossOf(differences: number[], targets: number[], lapse = 0) {
  const n = differences.length;
  const program = t.program({ x: t.float32([n]), y: t.float32([n]) }, ({ x, y }) => {
    const loss = comparisonLoss(x, y, lapse);
    return { loss, slope: t.grad(t.sum(loss), [x])[0] };
  });
  const { loss, slope } = await program.run({
    x: Float32Array.from(differences),
    y: Float32Array.from(targets),
  });
  return { loss: Array.from(loss), slope: Array.from(slope) };
}

describe("comparisonLoss", () => {
  const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

  it.each([0, 0.2])("is the cross-entropy of the choice, with lapse %d", async (lapse) => {
    const differences = [0, 1.5, -2, 3];
    const targets = [1, 1, 0, 0.5];
    const { loss, slope } = await lossOf(differences, targets, lapse);
    const exact = (x: number, y: number) => {
      const p = lapse / 2 + (1 - lapse) * sigmoid(x);
      return -(y * Math.log(p) + (1 - y) * Math.log(1 - p));
    };
    for (const [k, x] of differences.entries()) {
      expect(loss[k]).toBeCloseTo(exact(x, targets[k]), 5);
      const finite = (exact(x + 1e-4, targets[k]) - exact(x - 1e-4, targets[k])) / 2e-4;
      expect(slope[k]).toBeCloseTo(finite, 4);
    }
  });

  it("has the same loss when both segments are swapped, and stays finite at ±1000", async () => {
    const { loss } = await lossOf([2, -2, 1000, -1000], [1, 0, 0, 0]);
    expect(loss[0]).toBe(loss[1]);
    expect(loss[2]).toBeCloseTo(50, 3);
    expect(loss[3]).toBeCloseTo(0, 6);
  });
});

describe("bradleyTerry", () => {
  it("is ln 3 apart where one of two items won three of four", () => {
    const [a, b] = bradleyTerry([
      [0, 3],
      [1, 0],
    ]);
    expect(a - b).toBeCloseTo(1.0986122886681098, 9);
    expect(a + b).toBeCloseTo(0, 12);
  });

  it("is 0 where every pair is tied", () => {
    const tied = [0, 1, 2].map((i) => [0, 1, 2].map((j) => (i === j ? 0 : 0.5)));
    for (const strength of bradleyTerry(tied)) expect(strength).toBeCloseTo(0, 12);
  });

  it("has expected wins that equal the wins", () => {
    const wins = [
      [0, 4, 2, 1],
      [1, 0, 3, 2],
      [2, 2, 0, 5],
      [1, 0.5, 1, 0],
    ];
    const s = bradleyTerry(wins);
    for (const [i, row] of wins.entries()) {
      const expected = row.reduce(
        (sum, x, j) => sum + (i === j ? 0 : (x + wins[j][i]) / (1 + Math.exp(s[j] - s[i]))),
        0,
      );
      expect(expected).toBeCloseTo(
        row.reduce((a, b) => a + b),
        8,
      );
    }
  });

  it.each([
    [
      [
        [0, 1],
        [0, 0],
      ],
      /no finite maximum: item 0, and what it leads to, has not lost against item 1/,
    ],
    [
      [
        [0, 0, 1],
        [0, 0, 0],
        [1, 0, 0],
      ],
      /has not won against item 1/,
    ],
    [
      [
        [0, -1],
        [1, 0],
      ],
      /entry \[0\]\[1\] is -1; it must be a number, at least 0/,
    ],
    [
      [
        [2, 1],
        [1, 0],
      ],
      /entry \[0\]\[0\] is 2; it must be 0/,
    ],
    [[[0, 1]], /two items or more/],
    [
      [
        [0, 1, 1],
        [1, 0],
      ],
      /row 0 has 3 entries, not 2/,
    ],
  ])("refuses %j", (wins, message) => {
    expect(() => bradleyTerry(wins)).toThrow(message);
  });
});
