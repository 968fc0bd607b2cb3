/** @file The actions of a policy in recorded episodes of different lengths. */

import { describe, expect, it } from "vitest";
import { replay } from "../../src/diagnostics/replay.js";
import type { Policy } from "../../src/policies/contract.js";
import { UniformPolicy } from "../../src/policies/index.js";
import { createRng } from "../../src/random/rng.js";
import type { Trajectory } from "../../src/rollout/trajectory.js";
import { box } from "../../src/spaces/index.js";

const base = new UniformPolicy(box([2], -100, 100), box([2], -5, 5));
/** Acts by the sum of what it saw, entry by entry. */
const adder: Policy = {
  observationSpace: base.observationSpace,
  actionSpace: base.actionSpace,
  logProb: base.logProb.bind(base),
  toData: base.toData.bind(base),
  async act(observations, { state = new Float32Array(observations.length) }) {
    const next = observations.map((x, i) => state[i] + x);
    return { actions: next.slice(), state: next };
  },
};

const episode = (...rows: [number, number][]): Trajectory => ({
  observations: Float32Array.from(rows.flat()),
  actions: new Float32Array(2 * (rows.length - 1)),
  rewards: new Float64Array(rows.length - 1),
  terminated: true,
  truncated: false,
});

describe("replay", () => {
  it("gives the executed actions in every non-final state, in order of time", async () => {
    const trajectories = [
      episode([1, 2], [99, 99]),
      episode([0, 1], [2, 3], [-1, 10], [99, 99]),
      episode([4, -4], [-1, 1], [99, 99]),
    ];
    const actions = await replay(adder, trajectories, { rng: createRng(0), deterministic: true });
    expect(actions.map((row) => [...row])).toEqual([
      [1, 2],
      // The last sum, 14, is outside the box.
      [0, 1, 2, 4, 1, 5],
      [4, -4, 3, -3],
    ]);
  });
});
