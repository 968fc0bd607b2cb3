/** @file Mixtures of best responses on a model: the occupancy of the mixture, and states that no response visits. */

import { expect, it } from "vitest";
import { mixturePolicy } from "../../../../algorithms/irl/best-response/mixture.js";
import { deterministicTable, discountedFlow, randomModel } from "../../../../src/mdp/index.js";
import { createRng } from "../../../../src/random/rng.js";
import { discrete } from "../../../../src/spaces/index.js";

const rng = createRng("mixture");
const model = {
  ...randomModel(rng.stream("model"), { states: 6, actions: 3, branching: 2, discount: 0.8 }),
  initial: Float64Array.of(1, 0, 0, 0, 0, 0),
};
const responses = [0, 1, 2].map(() => {
  const choices = Int32Array.from({ length: 6 }, () => rng.integer(3));
  const table = deterministicTable(model, choices);
  return { choices, flow: discountedFlow(model, table, model.initial) };
});
type Given = Parameters<typeof mixturePolicy>;
const mixtureOf = (weights: number[], of = responses) => {
  const live = { exact: { model }, problem: { observationSpace: discrete(6) } };
  const policy = mixturePolicy({ live } as unknown as Given[0], of as unknown as Given[1], weights);
  return policy.toData().arrays.table.data as Float64Array;
};

it.each([
  [[0.5, 0, 0.5]],
  [[0.2, 0.7, 0.1]],
])("has the occupancy of the mixture of its responses, weights %j", (weights) => {
  const flow = discountedFlow(model, mixtureOf(weights), model.initial);
  for (let s = 0; s < 6; s++) {
    const mixed = responses.reduce((sum, response, i) => sum + weights[i] * response.flow[s], 0);
    expect(flow[s]).toBeCloseTo(mixed, 8);
  }
});

it("of one response is that response", () => {
  expect(mixtureOf([0, 1, 0])).toEqual(deterministicTable(model, responses[1].choices));
});

it("acts by the weights of the responses where none of them comes", () => {
  const away = responses.map(({ choices }) => ({
    choices: choices.with(5, 0),
    flow: Float64Array.of(1, 1, 1, 1, 1, 0),
  }));
  away[1].choices[5] = 2;
  const row = mixtureOf([0.25, 0.5, 0.25], away).subarray(15, 18);
  expect([...row]).toEqual([0.5, 0, 0.5]);
});

it("counts flows below 0, which are rounding, as none", () => {
  const [a, b, c] = responses;
  const choices = Int32Array.of(0, 0, 0, 0, 0, 0);
  const near = [
    { choices, flow: a.flow.with(5, 3e-17) },
    { choices: choices.with(5, 1), flow: b.flow.with(5, -1e-17) },
    { choices: choices.with(5, 2), flow: c.flow.with(5, 1e-17) },
  ];
  const row = mixtureOf([0.25, 0.5, 0.25], near).subarray(15, 18);
  for (const [action, p] of [0.75, 0, 0.25].entries()) expect(row[action]).toBeCloseTo(p, 12);
});
