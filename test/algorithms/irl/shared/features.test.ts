/** @file Features of transitions: their columns for states, pairs and box actions, on data and on models. */

import { describe, expect, it } from "vitest";
import { entryRewards, featureMap, modelRows, visitsOf } from "../../../../algorithms/irl/shared/features.js";
import { dense } from "../../../../algorithms/irl/shared/sparse-rows.js";
import { randomModel } from "../../../../src/mdp/index.js";
import { createRng } from "../../../../src/random/rng.js";
import { box, discrete, type Space } from "../../../../src/spaces/index.js";

/** Two transitions between points of the plane, and the rows of their features. */
function rowsOf(
  spaces: Parameters<typeof featureMap>[1]["actionSpace"],
  options: Parameters<typeof featureMap>[2],
  actions: Int32Array | Float32Array,
) {
  const map = featureMap(
    "test",
    { id: "Plane", observationSpace: box([2], -9, 9), actionSpace: spaces },
    options,
  );
  const rows = dense(
    map.rows({
      observations: Float32Array.of(1, 2, 3, 4),
      actions,
      nextObservations: Float32Array.of(-5, 6, 7, 8),
    }),
  );
  expect(rows).toHaveLength(2 * map.width);
  return Array.from({ length: 2 }, (_, i) => [...rows.subarray(i * map.width, (i + 1) * map.width)]);
}

describe("features of transitions", () => {
  it("are those of the next state", () => {
    expect(rowsOf(discrete(2), { rewardOf: "next-state" }, Int32Array.of(0, 1))).toEqual([
      [-5, 6],
      [7, 8],
    ]);
  });

  it("are one block of the state's features for each discrete action", () => {
    expect(rowsOf(discrete(2), { rewardOf: "state-action" }, Int32Array.of(0, 1))).toEqual([
      [1, 2, 0, 0],
      [0, 0, 3, 4],
    ]);
  });

  it("are the state's features and the numbers of a box action", () => {
    const actions = Float32Array.of(0.5, -0.5, 0.25, 0.75);
    expect(rowsOf(box([2], -1, 1), { rewardOf: "state-action" }, actions)).toEqual([
      [1, 2, 0.5, -0.5],
      [3, 4, 0.25, 0.75],
    ]);
  });

  it("are functions of the numbers in their units", () => {
    const features = (kind: "linear" | "absolute" | "quadratic") => ({ kind, units: [2, 4] });
    const of = (kind: "linear" | "absolute" | "quadratic") =>
      rowsOf(discrete(2), { rewardOf: "next-state", features: features(kind) }, Int32Array.of(0, 1))[0];
    expect(of("linear")).toEqual([-2.5, 1.5]);
    expect(of("absolute")).toEqual([2.5, 1.5]);
    expect(of("quadratic")).toEqual([1, -2.5, 1.5, 6.25, 2.25]);
    const own = (observation: ArrayLike<number>) => [observation[0] - observation[1], 7];
    expect(rowsOf(discrete(2), { rewardOf: "next-state", features: own }, Int32Array.of(0, 1))).toEqual([
      [-11, 7],
      [-1, 7],
    ]);
  });
});

describe("features are refused", () => {
  const make = (
    features: Parameters<typeof featureMap>[2]["features"],
    observationSpace: Space = discrete(2),
  ) =>
    featureMap(
      "test",
      { id: "Plane", observationSpace, actionSpace: discrete(2) },
      { rewardOf: "next-state", features },
    );

  it.each<[string, () => unknown, RegExp]>([
    ["of a task that has none", () => make("task"), /test: Plane defines no features; give rows/],
    [
      "with other units than the observation has numbers",
      () => make({ kind: "linear", units: [1] }, box([2], -9, 9)),
      /features.units has 1 numbers, and an observation has 2/,
    ],
    ["of too few states", () => make([[1]]), /it has 1 rows, the first of 1 numbers/],
    ["of unequal length", () => make([[1], [1, 2]]), /one row for each state, all of equal length/],
    ["without numbers", () => make([[], []]), /the first of 0 numbers/],
    ["without rows", () => make([]), /it has 0 rows, the first of 0 numbers/],
    [
      "of actions that are several choices",
      () =>
        featureMap(
          "test",
          {
            id: "Plane",
            observationSpace: discrete(2),
            actionSpace: { kind: "multi-discrete", sizes: [2, 2] },
          },
          { rewardOf: "state-action" },
        ),
      /test: rewardOf "state-action" needs discrete or box actions; those of Plane are/,
    ],
    ["as rows of a box", () => make([[1], [2]], box([2], -9, 9)), /or give a function/],
  ])("%s", (_, create, message) => expect(create).toThrow(message));
});

describe("on a model", () => {
  const model = randomModel(createRng("features"), {
    states: 4,
    actions: 2,
    branching: 2,
    discount: 0.9,
    terminals: 1,
  });
  const problem = { id: "Random", observationSpace: discrete(4), actionSpace: discrete(2), model };
  const given = [
    [1, 0],
    [0, 2],
    [3, 3],
    [5, 0],
  ];

  it("rows are the states', or for pairs the state's in the block of its action", () => {
    const states = featureMap("test", problem, { rewardOf: "next-state", features: given });
    expect([...dense(modelRows(states, model))]).toEqual(given.flat());
    const pairs = featureMap("test", problem, { rewardOf: "state-action", features: given });
    expect([...dense(modelRows(pairs, model))]).toEqual(
      given
        .flatMap((row) => [
          [...row, 0, 0],
          [0, 0, ...row],
        ])
        .flat(),
    );
    const indicators = featureMap("test", problem, { rewardOf: "next-state" });
    expect([...dense(modelRows(indicators, model))].filter((x, i) => x !== Number(i % 5 === 0))).toEqual([]);
  });

  it("rows of pairs are those of observations of several numbers", () => {
    const points = { ...model, observations: Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8) };
    const plane = { ...problem, observationSpace: box([2], 0, 9) };
    const pairs = featureMap("test", plane, { rewardOf: "state-action" });
    expect([...dense(modelRows(pairs, points))]).toEqual(
      [1, 3, 5, 7].flatMap((x) => [x, x + 1, 0, 0, 0, 0, x, x + 1]),
    );
  });

  it.each(["next-state", "state-action"] as const)("visits are the transpose of rewards: %s", (rewardOf) => {
    const size = rewardOf === "next-state" ? 4 : 8;
    const [table, visits] = [size, model.next.length].map((n) =>
      createRng(n).fillNormal(new Float64Array(n)),
    );
    const rewards = entryRewards(model, rewardOf, table);
    const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, x, i) => sum + x * b[i], 0);
    expect(dot(rewards, visits)).toBeCloseTo(dot(table, visitsOf(model, rewardOf, visits)), 12);
    // The last state is terminal: its steps have no reward.
    expect([...rewards.subarray(model.rowStart[6])].every((r) => r === 0)).toBe(true);
    const from = rewardOf === "next-state" ? model.next[0] : 0;
    expect(rewards[0]).toBe(table[from]);
    expect(rewards[model.rowStart[3]]).toBe(
      table[rewardOf === "next-state" ? model.next[model.rowStart[3]] : 3],
    );
  });
});
