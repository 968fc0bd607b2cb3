/** @file The values of a policy: two methods, closed forms, and long simulations. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UsageError } from "../../src/errors.js";
import {
  advantage,
  averageActions,
  evaluatePolicy,
  inducedProcess,
  policyReturn,
  randomModel,
  tabularModel,
  uniformTable,
} from "../../src/mdp/index.js";
import { systemMatrix } from "../../src/mdp/policy-evaluation.js";
import { createRng } from "../../src/random/rng.js";
import { corridorOptions, randomCase, randomTable } from "./random.js";

it("the system of a process is I − γP, or its transpose", () => {
  const process = tabularModel({
    states: 3,
    actions: 1,
    discount: 0.5,
    initial: 0,
    transitions: (s) => [
      { next: (s + 1) % 3, probability: 0.8 },
      { next: s, probability: 0.2 },
    ],
  });
  const rows = [
    [0.9, -0.4, 0],
    [0, 0.9, -0.4],
    [-0.4, 0, 0.9],
  ];
  expect([...systemMatrix(process)]).toEqual(rows.flat());
  expect([...systemMatrix(process, true)]).toEqual([0, 1, 2].flatMap((s) => rows.map((row) => row[s])));
});

describe("evaluatePolicy", () => {
  it("is the same by elimination and by iteration", () => {
    fc.assert(
      fc.property(randomCase({ discounts: [0, 0.9, 0.99, 0.9999], states: 40 }), ({ model, rng }) => {
        const table = randomTable(model, rng);
        const solved = evaluatePolicy(model, table, { method: "solve" });
        const tolerance = 1e-9 / (1 - model.discount);
        const swept = evaluatePolicy(model, table, { method: "iterate", tolerance });
        swept.forEach((v, s) => {
          expect(Math.abs(v - solved[s])).toBeLessThan(tolerance);
        });
      }),
      { seed: 2, numRuns: 200 },
    );
  });

  it("has the closed form for a policy that stays with probability ½", () => {
    // V = −1 + γ (V + V′) / 2 and V′ = 0 at the end.
    const model = tabularModel(corridorOptions(2, 0.9));
    const [value] = evaluatePolicy(model, uniformTable(model));
    expect(value).toBeCloseTo(-1 / (1 - 0.45), 12);
    expect(policyReturn(model, [value, 0])).toBe(value);
  });

  it("agrees with the average of simulated returns", () => {
    const rng = createRng(7);
    const model = randomModel(rng, { states: 5, actions: 2, branching: 3, discount: 0.8 });
    const table = randomTable(model, rng);
    const exact = policyReturn(model, evaluatePolicy(model, table));
    const process = inducedProcess(model, table);
    const episodes = 20_000;
    let [sum, squares] = [0, 0];
    for (let i = 0; i < episodes; i++) {
      let [s, weight, total] = [rng.categorical(model.initial), 1, 0];
      for (let t = 0; t < 60; t++) {
        const row = process.probability.subarray(process.rowStart[s], process.rowStart[s + 1]);
        const e = process.rowStart[s] + rng.categorical(row);
        total += weight * process.reward[e];
        weight *= model.discount;
        s = process.next[e];
      }
      sum += total;
      squares += total * total;
    }
    const error = Math.sqrt((squares / episodes - (sum / episodes) ** 2) / episodes);
    expect(Math.abs(sum / episodes - exact)).toBeLessThan(4 * error);
  });

  it("has advantages of mean 0 under the policy itself", () => {
    fc.assert(
      fc.property(randomCase(), ({ model, rng }) => {
        const table = randomTable(model, rng);
        const mean = averageActions(model, table, advantage(model, evaluatePolicy(model, table)));
        expect(Math.max(...mean.map(Math.abs))).toBeLessThan(1e-11 / (1 - model.discount));
      }),
      { seed: 3, numRuns: 50 },
    );
  });

  it("solves models with more states than elimination is suited for", () => {
    const model = tabularModel(corridorOptions(3000, 0.99));
    const [value] = evaluatePolicy(model, uniformTable(model));
    expect(value).toBeCloseTo(-100, 6);
  });

  it("refuses an unknown method and a policy of another model", () => {
    const model = tabularModel(corridorOptions(3, 0.9));
    const method = "guess" as "solve";
    expect(() => evaluatePolicy(model, uniformTable(model), { method })).toThrow(UsageError);
    expect(() => evaluatePolicy(model, [1])).toThrow(UsageError);
  });
});
