/** @file The registry: ids, options, suggestions. */

import { beforeEach, describe, expect, it } from "vitest";
import { checkEnv, envIds, envSpec, make, register } from "../../envs/index.js";
import { construct, moduleSpec } from "../../src/env/registry.js";
import { UsageError } from "../../src/errors.js";
import { constantReward } from "../support/environments.js";

describe("the registry", () => {
  it("contains this package's environments", () => {
    expect(envIds()).toEqual(
      expect.arrayContaining(["CartPole-v1", "Corridor-v0", "FrozenLake-v1", "Gridworld-v0", "Pendulum-v1"]),
    );
    expect(envIds()).toEqual([...envIds()].sort());
    for (const id of envIds()) expect(envSpec(id).summary).toMatch(/\w/);
  });

  it("makes environments with their id", async () => {
    for (const id of envIds()) expect((await make(id)).id).toBe(id);
  });

  it("makes a new environment at each call", async () => {
    const [one, other] = [await make("CartPole-v1"), await make("CartPole-v1")];
    one.reset({ options: { state: [1, 0, 0, 0] } });
    other.reset({ options: { state: [0, 0, 0, 0] } });
    expect((one.step(1).observation as Float32Array)[0]).toBe(1);
  });

  it.each([
    ["Cartpole-v1", {}, `unknown environment "Cartpole-v1"; did you mean "CartPole-v1"?`],
    [
      "CartPole-v1",
      { maxEpisodeStep: 3 },
      `CartPole-v1: unknown option "maxEpisodeStep"; did you mean "maxEpisodeSteps"?`,
    ],
    [
      "CartPole-v1",
      { maxEpisodeSteps: "3" },
      `CartPole-v1: option "maxEpisodeSteps" is "3": it must be an integer > 0`,
    ],
    ["CartPole-v1", { maxEpisodeSteps: 0 }, `CartPole-v1: option "maxEpisodeSteps" is 0`],
    ["FrozenLake-v1", { map: "5x5" }, `FrozenLake-v1: option "map" is "5x5"`],
  ])("make(%j, %j) is a usage error that names a valid value", async (id, options, message) => {
    const error = await make(id, options).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(UsageError);
    expect((error as Error).message).toContain(message);
  });
});

describe("register", () => {
  const spec = { id: "Constant-v0", make: () => constantReward({ limit: 3 }) };
  beforeEach(() => register(spec, { replace: true }));

  it("makes a user's environment available under the registered id", async () => {
    expect(envIds()).toContain("Constant-v0");
    expect((await make("Constant-v0")).id).toBe("Constant-v0");
  });

  it("accepts a promise, and passes options on without a schema", async () => {
    const given: unknown[] = [];
    const later = async (options: Record<string, unknown>) => {
      given.push(options);
      return constantReward({ limit: 3 });
    };
    register({ id: "Constant-v0", make: later }, { replace: true });
    await make("Constant-v0", { difficulty: 2 });
    expect(given).toEqual([{ difficulty: 2 }]);
  });

  it("adds the time limit of the spec", async () => {
    register({ ...spec, make: () => constantReward({ limit: 99 }), maxEpisodeSteps: 2 }, { replace: true });
    const environment = await make("Constant-v0");
    environment.reset();
    expect([environment.step(0), environment.step(0)].map(({ truncated }) => truncated)).toEqual([
      false,
      true,
    ]);
  });

  it.each([
    [spec, /Constant-v0 is already registered/],
    [{ ...spec, id: "" }, /needs an id/],
    [{ id: "Other-v0", make: constantReward({ limit: 3 }) }, /Other-v0: make must be a function/],
  ])("refuses %j", (bad, message) => {
    expect(() => register(bad as typeof spec)).toThrow(message);
  });
});

describe("environments of classes and functions", () => {
  class Fields {
    observationSpace = { kind: "discrete", n: 6 } as const;
    actionSpace = { kind: "discrete", n: 2 } as const;
    constructor(readonly options: { size?: number } = {}) {}
    reset = () => 0;
    step = () => [0, this.options.size ?? 1, true, false, {}];
  }
  class Methods extends Fields {
    override reset = () => 1;
  }

  it.each([Fields, Methods])("calls a class whose methods are fields with new: %o", async (type) => {
    expect(await construct(type)).toBeInstanceOf(type);
    expect(await checkEnv(type)).not.toContainEqual(expect.objectContaining({ severity: "error" }));
  });

  it.each<[string, unknown]>([
    ["class", Fields],
    ["function", (options?: { size?: number }) => new Fields(options)],
  ])("gives the options to a module's %s, and nothing without options", async (_, exported) => {
    register(moduleSpec("./walk.mjs", "file:///walk.mjs", exported), { replace: true });
    const rewardOf = async (options?: Record<string, unknown>) => {
      const environment = await make("./walk.mjs", options);
      environment.reset();
      return environment.step(0).reward;
    };
    expect(await rewardOf({ size: 3 })).toBe(3);
    expect(await rewardOf()).toBe(1);
  });
});
