/** @file Tests of the segments that are shown: their lengths, ends, snapshots and rows. */

import { describe, expect, it } from "vitest";
import {
  showSegments,
  writeSegment,
} from "../../../../algorithms/preferences/preference-learning/segments.js";
import { make } from "../../../../envs/index.js";
import { problemOf } from "../../../../src/env/problem.js";
import { UniformPolicy } from "../../../../src/policies/index.js";
import { createRng } from "../../../../src/random/rng.js";

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

describe("writeSegment", () => {
  it("fills the rows after a terminal state with the absorbing one", async () => {
    const { segments, problem } = await show("CartPole-v1", { segmentLength: 100 });
    const { actions, observations } = segments[0];
    const steps = actions.length;
    const rows = {
      observations: new Float32Array(101 * 4).fill(7),
      actions: new Int32Array(101).fill(7),
      absorbing: new Float32Array(101).fill(7),
    };
    writeSegment(segments[0], problem, 100, rows, 1);
    expect(Array.from(rows.absorbing)).toEqual([
      7,
      ...Array.from({ length: 100 }, (_, t) => Number(t >= steps)),
    ]);
    expect(rows.observations.subarray(4, 4 + 4 * steps)).toEqual(observations.subarray(0, 4 * steps));
    expect(rows.observations.subarray(4 + 4 * steps).every((x) => x === 0)).toBe(true);
    expect(rows.actions.subarray(1, 1 + steps)).toEqual(actions);
  });
});
