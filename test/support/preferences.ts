/** @file Preferences of a policy's segments, with an answer that is right, for tests of learners from comparisons. */

import { type Comparison, type Preferences, preferencesOf } from "../../src/datasets/preferences.js";
import { pairedSegments } from "../../src/datasets/show-segments.js";
import { problemOf } from "../../src/env/problem.js";
import type { Policy } from "../../src/policies/contract.js";
import { UniformPolicy } from "../../src/policies/index.js";
import { createRng } from "../../src/random/rng.js";

export interface ShownPreferences {
  env?: string;
  environmentOptions?: Record<string, unknown>;
  policy?: Policy;
  pairs?: number;
  segmentLength?: number;
  seed?: number;
  /** The answers; by default the segment with the larger return. */
  choose?: (left: number, right: number, pair: number) => Comparison["choice"];
  annotator?: string;
}

/** Pairs of segments with the same start and different returns. */
export async function shownPreferences({
  env = "CartPole-v1",
  environmentOptions,
  policy,
  pairs = 40,
  segmentLength = 30,
  seed = 0,
  choose = (left, right) => (left > right ? "left" : "right"),
  annotator = "oracle",
}: ShownPreferences = {}): Promise<Preferences> {
  const problem = await problemOf(env, environmentOptions);
  const acting = policy ?? new UniformPolicy(problem.observationSpace, problem.actionSpace);
  const vector = await problem.vector(4, createRng(`preferences/${seed}`));
  const actor = (name: string) => ({ policy: acting, acting: { rng: createRng(`${name}/${seed}`) } });
  const actors = { first: actor("left"), second: actor("right") };
  const found = [];
  for (let tries = 0; found.length < pairs; tries++) {
    if (tries > 20 * pairs)
      throw new Error(`only ${found.length} of ${4 * tries} pairs have different returns`);
    const more = await pairedSegments(vector, { count: 4, segmentLength, ...actors, withSnapshots: true });
    found.push(...more.pairs.filter(([a, b]) => sum(a.rewards) !== sum(b.rewards)));
  }
  const kept = found.slice(0, pairs);
  const comparisons = kept.map(([a, b], i) => ({
    ...{ id: i + 1, left: 2 * i, right: 2 * i + 1, annotator },
    choice: choose(sum(a.rewards), sum(b.rewards), i),
  }));
  return preferencesOf(kept.flat(), comparisons, { ...problem, env });
}

const sum = (rewards: Float64Array) => rewards.reduce((a, b) => a + b, 0);
