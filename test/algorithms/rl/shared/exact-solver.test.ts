/** @file Exact methods: one update solves the model, by its own rewards or by learnt ones. */

import { describe, expect, it } from "vitest";
import { exactSolver } from "../../../../algorithms/rl/shared/exact-solver.js";
import type { Problem, TabularModel } from "../../../../src/env/contracts.js";
import { tabularModel, valueIteration } from "../../../../src/mdp/index.js";
import { createRng } from "../../../../src/random/rng.js";
import type { Transitions } from "../../../../src/rollout/transitions.js";
import { box, discrete } from "../../../../src/spaces/index.js";

/** A line of states, the last terminal: action 0 stays and pays 1, action 1 steps on and pays nothing. */
const line = (states: number) =>
  tabularModel({
    states,
    actions: 2,
    discount: 0.5,
    initial: 0,
    terminal: [states - 1],
    observations: Float32Array.from({ length: 2 * states }, (_, k) => (k % 2 ? -(k >> 1) : k >> 1)),
    transitions: (s, a) => [{ next: s + a, probability: 1, reward: 1 - a }],
  });
const problemWith = (model: TabularModel) =>
  ({ id: "Line", model, observationSpace: box([2], -1e4, 1e4), actionSpace: discrete(2) }) as Problem;

const solver = () => exactSolver("solve", { tolerance: 1e-9 }, (model) => valueIteration(model));

describe("an exact method", () => {
  it("solves the model in one update, and reports the value and the sweeps", async () => {
    const algorithm = solver();
    const state = await algorithm.init(problemWith(line(3)), createRng(0));
    expect([...state.table]).toEqual(new Array(6).fill(0.5));
    expect(algorithm.done!(state)).toBe(false);
    const { steps, value, residual } = await algorithm.update(state);
    expect(value).toBeCloseTo(2, 8);
    expect(steps).toBeGreaterThan(1);
    expect(residual).toBeLessThan(1e-8);
    expect(algorithm.done!(state)).toBe(true);
    const policy = algorithm.policy(state);
    expect([...(await policy.probabilities!(Float32Array.of(0, -0, 1, -1)))]).toEqual([1, 0, 1, 0]);
  });

  it("with learnt rewards follows these, and reports the value by the model's own", async () => {
    const algorithm = solver();
    const model = line(3);
    const state = await algorithm.init(problemWith(model), createRng(0));
    let asked: Transitions | undefined;
    const metrics = await algorithm.update(state, async (transitions) => {
      asked = structuredClone(transitions);
      // Steps on are worth 4 and 8, and what is said of the terminal state is not earned.
      return Float64Array.from(transitions.actions, (a, i) =>
        a === 1 ? 4 * (1 + transitions.observations[2 * i]) : 0.5,
      );
    });
    // Going on pays more than staying in both states.
    expect([...state.table.subarray(0, 4)]).toEqual([0, 1, 0, 1]);
    expect(metrics.value).toBeCloseTo(0, 9);
    const { observations, actions, nextObservations, terminated } = asked!;
    expect([...observations.subarray(0, 8)]).toEqual([0, -0, 0, -0, 1, -1, 1, -1]);
    expect([...actions].slice(0, 4)).toEqual([0, 1, 0, 1]);
    expect([...nextObservations.subarray(0, 8)]).toEqual([0, -0, 1, -1, 1, -1, 2, -2]);
    expect([...terminated].slice(0, 4)).toEqual([0, 0, 0, 1]);
  });

  it("asks for the rewards of any number of transitions, each of its own", async () => {
    const algorithm = solver();
    const states = 5000;
    const state = await algorithm.init(problemWith(line(states)), createRng(0));
    let asked = 0;
    const metrics = await algorithm.update(state, async ({ observations, actions }) => {
      asked += actions.length;
      // Going on pays where the number of the state is a multiple of 3, staying elsewhere.
      return Float64Array.from(actions, (a, i) => Number((observations[2 * i] % 3 === 0) === (a === 1)));
    });
    expect(asked).toBe(state.live.model.next.length);
    for (let s = 0; s < states - 1; s++) expect(state.table[2 * s + 1]).toBe(Number(s % 3 === 0));
    expect(metrics.value).toBeCloseTo(1, 8);
  });

  it("is refused without a model", async () => {
    const blind = { ...problemWith(line(3)), model: undefined };
    await expect(solver().init(blind, createRng(0))).rejects.toThrow(
      "solve needs an exact model, which Line does not have",
    );
  });
});
