/** @file Tests of the rows of segments. */

import { expect, it } from "vitest";
import { writeSegment } from "../../../../algorithms/preferences/preference-learning/segment-rows.js";
import "../../../../envs/index.js";
import { showSegments } from "../../../../src/datasets/show-segments.js";
import { problemOf } from "../../../../src/env/problem.js";
import { UniformPolicy } from "../../../../src/policies/index.js";
import { createRng } from "../../../../src/random/rng.js";

it("writeSegment fills the rows after a terminal state with the absorbing one", async () => {
  const problem = await problemOf("CartPole-v1");
  const environments = await problem.vector(3, createRng("segments"));
  const policy = new UniformPolicy(problem.observationSpace, problem.actionSpace);
  const options = { count: 12, segmentLength: 100, exploration: 0, withSnapshots: false };
  const { segments } = await showSegments(policy, environments, options, createRng(1));
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
