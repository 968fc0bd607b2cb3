/** @file Masks in `info` are found in the environments of functions and of registered ids, in every form of vector. */

import { describe, expect, it } from "vitest";
import { problemOf } from "../../src/env/problem.js";
import { make, open, register } from "../../src/env/registry.js";
import { makeVector } from "../../src/env/vector.js";
import { timeLimit } from "../../src/env/wrappers/index.js";
import { UniformPolicy } from "../../src/policies/index.js";
import { createRng } from "../../src/random/rng.js";
import { actionMaskOf, discrete } from "../../src/spaces/index.js";
import "../../envs/index.js";
import { LegalMoves } from "../support/legal-moves.js";

const masked = {
  kind: "dict",
  spaces: {
    observation: { kind: "box", shape: [1], low: [0], high: [1] },
    actionMask: { kind: "multi-binary", n: 5 },
  },
};

describe("masks in info", () => {
  it.each([
    ["a function", () => new LegalMoves()],
    ["a function of a wrapped environment", () => timeLimit(new LegalMoves("action_mask"), 4)],
    ["a class", LegalMoves],
  ])("are in the observations of environments of %s", async (_, source) => {
    expect((await open(source)).observationSpace).toEqual(masked);
    const problem = await problemOf(source);
    const vector = await problem.vector(3, createRng(0));
    const policy = new UniformPolicy(problem.observationSpace, problem.actionSpace);
    // An illegal move is an error of the environment.
    for (let step = 0; step < 20; step++) {
      vector.step((await policy.act(vector.observations, { rng: createRng(step) })).actions);
    }
    const saved = vector.getState();
    const { actions } = await policy.act(vector.observations, { rng: createRng("after") });
    vector.step(actions);
    const after = vector.observations.slice();
    vector.setState(saved);
    vector.step(actions);
    expect(vector.observations).toEqual(after);
  });

  it("are in those of a registered environment, by its options", async () => {
    const plain = () => ({
      ...new LegalMoves(),
      observationSpace: discrete(2),
      reset: () => 0,
      step: () => [0, 0, true, false, {}],
    });
    register({ id: "LegalMoves-v0", make: ({ legal = true }) => (legal ? new LegalMoves() : plain()) });
    expect((await make("LegalMoves-v0")).observationSpace).toEqual(masked);
    expect((await make("LegalMoves-v0", { legal: false })).observationSpace).toEqual(discrete(2));
  });

  it("are seen with one reset of the first environment of a source", async () => {
    let resets = 0;
    class Counted extends LegalMoves {
      override reset(options?: { seed?: number }) {
        resets++;
        return super.reset(options);
      }
    }
    const source = () => new Counted();
    await open(source);
    await open(source);
    expect(resets).toBe(1);
    await makeVector(source, 2);
    expect(resets).toBe(3);
  });

  it("are looked for without a trace in environments with snapshots", async () => {
    let resets = 0;
    const source = () => ({
      observationSpace: discrete(2),
      actionSpace: discrete(2),
      reset: () => [++resets % 2, {}],
      step: () => [0, 0, true, false, {}],
      getState: () => resets,
      setState: (saved: number) => {
        resets = saved;
      },
    });
    await open(source);
    expect(resets).toBe(0);
  });

  it("are left in info where the environment has an exact model of its observations", async () => {
    const problem = await problemOf("Taxi-v3");
    expect(problem.observationSpace).toEqual(discrete(500));
    const shown = await problemOf("Taxi-v3", { actionMask: true });
    expect(actionMaskOf(shown)).toMatchObject({ offset: 1, width: 6 });
  });
});
