import { describe, expect, it } from "vitest";
import {
  type Demonstrations,
  demonstrationsOf,
  firstEpisodes,
  requireDemonstrations,
  splitEpisodes,
} from "../../src/datasets/demonstrations.js";
import { UsageError } from "../../src/errors.js";
import { createRng } from "../../src/random/rng.js";
import type { Trajectory } from "../../src/rollout/trajectory.js";
import { box, discrete } from "../../src/spaces/index.js";
import { randomDemonstrations } from "../support/demonstrations.js";

const header = { env: "Walk-v0", observationSpace: box([1], 0, 1), actionSpace: discrete(2) };

/** Two steps, with whatever is different. */
const walk = (different: Partial<Trajectory> = {}): Trajectory => ({
  observations: Float32Array.of(0, 0.5, 1.5), // the end of an episode may be out of bounds
  actions: Int32Array.of(0, 1),
  rewards: Float64Array.of(1, 2),
  terminated: true,
  truncated: false,
  ...different,
});

describe("demonstrationsOf", () => {
  it("uses the mean return of the demonstrations as the expert's return, unless one is passed", () => {
    const trajectories = [walk(), walk({ rewards: Float64Array.of(3, 4) })];
    expect(demonstrationsOf(trajectories, header).provenance).toEqual({ expertReturn: 5 });
    const provenance = { expertReturn: 4.8, seed: 3 };
    expect(demonstrationsOf(trajectories, { ...header, provenance }).provenance).toEqual(provenance);
  });

  it("takes the expert's return for unknown where every reward is 0, unless one is passed", () => {
    const unrewarded = [walk({ rewards: new Float64Array(2) }), walk({ rewards: new Float64Array(2) })];
    expect(demonstrationsOf(unrewarded, header).provenance.expertReturn).toBeNaN();
    const known = { ...header, provenance: { expertReturn: 0 } };
    expect(demonstrationsOf(unrewarded, known).provenance.expertReturn).toBe(0);
    expect(demonstrationsOf([...unrewarded, walk()], header).provenance.expertReturn).toBe(1);
    const balanced = [walk({ rewards: Float64Array.of(1, -1) })];
    expect(demonstrationsOf(balanced, header).provenance.expertReturn).toBe(0);
  });

  it("names episode, step and value of an invalid number", () => {
    const cases: [Partial<Trajectory>, string][] = [
      [{ observations: Float32Array.of(0, Number.NaN, 1) }, "step 1: entry 0 of the observation is NaN"],
      [
        { observations: Float32Array.of(0, 1, Number.POSITIVE_INFINITY) },
        "step 2: entry 0 of the observation is Inf",
      ],
      [
        { actions: Int32Array.of(0, 2) },
        "step 1: the action is outside its space: 2 is not an integer from 0 to 1",
      ],
      [{ rewards: Float64Array.of(Number.NaN, 0) }, "step 0: the reward is NaN"],
      [{ observations: Float32Array.of(0, 1) }, "2 rewards need 3 observations of 1 numbers, not 2 numbers"],
      [{ actions: Int32Array.of(0) }, "2 rewards need 2 actions of 1 numbers, not 1 numbers"],
      [{ rewards: new Float64Array(0) }, "it has no steps"],
    ];
    for (const [different, message] of cases) {
      const make = () => demonstrationsOf([walk(), walk(different)], header);
      expect(make).toThrow(UsageError);
      expect(make).toThrow(`demonstrations of Walk-v0: episode 1: ${message}`);
    }
  });

  it("checks discrete observations against their space, because they are used as indices", () => {
    const make = (...observations: number[]) =>
      demonstrationsOf([walk({ observations: Float32Array.from(observations) })], {
        ...header,
        observationSpace: discrete(2),
      });
    expect(() => make(0, 0.5, 1)).toThrow(
      "step 1: the observation is outside its space: 0.5 is not an integer",
    );
    expect(() => make(0, 1, 2)).toThrow("step 2: the observation is outside its space: 2 is not an integer");
    expect(() => make(0, 1, 1)).not.toThrow();
  });

  it("refuses an empty list", () => {
    expect(() => demonstrationsOf([], header)).toThrow(UsageError);
  });
});

describe("requireDemonstrations", () => {
  const whole: Demonstrations = { ...header, provenance: { expertReturn: 3 }, trajectories: [walk()] };

  it("accepts whole demonstrations, also of an unknown expert", () => {
    requireDemonstrations(whole);
    requireDemonstrations({ ...whole, provenance: { expertReturn: Number.NaN } });
  });

  it.each<[string, Record<string, unknown>, string]>([
    ["no environment", { env: undefined }, "demonstrations of undefined: env must be the id of their env"],
    ["a space of another notation", { actionSpace: { n: 2 } }, "actionSpace must be a space with a kind"],
    ["no space", { observationSpace: undefined }, "observationSpace must be a space with a kind"],
    [
      "an invalid space",
      { actionSpace: discrete(0) },
      "actionSpace must be a valid space: n must be a positive",
    ],
    [
      "no provenance",
      { provenance: undefined },
      "provenance.expertReturn must be a number, or NaN; demonstr",
    ],
    [
      "nothing for a trajectory",
      { trajectories: [null] },
      "episode 0: it is not an object with observations",
    ],
  ])("refuses %s by the name of the field", (_, change, message) => {
    const given = { ...whole, ...change } as unknown as Demonstrations;
    expect(() => requireDemonstrations(given)).toThrow(UsageError);
    expect(() => requireDemonstrations(given)).toThrow(message);
  });

  it.each<[string, Record<string, unknown>, string]>([
    ["plain arrays", { observations: [0, 0.5, 1] }, "observations must be of type Float32Array, not Array"],
    [
      "float64",
      { observations: new Float64Array(3) },
      "observations must be of type Float32Array, not Float64",
    ],
    ["actions as text", { actions: "01" }, "actions must be of type Float32Array or Int32Array, not String"],
    ["no rewards", { rewards: undefined }, "rewards must be of type Float64Array, not Undefined"],
    ["a flag of 1", { terminated: 1 }, "terminated must be of type Boolean, not Number"],
    ["no flag", { truncated: undefined }, "truncated must be of type Boolean, not Undefined"],
    ["steps as an array", { steps: [0] }, "steps must be of type Int32Array or Undefined, not Array"],
    ["an expert without a name", { expert: 3 }, "expert must be of type String or Undefined, not Number"],
    [
      "too few observations",
      { observations: new Float32Array(2) },
      "2 rewards need 3 observations of 1 numbers",
    ],
    ["too many actions", { actions: new Int32Array(3) }, "2 rewards need 2 actions of 1 numbers, not 3"],
    [
      "half an action",
      { actions: Float32Array.of(0, 0.5) },
      "step 1: the action is outside its space: 0.5 is",
    ],
    [
      "an unknown action",
      { actions: Int32Array.of(0, 7) },
      "step 1: the action is outside its space: 7 is not",
    ],
    ["NaN", { observations: Float32Array.of(0, Number.NaN, 1) }, "step 1: entry 0 of the observation is NaN"],
    ["an infinite reward", { rewards: Float64Array.of(1, -1 / 0) }, "step 1: the reward is -Infinity"],
  ])("refuses %s by the episode and the field", (_, change, message) => {
    const trajectories = [walk(), { ...walk(), ...change }] as unknown as Trajectory[];
    const given = { ...whole, trajectories };
    expect(() => requireDemonstrations(given)).toThrow(UsageError);
    expect(() => requireDemonstrations(given)).toThrow(`demonstrations of Walk-v0: episode 1: ${message}`);
  });
});

describe("firstEpisodes", () => {
  const demonstrations = randomDemonstrations({ episodes: 5 });

  it("returns the first episodes with the provenance of all, so that scores remain comparable", () => {
    const two = firstEpisodes(demonstrations, 2);
    expect(two.trajectories).toEqual(demonstrations.trajectories.slice(0, 2));
    expect(two.provenance).toEqual(demonstrations.provenance);
  });

  it("refuses more episodes than there are, and 0", () => {
    for (const episodes of [6, 0, -1, 1.5]) {
      expect(() => firstEpisodes(demonstrations, episodes)).toThrow(
        `there are 5 demonstrations of Random-v0`,
      );
    }
  });
});

describe("splitEpisodes", () => {
  const demonstrations = randomDemonstrations({ episodes: 10 });

  it("puts each whole episode on one side, in order and reproducibly by seed", () => {
    const { train, heldOut } = splitEpisodes(demonstrations, 0.3, createRng(1));
    const places = (part: typeof train) =>
      part.trajectories.map((t) => demonstrations.trajectories.indexOf(t));
    expect(places(heldOut)).toHaveLength(3);
    expect([...places(train), ...places(heldOut)].sort((a, b) => a - b)).toEqual([
      0, 1, 2, 3, 4, 5, 6, 7, 8, 9,
    ]);
    expect(places(train)).toEqual(places(train).toSorted((a, b) => a - b));
    expect(splitEpisodes(demonstrations, 0.3, createRng(1)).heldOut).toEqual(heldOut);
    const others = [2, 3, 4].map((seed) =>
      places(splitEpisodes(demonstrations, 0.3, createRng(seed)).heldOut),
    );
    expect(others.some((other) => String(other) !== String(places(heldOut)))).toBe(true);
  });

  it("splits the episodes that are demonstrated, as if those of weight 0 were not there", () => {
    const [none, ...counted] = demonstrations.trajectories;
    const withZero = { ...demonstrations, trajectories: [{ ...none, weight: 0 }, ...counted.slice(0, 4)] };
    const without = { ...demonstrations, trajectories: counted.slice(0, 4) };
    for (let seed = 0; seed < 20; seed++) {
      expect(splitEpisodes(withZero, 0.2, createRng(seed))).toEqual(
        splitEpisodes(without, 0.2, createRng(seed)),
      );
    }
    const only = { ...demonstrations, trajectories: [{ ...none, weight: 0 }, counted[0]] };
    expect(() => splitEpisodes(only, 0.2, createRng(0))).toThrow("cannot hold out 0.2 of 1");
  });

  it("holds out at least one episode, and keeps at least one for training", () => {
    expect(splitEpisodes(demonstrations, 0.01, createRng(1)).heldOut.trajectories).toHaveLength(1);
    for (const share of [0, -1, 0.99, 1, Number.NaN]) {
      expect(() => splitEpisodes(demonstrations, share, createRng(1))).toThrow(
        `cannot hold out ${share} of 10`,
      );
    }
  });
});
