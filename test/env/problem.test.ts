/** @file `problemOf`: every way to specify an environment, and the hints for invalid ones. */

import { describe, expect, it } from "vitest";
import { cartPole, gridworld } from "../../envs/index.js";
import type { EnvironmentSource } from "../../src/env/problem.js";
import { problemOf } from "../../src/env/problem.js";
import { UsageError } from "../../src/errors.js";
import { createRng } from "../../src/random/rng.js";
import { constantReward } from "../support/environments.js";

describe("problemOf", () => {
  it.each([
    ["an id", "CartPole-v1", "CartPole-v1"],
    ["an id with options", { id: "CartPole-v1", options: { maxEpisodeSteps: 9 } }, "CartPole-v1"],
    ["a function", () => cartPole(), "CartPole-v1"],
    ["a function of a gym-like environment", () => constantReward({ limit: 3 }), "ConstantReward"],
    ["a promise", async () => constantReward({ limit: 3 }), "ConstantReward"],
  ] as [string, EnvironmentSource, string][])("accepts %s", async (_name, source, id) => {
    const problem = await problemOf(source);
    expect(problem.id).toBe(id);
    const vector = await problem.vector(3, createRng(1));
    expect(vector.count).toBe(3);
    vector.step(new Int32Array(3));
  });

  it("seeds its vectors by the path of the given stream", async () => {
    const problem = await problemOf("CartPole-v1");
    const [one, same, other] = await Promise.all(
      ["a", "a", "b"].map((name) => problem.vector(2, createRng(1).stream(name))),
    );
    expect(one.observations).toEqual(same.observations);
    expect(one.observations).not.toEqual(other.observations);
    expect(one.observations.subarray(0, 4)).toEqual(cartPole().reset({ seed: "1/a/env/0" }).observation);
  });

  it("includes the exact model if there is one", async () => {
    expect((await problemOf("CartPole-v1")).model).toBeUndefined();
    const problem = await problemOf("Gridworld-v0", { layoutSeed: 3 });
    expect(problem.model).toEqual(gridworld({ layoutSeed: 3 }).model!());
  });

  it.each([
    [
      cartPole(),
      /give a function that creates environments, such as \(\) => new MyEnv\(\), not one environment/,
    ],
    ["CartPole-v2", /did you mean "CartPole-v1"/],
    [7, /not by 7/],
    [null, /not by null/],
    [() => 5, /needs reset\(\) and step\(action\), but 5 has no reset/],
  ])("refuses %o", async (source, message) => {
    const error = await problemOf(source as unknown as EnvironmentSource).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(UsageError);
    expect((error as Error).message).toMatch(message);
  });

  it("refuses environments whose bounds differ from those that it has read", async () => {
    let made = 0;
    const problem = await problemOf(
      () =>
        ({
          observationSpace: { kind: "box", shape: [1], low: -1, high: ++made },
          actionSpace: { kind: "discrete", n: 2 },
          reset: () => [0],
          step: () => [[0], 0, true, false, {}],
        }) as never,
    );
    await expect(problem.vector(1, createRng(1))).rejects.toThrow(
      /its environments differ in their spaces of observations: entry 0 of Box\(1\) is in \[-1, 1\] and in \[-1, 2\]/,
    );
  });

  it("refuses options together with a function", async () => {
    await expect(problemOf(() => cartPole(), { maxEpisodeSteps: 3 })).rejects.toThrow(
      /need an environment id/,
    );
  });
});
