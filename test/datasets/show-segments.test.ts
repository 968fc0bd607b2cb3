/** @file Tests of shown segments: their lengths, ends and snapshots, and pairs with the same start. */

import { describe, expect, it } from "vitest";
import { make } from "../../envs/index.js";
import { isSameStart } from "../../src/datasets/preferences.js";
import { pairedSegments, showSegments } from "../../src/datasets/show-segments.js";
import { problemOf } from "../../src/env/problem.js";
import { UniformPolicy } from "../../src/policies/index.js";
import { createRng } from "../../src/random/rng.js";

async function show(
  env: string,
  options: Partial<Parameters<typeof showSegments>[2]>,
  maxEpisodeSteps?: number,
) {
  const problem = await problemOf(env, maxEpisodeSteps === undefined ? {} : { maxEpisodeSteps });
  const environments = await problem.vector(3, createRng("segments"));
  const policy = new UniformPolicy(problem.observationSpace, problem.actionSpace);
  const own = { count: 12, segmentLength: 15, exploration: 0, withSnapshots: false, ...options };
  return { ...(await showSegments(policy, environments, own, createRng(1))), problem };
}

describe("showSegments", () => {
  it("cuts episodes into segments that are whole or terminated", async () => {
    const { segments, steps } = await show("CartPole-v1", {});
    expect(segments).toHaveLength(12);
    for (const { actions, observations, rewards, terminated } of segments) {
      expect(actions.length === 15 || (terminated && actions.length < 15)).toBe(true);
      expect(observations.length).toBe(4 * (actions.length + 1));
      expect(rewards.length).toBe(actions.length);
    }
    expect(segments.some(({ terminated }) => terminated)).toBe(true);
    expect(steps).toBeGreaterThanOrEqual(segments.reduce((sum, { actions }) => sum + actions.length, 0));
  });

  it("drops the rest of an episode that a time limit cut", async () => {
    const { segments } = await show("Pendulum-v1", { segmentLength: 8 }, 20);
    expect(new Set(segments.map(({ actions }) => actions.length))).toEqual(new Set([8]));
    expect(segments.some(({ terminated }) => terminated)).toBe(false);
  });

  it("records snapshots from which a segment is replayed to the last number", async () => {
    const { segments } = await show("CartPole-v1", { withSnapshots: true });
    const environment = await make("CartPole-v1");
    environment.reset({ seed: 0 });
    for (const { snapshot, observations, actions } of segments) {
      environment.setState!(snapshot!);
      for (const [t, action] of actions.entries()) {
        const { observation } = environment.step(action);
        const shown = observations.subarray(4 * (t + 1), 4 * (t + 2));
        expect(Array.from(observation as ArrayLike<number>, Math.fround)).toEqual(Array.from(shown));
      }
    }
  });
});

describe("pairedSegments", () => {
  it("starts both segments in one state, and goes on with the second one", async () => {
    const problem = await problemOf("CartPole-v1");
    const policy = new UniformPolicy(problem.observationSpace, problem.actionSpace);
    const environments = await problem.vector(3, createRng("pairs"));
    const first = { policy, acting: { rng: createRng(1) } };
    const second = { policy, acting: { rng: createRng(2) } };
    const options = { count: 9, segmentLength: 4, first, second, withSnapshots: true };
    const { pairs, steps } = await pairedSegments(environments, options);
    expect(pairs).toHaveLength(9);
    expect(steps).toBe(pairs.flat().reduce((sum, { rewards }) => sum + rewards.length, 0));
    for (const [a, b] of pairs) {
      expect(isSameStart(a, b, problem)).toBe(true);
      expect(a.snapshot).toEqual(b.snapshot);
    }
    const [, [, before], [, after]] = [0, pairs[0], pairs[3]];
    if (!before.terminated) expect(after.observations.slice(0, 4)).toEqual(before.observations.slice(-4));
  });

  it("gives equal segments to equal policies with equal chance", async () => {
    const problem = await problemOf("FrozenLake-v1");
    const policy = new UniformPolicy(problem.observationSpace, problem.actionSpace);
    const environments = await problem.vector(2, createRng("pairs"));
    const actor = () => ({ policy, acting: { rng: createRng(1) } });
    const options = { count: 4, segmentLength: 6, first: actor(), second: actor() };
    const { pairs } = await pairedSegments(environments, options);
    for (const [a, b] of pairs) expect(a).toEqual(b);
  });
});
