/** @file Controllers as policies: their arguments, what they may return, and their errors. */

import { describe, expect, it } from "vitest";
import { type Controller, controllerPolicy, isController } from "../../src/policies/controller.js";
import { UniformPolicy } from "../../src/policies/index.js";
import { createRng } from "../../src/random/rng.js";
import { box, discrete, type Space } from "../../src/spaces/index.js";

const rng = createRng(0);
const act = (
  controller: Controller,
  spaces: { observationSpace: Space; actionSpace: Space },
  rows: number[],
) => controllerPolicy("the controller", controller, spaces).act(Float32Array.from(rows), { rng });
const grid = { observationSpace: discrete(9), actionSpace: discrete(4) };
const plane = { observationSpace: box([2], -9, 9), actionSpace: box([2], -1, 1) };

describe("a controller", () => {
  it("gets each observation as environments have it, and the actions become a batch", async () => {
    expect((await act((cell) => (cell as number) % 4, grid, [2, 7])).actions).toEqual(Int32Array.of(2, 3));
    const seen: unknown[] = [];
    const { actions } = await act((at) => [0.5 * Math.sign(seen.push(at)), -0.25], plane, [1, 2, 3, 4]);
    expect(seen).toEqual([Float32Array.of(1, 2), Float32Array.of(3, 4)]);
    expect(actions).toEqual(Float32Array.of(0.5, -0.25, 0.5, -0.25));
  });

  it("may be an object with a state, a promise, and a batch of one action", async () => {
    const counting = { calls: 0, act: () => ++counting.calls };
    const policy = controllerPolicy("it", counting, grid);
    expect((await policy.act(Float32Array.of(0, 0), { rng })).actions).toEqual(Int32Array.of(1, 2));
    expect((await act(async () => 3, grid, [0])).actions).toEqual(Int32Array.of(3));
    expect((await act(() => ({ actions: Int32Array.of(3) }), grid, [0])).actions).toEqual(Int32Array.of(3));
    const pair = { actions: Float32Array.of(0.5, 1) };
    expect((await act(() => pair, plane, [0, 0])).actions).toEqual(Float32Array.of(0.5, 1));
  });

  it("counts the steps of each episode in the recurrent state", async () => {
    const steps: number[] = [];
    const policy = controllerPolicy("it", (_, { step }) => Math.min(0, steps.push(step)), grid);
    const { state } = await policy.act(Float32Array.of(0, 0), { rng });
    await policy.act(Float32Array.of(0, 0), { rng, state: Float32Array.of(state![0], 0) });
    expect(steps).toEqual([0, 0, 1, 0]);
  });

  it("has actions outside its box executed at the bounds", async () => {
    expect((await act(() => [7, -7], plane, [0, 0])).actions).toEqual(Float32Array.of(1, -1));
    const line = { observationSpace: discrete(2), actionSpace: box([1], -1, 1) };
    expect((await act(() => 7, line, [0])).actions).toEqual(Float32Array.of(1));
  });

  it.each([
    ["nothing", grid, undefined, "undefined is not an integer from 0 to 3"],
    ["an action that does not exist", grid, 4, "4 is not an integer from 0 to 3"],
    ["half an action", grid, 0.5, "0.5 is not an integer"],
    ["too few numbers", plane, [1], "it has 1 numbers, not 2"],
    ["NaN", plane, [0, Number.NaN], "entry 1 is NaN, not a finite number"],
    ["a text", plane, "left", '"left" is not an array of 2 numbers'],
  ])("is refused with its step when it returns %s", async (_, spaces, returned, message) => {
    const failing = act(() => returned as never, spaces, spaces === grid ? [0] : [0, 0]);
    await expect(failing).rejects.toThrow(`the controller returned no action at step 0: ${message}`);
  });

  it("is told from a policy by its missing spaces", () => {
    expect(isController(() => 0)).toBe(true);
    expect(isController({ act: () => 0 })).toBe(true);
    expect(isController(new UniformPolicy(discrete(2), discrete(2)))).toBe(false);
    expect(isController({} as never)).toBe(false);
  });
});
