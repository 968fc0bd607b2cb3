/** @file Causal entropy over a number of steps: values by recursion, and counts of transitions by enumeration. */

import { describe, expect, it } from "vitest";
import { horizonFlow, softFiniteHorizon } from "../../src/mdp/index.js";
import { createRng } from "../../src/random/rng.js";
import { randomWorld } from "../algorithms/irl/likelihoods.js";
import { randomTable } from "./random.js";

const model = randomWorld("soft horizon");
const { states, actions, rowStart, next, probability, reward, terminal } = model;
const pairs = states * actions;
const HORIZON = 3;
const options = { horizon: HORIZON, discount: 0.8 };

describe("softFiniteHorizon", () => {
  it("has Vₜ = log Σ exp Qₜ and πₜ = exp(Qₜ − Vₜ), with Qₜ = r + γ P Vₜ₊₁", () => {
    const { values, policy } = softFiniteHorizon(model, options);
    expect(values.length).toBe((HORIZON + 1) * states);
    /** Vₜ(s), by recursion in time. */
    const value = (t: number, s: number): number =>
      t === HORIZON || terminal[s] ? 0 : Math.log(qs(t, s).reduce((sum, q) => sum + Math.exp(q), 0));
    const qs = (t: number, s: number) =>
      Array.from({ length: actions }, (_, a) => {
        let q = 0;
        const pair = s * actions + a;
        for (let e = rowStart[pair]; e < rowStart[pair + 1]; e++) {
          q += probability[e] * (reward[e] + options.discount * value(t + 1, next[e]));
        }
        return q;
      });
    for (let t = 0; t <= HORIZON; t++) {
      for (let s = 0; s < states; s++) {
        expect(values[t * states + s]).toBeCloseTo(value(t, s), 12);
        if (t === HORIZON) continue;
        for (const [a, q] of qs(t, s).entries()) {
          const chance = terminal[s] ? 1 / actions : Math.exp(q - value(t, s));
          expect(policy[t * pairs + s * actions + a]).toBeCloseTo(chance, 12);
        }
      }
    }
  });
});

describe("horizonFlow", () => {
  it("counts the transitions of all paths, with mass that enters and leaves at any time", () => {
    const rng = createRng("policies");
    // Another policy at each time.
    const policy = Float64Array.from(
      Array.from({ length: HORIZON }, () => [...randomTable(model, rng)]).flat(),
    );
    const entries = [
      { time: 0, state: 0, mass: 0.75 },
      { time: 0, state: 2, mass: 0.25 },
      { time: 1, state: 1, mass: 0.5 },
      { time: 2, state: 3, mass: -0.25 },
      { time: HORIZON, state: 0, mass: 5 },
    ];
    const expected = new Float64Array(next.length);
    const walk = (t: number, s: number, mass: number): void => {
      if (t >= HORIZON) return;
      for (let pair = s * actions; pair < (s + 1) * actions; pair++) {
        for (let e = rowStart[pair]; e < rowStart[pair + 1]; e++) {
          const moved = mass * policy[t * pairs + pair] * probability[e];
          expected[e] += options.discount ** t * moved;
          walk(t + 1, next[e], moved);
        }
      }
    };
    for (const { time, state, mass } of entries) walk(time, state, mass);
    for (const [e, x] of horizonFlow(model, policy, entries, options).entries()) {
      expect(x).toBeCloseTo(expected[e], 12);
    }
  });
});
