/** @file Taxi-v3: its published values, its mask, the fickle passenger, and refused options. */

import { describe, expect, it } from "vitest";
import "../../../envs/index.js";
import { taxi } from "../../../envs/toy-text/taxi.js";
import { actionMask, decode, encode, neighbour, STOPS } from "../../../envs/toy-text/taxi-map.js";
import { makeVector } from "../../../src/env/vector.js";
import { finiteHorizonValueIteration } from "../../../src/mdp/index.js";

const optimum = (options: Parameters<typeof taxi>[0]) => {
  const model = taxi(options).model!();
  const { values } = finiteHorizonValueIteration(model, { horizon: 60 });
  return model.initial.reduce((sum, p, state) => sum + p * values[state], 0);
};

/** Steps of the shortest way between two cells. */
function distance(from: number, to: number): number {
  const steps = new Map([[from, 0]]);
  for (const [cell, taken] of steps) {
    if (cell === to) return taken;
    for (let move = 0; move < 4; move++) {
      const next = neighbour(cell, move);
      if (!steps.has(next)) steps.set(next, taken + 1);
    }
  }
  return Infinity;
}

describe("Taxi-v3", () => {
  it("has a mean optimal return of 7.93", () => {
    expect(optimum({})).toBeCloseTo(7.93, 6);
  });

  it("has with a fickle passenger the value of shortest paths", () => {
    /** Mean over the starts of 20 less the steps before the last, where `onward` is what the way from stop to stop takes. */
    const worth = (onward: (from: number, destination: number) => number) => {
      let total = 0;
      for (let cell = 0; cell < 25; cell++) {
        for (const from of STOPS) {
          for (const to of STOPS.filter((stop) => stop !== from)) {
            total += 20 - (distance(cell, from) + 1 + onward(from, to));
          }
        }
      }
      return total / 300;
    };
    const steady = worth(distance);
    expect(steady).toBeCloseTo(7.93, 10);
    // One step, after which each of the other three stops is as likely, the one just left among them.
    const unsteady = worth((from, to) => {
      const others = STOPS.filter((stop) => stop !== to);
      const ways = [0, 1, 2, 3].map((move) => neighbour(from, move)).filter((cell) => cell !== from);
      return Math.min(
        ...ways.map((cell) => 1 + others.reduce((sum, stop) => sum + distance(cell, stop) / 3, 0)),
      );
    });
    expect(optimum({ fickle: true, fickleProbability: 0 })).toBeCloseTo(steady, 10);
    expect(optimum({ fickle: true })).toBeCloseTo(0.7 * steady + 0.3 * unsteady, 10);
  });

  it("has a lower value in rain", () => {
    expect(optimum({ rainy: true })).toBeLessThan(7.93 - 1);
    expect(taxi({ rainy: true, rainyProbability: 1 }).model!()).toEqual(taxi().model!());
  });

  it("has reward 20 for a delivery, and reports which actions change the state", () => {
    const environment = taxi();
    // At red with the passenger, who wants to go to green.
    const { info } = environment.reset({ options: { state: encode(0, 0, 1) } });
    expect(info).toEqual({ prob: 1, action_mask: Int8Array.of(1, 0, 1, 0, 1, 0) });
    expect(environment.step(4)).toMatchObject({ observation: encode(0, 4, 1), reward: -1 });
    expect(environment.step(4)).toMatchObject({ observation: encode(0, 4, 1), reward: -10 });
    // Two to the east a wall stands between the columns: down, across, up.
    for (const action of [2, 0, 0, 2, 2, 2, 1]) expect(environment.step(action).reward).toBe(-1);
    expect(environment.step(5)).toMatchObject({ reward: -10, terminated: false });
    environment.step(1);
    const { info: there, ...last } = environment.step(5);
    expect(last).toEqual({ observation: encode(4, 1, 1), reward: 20, terminated: true, truncated: false });
    expect(there.prob).toBe(1);
  });

  it("has the mask in its observations, if asked, alone and in vectors", async () => {
    const environment = taxi({ actionMask: true });
    const state = encode(0, 0, 1);
    const { observation } = environment.reset({ options: { state: [state, 1, 0, 1, 0, 1, 0] } });
    expect(observation).toEqual({ observation: state, actionMask: [1, 0, 1, 0, 1, 0] });
    expect(environment.step(4).observation).toEqual({
      observation: encode(0, 4, 1),
      actionMask: [1, 0, 1, 0, 0, 1],
    });
    const vector = await makeVector("Taxi-v3", 20, { options: { actionMask: true, fickle: true } });
    for (let i = 0; i < 20; i++) {
      const [seen, ...mask] = vector.observations.slice(7 * i, 7 * i + 7);
      expect(mask).toEqual([...actionMask(seen)]);
    }
    const { observations, ...model } = environment.model!();
    const { observations: plain, ...others } = taxi().model!();
    expect(model).toEqual(others);
    expect(Array.from(plain, (_, s) => observations[7 * s])).toEqual([...plain]);
  });

  it("drops the passenger at another stop for the reward of a step", () => {
    const environment = taxi();
    environment.reset({ options: { state: encode(20, 4, 1) } });
    expect(environment.step(5)).toMatchObject({
      observation: encode(20, 2, 1),
      reward: -1,
      terminated: false,
    });
  });

  it("has a fickle passenger choose a new destination once, at the first move with them aboard", () => {
    const environment = taxi({ fickle: true, fickleProbability: 1 });
    environment.reset({ seed: 4 });
    const chosen = new Set<number>();
    for (let game = 0; game < 40; game++) {
      // The second half of the model's states are those in which they will change their mind.
      environment.reset({ options: { state: 500 + encode(0, 0, 1) } });
      const destination = (action: number) =>
        decode(environment.step(action).observation as number).destination;
      // Picked up, put off, picked up again; against the wall: not moved yet.
      expect([4, 5, 4, 1, 3].map(destination)).toEqual([1, 1, 1, 1, 1]);
      const first = destination(0);
      expect(first).not.toBe(1);
      chosen.add(first);
      expect([0, 1, 2, 3].map(destination)).toEqual([first, first, first, first]);
    }
    expect([...chosen].sort()).toEqual([0, 2, 3]);
  });

  it("has passengers change their destination in the requested share of episodes", () => {
    const { initial } = taxi({ fickle: true, fickleProbability: 0.2 }).model!();
    expect(initial.subarray(500).reduce((sum, p) => sum + p, 0)).toBeCloseTo(0.2, 12);
  });

  it("is truncated after 200 steps, and renders the town", () => {
    const environment = taxi();
    environment.reset({ options: { state: encode(12, 2, 3) } });
    expect(environment.render!().split("\n").slice(3, 6)).toEqual([
      "| : :@: : |",
      "| | : | : |",
      "|Y| : |B: |",
    ]);
    expect(environment.render!()).toContain("passenger at Y, wants to go to B");
    expect(environment.renderSvg!()).toMatch(/^<svg[\s\S]*at Y, to B[\s\S]*<\/svg>$/);
    const ends = Array.from({ length: 200 }, () => environment.step(4));
    expect(ends.findIndex(({ truncated }) => truncated)).toBe(199);
  });

  it.each([
    [{ state: 0 }, /which is a terminal state/],
    [{ state: 500 }, /from 0 to 499/],
  ])("refuses to reset with %j", (options, message) => {
    expect(() => taxi().reset({ options })).toThrow(message);
  });
});
