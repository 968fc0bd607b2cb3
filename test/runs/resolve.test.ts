/** @file A request becomes a run: algorithms are found by name, and settings are merged once. */

import { describe, expect, it } from "vitest";
import "../../envs/index.js";
import { tunedFor } from "../../algorithms/tuned/index.js";
import { findAlgorithm, type RunRequest, resolve, settle } from "../../src/runs/resolve.js";
import { type RunSpec, specSchema } from "../../src/runs/spec.js";

const requestOf = (spec: RunSpec) => specSchema.parse(spec) as RunRequest;

describe("findAlgorithm", () => {
  it("finds an algorithm by its name, and suggests the closest for a wrong one", async () => {
    expect((await findAlgorithm("ppo")).definition.name).toBe("ppo");
    await expect(findAlgorithm("poo")).rejects.toThrow(/unknown algorithm "poo".*ppo/);
  });

  it("refuses an algorithm that was passed in code", async () => {
    await expect(findAlgorithm({ given: "mine" })).rejects.toThrow("passed in code");
  });
});

describe("settle", () => {
  it("adds the environment's tuned settings below the requested ones, and changes nothing the second time", async () => {
    const ppo = await findAlgorithm("ppo");
    const request = requestOf({ algorithm: "ppo", env: "Pendulum-v1", options: { gamma: 0.5 } });
    const settled = await settle(ppo, request);
    const tuned = tunedFor(ppo.definition, "Pendulum-v1")!;
    expect(settled).toMatchObject({ steps: tuned.steps, options: { ...tuned.options, gamma: 0.5 } });
    expect(await settle(ppo, settled)).toEqual(settled);
  });
});

describe("resolve", () => {
  it("gives a config with every option, from which the same run resolves again", async () => {
    const first = await resolve(requestOf({ algorithm: "ppo", env: "CartPole-v1", seed: 3 }));
    first.source.close();
    const again = await resolve(first.config as RunRequest);
    again.source.close();
    expect(first.config).toMatchObject({ algorithm: "ppo", env: "CartPole-v1", seed: 3 });
    expect(again.config).toEqual(first.config);
  });

  it("refuses an unknown option by its name", async () => {
    const run = resolve(requestOf({ algorithm: "ppo", env: "CartPole-v1", options: { learningrate: 1 } }));
    await expect(run).rejects.toThrow(/learningrate/);
  });
});
