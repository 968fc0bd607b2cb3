/** @file User-defined environments: every accepted form, and the message for every error. */

import { describe, expect, it } from "vitest";
import { adaptEnvironment, type EnvironmentLike } from "../../src/env/adapter.js";
import { UsageError } from "../../src/errors.js";
import { box, discrete } from "../../src/spaces/index.js";

/** Counts up to 3; what `reset` and `step` return is made by the arguments. */
function counter(
  step: (n: number) => unknown,
  reset: () => unknown = () => [0],
  more: Partial<EnvironmentLike> = {},
): EnvironmentLike {
  let n = 0;
  return {
    id: "Counter",
    observationSpace: box([1], 0, 3),
    actionSpace: discrete(2),
    reset() {
      n = 0;
      return reset();
    },
    step: () => step(++n),
    ...more,
  };
}

const row = (...values: number[]) => Float32Array.from(values);

describe("adaptEnvironment", () => {
  it.each([
    ["the new five-tuple", (n: number) => [[n], 0.5, n === 3, false, { n }]],
    ["the old four-tuple", (n: number) => [[n], 0.5, n === 3, { n }]],
    [
      "an object",
      (n: number) => ({ observation: [n], reward: 0.5, terminated: n === 3, truncated: false, info: { n } }),
    ],
    ["an object with done", (n: number) => ({ observation: [n], reward: 0.5, done: n === 3, info: { n } })],
    ["numbers for one-number boxes", (n: number) => [n, 0.5, n === 3, false, { n }]],
    ["typed arrays", (n: number) => [row(n), 0.5, n === 3, false, { n }]],
  ])("accepts %s", (_name, step) => {
    const environment = adaptEnvironment(counter(step));
    expect(environment.reset()).toEqual({ observation: row(0), info: {} });
    expect(environment.step(0)).toEqual({
      observation: row(1),
      reward: 0.5,
      terminated: false,
      truncated: false,
      info: { n: 1 },
    });
    environment.step(0);
    expect(environment.step(0)).toMatchObject({ observation: row(3), terminated: true, truncated: false });
  });

  it.each([
    ["an observation", () => [2], {}],
    ["observation and info", () => [[2], { a: 1 }], { a: 1 }],
    ["an object", () => ({ observation: [2], info: { a: 1 } }), { a: 1 }],
    ["an object without info", () => ({ observation: row(2) }), {}],
  ])("accepts a reset that returns %s", (_name, reset, info) => {
    expect(adaptEnvironment(counter(() => 0, reset)).reset()).toEqual({ observation: row(2), info });
  });

  it("reads TimeLimit.truncated of the four-tuple of old Gym", () => {
    for (const flag of [true, false]) {
      const environment = adaptEnvironment(counter(() => [[1], 0, true, { "TimeLimit.truncated": flag }]));
      environment.reset();
      expect(environment.step(0)).toMatchObject({ terminated: !flag, truncated: flag });
    }
  });

  it("keeps a dict observation whole, also if one of its parts is called observation", () => {
    const observationSpace = { spaces: { observation: { n: 4 }, goal: { n: 4 } } };
    const value = { observation: 1, goal: 3 };
    const step = () => [value, 0, false, false, {}];
    const environment = adaptEnvironment(counter(step, () => value, { observationSpace }));
    expect(environment.reset().observation).toEqual(value);
    expect(environment.step(0).observation).toEqual(value);
  });

  it("flattens nested arrays, and copies arrays that are reused", () => {
    const shared = [
      [1, 2],
      [3, 4],
    ];
    const observationSpace = { shape: [2, 2], low: 0, high: 9 };
    const step = () => [shared, 0, false, false, {}];
    const environment = adaptEnvironment(counter(step, () => shared, { observationSpace }));
    const { observation } = environment.reset();
    shared[0][0] = 7;
    expect(observation).toEqual(row(1, 2, 3, 4));
    expect(environment.step(0).observation).toEqual(row(7, 2, 3, 4));
  });

  it("flattens nested arrays of boxes in dicts and tuples, of any kind of array", () => {
    const image = { shape: [2, 2], low: 0, high: 9 };
    const observationSpace = { spaces: { image, parts: { spaces: [image, { n: 2 }] } } };
    const nested = [
      [1, 2],
      [3, 4],
    ];
    const value = { image: nested, parts: [[Float32Array.of(1, 2), Float32Array.of(3, 4)], 1] };
    const step = () => [value, 0, false, false, {}];
    const expected = { image: row(1, 2, 3, 4), parts: [row(1, 2, 3, 4), 1] };
    for (const reset of [() => value, () => [value, {}]]) {
      const environment = adaptEnvironment(counter(step, reset, { observationSpace }));
      expect(environment.reset().observation).toEqual(expected);
      expect(environment.step(0).observation).toEqual(expected);
    }
  });

  it("refuses nested arrays of another shape, which have the same number of entries", () => {
    const observationSpace = { spaces: { image: { shape: [3, 2], low: 0, high: 9 } } };
    const wrong = [
      [
        [1, 2, 3],
        [4, 5, 6],
      ],
      [
        [1, 2, 3],
        [4, 5],
        [6, 7],
      ],
    ];
    for (const image of wrong) {
      const environment = adaptEnvironment(
        counter(
          () => 0,
          () => ({ image }),
          { observationSpace },
        ),
      );
      expect(() => environment.reset()).toThrow(
        /Counter, reset of episode 1: the observation is wrong: part image: /,
      );
    }
  });

  it.each([
    [{ n: 3 }, discrete(3)],
    [{ nvec: [2, 3] }, { kind: "multi-discrete", sizes: [2, 3] }],
    [{ shape: [2], low: -1, high: [1, 2] }, box([2], -1, [1, 2])],
    [{ shape: [1] }, box([1], -Infinity, Infinity)],
    [
      {
        shape: [2, 2],
        low: [
          [0, -1],
          [-2, -3],
        ],
        high: 9,
      },
      box([2, 2], [0, -1, -2, -3], 9),
    ],
    [
      { spaces: [{ n: 2 }, { shape: [1], low: 0, high: 1 }] },
      { kind: "tuple", spaces: [discrete(2), box([1], 0, 1)] },
    ],
  ])("converts the space %j", (given, space) => {
    const more = { actionSpace: undefined, action_space: given };
    expect(adaptEnvironment(counter(() => 0, undefined, more)).actionSpace).toEqual(space);
  });

  it("accepts spaces and a time limit that the environment does not declare", () => {
    const step = () => [[1], 0, false, false, {}];
    const bare = counter(step, undefined, { observationSpace: undefined, actionSpace: undefined });
    const options = { observationSpace: { shape: [1] }, actionSpace: { n: 2 }, maxEpisodeSteps: 2 };
    const environment = adaptEnvironment(bare, options);
    for (let episode = 0; episode < 2; episode++) {
      environment.reset();
      expect(environment.step(0)).toMatchObject({ truncated: false });
      expect(environment.step(0)).toMatchObject({ terminated: false, truncated: true });
    }
  });

  it("passes integer seeds on, derives one from other seeds, and passes none without a seed", () => {
    const seeds: unknown[] = [];
    const more = { reset: (options?: { seed?: number }) => [seeds.push(options?.seed) * 0] };
    const environment = adaptEnvironment(counter(() => 0, undefined, more as Partial<EnvironmentLike>));
    for (const seed of [7, undefined, "3/env/1", "3/env/1", "3/env/2"]) environment.reset({ seed });
    expect(seeds.slice(0, 2)).toEqual([7, undefined]);
    expect(Number.isInteger(seeds[2])).toBe(true);
    expect(seeds[3]).toBe(seeds[2]);
    expect(seeds[4]).not.toBe(seeds[2]);
  });

  it("saves the time limit with the environment's own state", () => {
    let n = 0;
    const source = counter(() => [[++n], 0, false, false, {}], undefined, {
      getState: () => n,
      setState: (state) => {
        n = state as number;
      },
    });
    const environment = adaptEnvironment(source, { maxEpisodeSteps: 3 });
    environment.reset();
    environment.step(0);
    const state = environment.getState!();
    const ahead = [environment.step(0), environment.step(0)];
    environment.setState!(state);
    expect([environment.step(0), environment.step(0)]).toEqual(ahead);
    expect(ahead[1].truncated).toBe(true);
  });

  it("cannot save an environment without getState", () => {
    expect(adaptEnvironment(counter(() => 0)).getState).toBeUndefined();
  });

  it("names an environment after its class", () => {
    class Maze {
      observationSpace = discrete(2);
      actionSpace = discrete(2);
      reset = () => 0;
      step = () => [5, 0, false, false, {}];
    }
    const environment = adaptEnvironment(new Maze());
    environment.reset();
    expect(() => environment.step(0)).toThrow(
      /^Maze, step 1 of episode 1: .* 5 is not an integer from 0 to 1/,
    );
  });

  it.each([
    ["a NaN in the observation", [[Number.NaN], 0, false, false, {}], "entry 0 is NaN, not a finite number"],
    [
      "an observation beyond float32",
      [[1e39], 0, false, false, {}],
      "entry 0 is 1e+39, which is beyond the range",
    ],
    [
      "a reward beyond float32",
      [[1], -1e39, false, false, {}],
      "the reward is -1e+39, which is beyond the range",
    ],
    ["the wrong shape", [[1, 2], 0, false, false, {}], "it has 2 numbers, not 1 (shape [1])"],
    ["no observation", [undefined, 0, false, false, {}], "undefined is not an array of 1 numbers"],
    ["a NaN reward", [[1], Number.NaN, false, false, {}], "the reward is NaN, but must be a finite number"],
    ["a reward that is text", [[1], "1", false, false, {}], `the reward is "1"`],
    [
      "terminated that is not a boolean",
      [[1], 0, 1, false, {}],
      "terminated is 1, but must be true or false",
    ],
    [
      "truncated that is not a boolean",
      [[1], 0, true, null, {}],
      "truncated is null, but must be true or false",
    ],
    ["done that is not a boolean", { observation: [1], reward: 0, done: "no" }, `done is "no"`],
    ["no flag at all", { observation: [1], reward: 0 }, "terminated is undefined"],
    ["something else", "oops", `step() returned "oops", but must return { observation`],
    [
      "a promise",
      Promise.resolve([[1], 0, false, false, {}]),
      "step() returned a promise, but must be synchronous",
    ],
  ])("names place and value when a step returns %s", (_name, returned, message) => {
    const environment = adaptEnvironment(counter((n) => (n < 2 ? [[1], 0, false, false, {}] : returned)));
    environment.reset();
    environment.reset();
    environment.step(0);
    expect(() => environment.step(0)).toThrow(`Counter, step 2 of episode 2: `);
    expect(() => environment.step(0)).toThrow(message);
  });

  it("names the place when the environment throws, and keeps the cause", () => {
    const cause = new Error("the motor is on fire");
    const fail = () => {
      throw cause;
    };
    const inStep = adaptEnvironment(counter(fail));
    inStep.reset();
    const error = (() => {
      try {
        inStep.step(0);
      } catch (e) {
        return e as Error;
      }
    })();
    expect(error?.message).toBe("Counter, step 1 of episode 1: the environment threw: the motor is on fire");
    expect(error?.cause).toBe(cause);
    expect(() => adaptEnvironment(counter(() => 0, fail)).reset()).toThrow(
      "Counter, reset of episode 1: the env",
    );
  });

  it("accepts observations beyond the bounds, which checkEnv reports", () => {
    const environment = adaptEnvironment(counter(() => [[3.5], 0, false, false, {}]));
    environment.reset();
    expect(environment.step(0).observation).toEqual(row(3.5));
  });

  it.each([
    [{}, /has no reset\(\)/],
    [{ reset: () => 0 }, /has no step\(\)/],
    [
      counter(() => 0, undefined, { observationSpace: undefined }),
      /Counter has no observationSpace; give one: adaptEnv/,
    ],
    [
      counter(() => 0, undefined, { actionSpace: { n: -1 } }),
      /Counter: actionSpace is invalid: n must be a positive/,
    ],
    [counter(() => 0, undefined, { actionSpace: { size: 2 } as never }), /its kind of space is unknown/],
  ])("refuses %o", (source, message) => {
    expect(() => adaptEnvironment(source as EnvironmentLike)).toThrow(message);
    expect(() => adaptEnvironment(source as EnvironmentLike)).toThrow(UsageError);
  });
});

describe("the state of a user's environment", () => {
  const saving = (getState: () => unknown) =>
    adaptEnvironment(counter(() => 0, undefined, { getState: getState as never, setState() {} }));

  it("is copied, because an environment may return one object again and again", () => {
    const state = { t: 0, list: [1] };
    const environment = saving(() => state);
    const saved = environment.getState!();
    state.t = 5;
    state.list.push(2);
    expect(saved).toMatchObject({ source: { t: 0, list: [1] } });
  });

  it.each([
    [() => ({ f() {} }), /Counter, getState\(\): it must return plain data .* state\.f is a function/],
    [
      () => ({ deep: [new Map()] }),
      /getState\(\): it must return plain data .* state\.deep\[0\] cannot be saved/,
    ],
  ])("is refused where it is not plain data: %o", (getState, message) => {
    expect(() => saving(getState).getState!()).toThrow(UsageError);
    expect(() => saving(getState).getState!()).toThrow(message);
  });

  it("names getState() and close() where they throw", () => {
    const fail = () => {
      throw new Error("no state today");
    };
    expect(() => saving(fail).getState!()).toThrow(
      "Counter, getState(): the environment threw: no state today",
    );
    const closing = adaptEnvironment(counter(() => 0, undefined, { close: fail }));
    expect(() => closing.close!()).toThrow("Counter, close(): the environment threw: no state today");
  });
});

describe("an info of null", () => {
  it("is an empty info, as of reset and of step", () => {
    const environment = adaptEnvironment(
      counter(
        () => [[1], 0, false, false, null],
        () => [[0], null],
      ),
    );
    expect(environment.reset()).toEqual({ observation: row(0), info: {} });
    expect(environment.step(0).info).toEqual({});
  });
});
