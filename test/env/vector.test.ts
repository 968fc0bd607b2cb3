/** @file Vector environments: autoreset, final observations, seeds, snapshots, and errors of both forms. */

import { describe, expect, it } from "vitest";
import { cartPole, make, makeVector, vectorOf } from "../../envs/index.js";
import { environmentOf } from "../../src/env/array-environments.js";
import type { Environment } from "../../src/env/contracts.js";
import type { DynamicsSpec } from "../../src/env/dynamics.js";
import { problemOf } from "../../src/env/problem.js";
import { UsageError } from "../../src/errors.js";
import { box, discrete } from "../../src/spaces/index.js";
import { constantReward } from "../support/environments.js";

/** Observes how many steps have passed since the reset; ends after `length` of them. */
function clock(length: number, how: "terminated" | "truncated" = "terminated"): Environment {
  let time = 0;
  return {
    id: "Clock",
    observationSpace: box([1], 0, 100),
    actionSpace: discrete(2),
    reset() {
      time = 0;
      return { observation: [0], info: {} };
    },
    step(action) {
      time++;
      const ended = time === length;
      const flags = { terminated: ended && how === "terminated", truncated: ended && how === "truncated" };
      return { observation: [time], reward: (action as number) * 10 + time, ...flags, info: {} };
    },
  };
}

describe("vectorOf", () => {
  it("contains the next episode's first observation, and separately the last one of the ended episode", () => {
    const vector = vectorOf([clock(2), clock(3, "truncated")]);
    vector.reset();
    const seen = [];
    for (let step = 0; step < 3; step++) {
      vector.step(Int32Array.of(0, 1));
      const { observations, finalObservations, rewards, terminated, truncated } = vector;
      seen.push([observations, finalObservations, rewards, terminated, truncated].map((array) => [...array]));
    }
    expect(seen).toEqual([
      [
        [1, 1],
        [0, 0],
        [1, 11],
        [0, 0],
        [0, 0],
      ],
      [
        [0, 2],
        [2, 0],
        [2, 12],
        [1, 0],
        [0, 0],
      ],
      [
        [1, 0],
        [2, 3],
        [1, 13],
        [0, 0],
        [0, 1],
      ],
    ]);
  });

  it("seeds environment i with the stream (env, i)", async () => {
    const vector = vectorOf([await make("CartPole-v1"), await make("CartPole-v1")]);
    vector.reset({ seed: 5 });
    const single = cartPole();
    expect(vector.observations.subarray(4)).toEqual(single.reset({ seed: "5/env/1" }).observation);
    expect(vector.observations.subarray(0, 4)).not.toEqual(vector.observations.subarray(4));
  });

  it("refuses to save environments without getState, and names the missing methods", () => {
    const vector = vectorOf([clock(2)]);
    vector.reset();
    expect(() => vector.getState()).toThrow(/Clock cannot be saved, .* getState\(\)/);
  });

  it.each([
    [[], /at least one/],
    [[clock(2), cartPole()], /differ in their spaces of observations: Box\(1\) and Box\(4\)/],
    [
      [clock(2), { ...clock(2), actionSpace: box([1], -1, 1) }],
      /differ in their spaces of actions: Discrete\(\d\) and Box\(1\)/,
    ],
    [
      [1, 5].map((bound) => ({ ...clock(2), actionSpace: box([2], [-1, 0], [1, bound]) })),
      /differ in their spaces of actions: entry 1 of Box\(2\) is in \[0, 1\] and in \[0, 5\]/,
    ],
    [
      [0, -Infinity].map((bound) => ({ ...clock(2), observationSpace: box([1], bound, 9) })),
      /differ in their spaces of observations: entry 0 of Box\(1\) is in \[0, 9\] and in \[-Infinity, 9\]/,
    ],
    [
      [1, 5].map((bound) => ({
        ...clock(2),
        observationSpace: { kind: "dict" as const, spaces: { eye: box([1], 0, bound) } },
      })),
      /spaces of observations: part eye: entry 0 of Box\(1\) is in \[0, 1\] and in \[0, 5\]/,
    ],
  ])("refuses %o", (environments, message) => {
    expect(() => vectorOf(environments)).toThrow(message);
  });

  it("refuses the same environment twice", () => {
    const one = clock(2);
    expect(() => vectorOf([one, one])).toThrow(/one appears twice/);
  });

  it("closes every environment", () => {
    let closed = 0;
    const closing = () => ({ ...clock(2), close: () => closed++ });
    vectorOf([closing(), closing()]).close();
    expect(closed).toBe(2);
  });
});

describe("makeVector", () => {
  it("has reset the environments, with seed 0 by default", async () => {
    const vector = await makeVector("CartPole-v1", 3);
    const seeded = await makeVector("CartPole-v1", 3, { seed: 0 });
    expect(vector.observations).toEqual(seeded.observations);
    expect(vector.observations.some((x) => x !== 0)).toBe(true);
  });

  it("makes vectors of functions, of classes and of ids with options", async () => {
    class Clock {
      constructor() {
        Object.assign(this, clock(2));
      }
      reset!: Environment["reset"];
      step(): unknown {
        return undefined;
      }
    }
    expect((await makeVector(() => constantReward({ limit: 2 }), 2)).count).toBe(2);
    expect((await makeVector(Clock, 2)).id).toBe("Clock");
    const limited = await makeVector({ id: "CartPole-v1", options: { maxEpisodeSteps: 1 } }, 2);
    limited.step(Int32Array.of(0, 0));
    expect([...limited.truncated]).toEqual([1, 1]);
  });

  it.each([[0], [1.5], [-2]])("refuses a count of %d", async (count) => {
    await expect(makeVector("CartPole-v1", count)).rejects.toThrow(/positive number of environments/);
  });

  it.each([
    ["native", () => makeVector("CartPole-v1", 2)],
    ["wrapped", async () => vectorOf([cartPole(), cartPole()])],
  ])("refuses invalid actions in the %s form", async (_name, build) => {
    const vector = await build();
    vector.reset();
    expect(() => vector.step(Int32Array.of(0))).toThrow(/2 actions in Discrete\(2\) are 2 numbers, not 1/);
    expect(() => vector.step(Int32Array.of(0, 2))).toThrow(UsageError);
  });

  it.each([
    ["native", () => makeVector("CartPole-v1", 2), () => makeVector("CartPole-v1", 3)],
    ["wrapped", async () => vectorOf([cartPole(), cartPole()]), async () => vectorOf([cartPole()])],
  ])("refuses a snapshot of another number of environments in the %s form", async (_name, build, other) => {
    const vector = await build();
    expect(() => vector.setState(0)).toThrow(/snapshot is of no environments, not 2/);
    const state = (await other()).getState();
    expect(() => vector.setState(state)).toThrow(/snapshot is of [13] environments, not 2/);
  });
});

describe("a vector during its creation", () => {
  const counted = () => {
    const counts = { opened: 0, closed: 0 };
    const make = () => {
      counts.opened++;
      return { ...clock(2), close: () => counts.closed++ };
    };
    return { counts, make };
  };

  it("closes every environment if one of them cannot be created", async () => {
    const { counts, make } = counted();
    (await makeVector(make, 3)).close();
    expect(counts).toEqual({ opened: 3, closed: 3 });
    const failing = () => {
      if (counts.opened === 5) throw new Error("no more");
      return make();
    };
    await expect(makeVector(failing, 3)).rejects.toThrow("no more");
    expect(counts).toEqual({ opened: 5, closed: 5 });
  });

  it("closes all environments if the first reset fails", async () => {
    const { counts, make } = counted();
    const failing = () => ({
      ...make(),
      reset() {
        throw new Error("no start");
      },
    });
    await expect(makeVector(failing, 2)).rejects.toThrow(/^environment 0: .*no start/);
    expect(counts).toEqual({ opened: 2, closed: 2 });
  });

  it("closes the environment that was created to find the native form", async () => {
    const live = new Set<object>();
    const spec: DynamicsSpec = {
      id: "Held",
      observationSpace: box([1], 0, 1),
      actionSpace: discrete(2),
      resetOptions: [],
      dynamics(copies) {
        const resource = {};
        live.add(resource);
        return {
          state: { at: new Float32Array(copies) },
          reset() {},
          step() {},
          observe() {},
          close: () => live.delete(resource),
        };
      },
    };
    const vector = await makeVector(() => environmentOf(spec), 3);
    expect(live.size).toBe(1);
    vector.close();
    await problemOf(() => environmentOf(spec));
    expect(live.size).toBe(0);
  });
});
