/** @file The limit of whole episodes of a vector: its own, a lower one, or the default. */

import { describe, expect, it } from "vitest";
import { make, normalizeObservations, timeLimit, vectorOf } from "../../envs/index.js";
import { DEFAULT_EPISODE_LIMIT, episodeLimitOf } from "../../src/env/episode-limit.js";
import { problemOf } from "../../src/env/problem.js";
import { createRng } from "../../src/random/rng.js";

describe("episodeLimitOf", () => {
  const limitOf = async (env: string, settings = {}) => {
    const problem = await problemOf(env, {}, settings);
    const vector = await problem.vector(2, createRng(0));
    vector.close();
    return episodeLimitOf(vector);
  };

  it("is the environment's own limit, in native vectors and in those of single environments", async () => {
    expect(await limitOf("CartPole-v1")).toBe(500);
    const vector = vectorOf([timeLimit(await make("CartPole-v1"), 9)]);
    expect(episodeLimitOf(vector)).toBe(9);
    expect(episodeLimitOf(normalizeObservations(vector))).toBe(9);
  });

  it("is the lower of the environment's limit and the requested one", async () => {
    expect(await limitOf("CartPole-v1", { maxEpisodeSteps: 7 })).toBe(7);
    expect(await limitOf("CartPole-v1", { maxEpisodeSteps: 501 })).toBe(500);
    expect(await limitOf("CliffWalking-v1", { maxEpisodeSteps: 7e6 })).toBe(7e6);
  });

  it("is 10 000 where the environment has no limit", async () => {
    expect(await limitOf("CliffWalking-v1")).toBe(DEFAULT_EPISODE_LIMIT);
    expect(DEFAULT_EPISODE_LIMIT).toBe(10_000);
  });
});
