/** @file The density of demonstrations as a reward by itself: its values, its file, and its measure on held-out episodes. */

import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { densityReward } from "../../../algorithms/index.js";
import { loadReward, saveReward } from "../../../algorithms/irl/shared/learned-reward.js";
import "../../../envs/index.js";
import { collect, train } from "../../../index.js";
import { type Demonstrations, demonstrationsOf } from "../../../src/datasets/demonstrations.js";
import { demonstratedTransitions } from "../../../src/datasets/transitions.js";
import { rewardIn } from "../../../src/runs/inputs.js";
import { box, discrete } from "../../../src/spaces/index.js";
import { loadExpert } from "../../../src/zoo/experts.js";

const parent = mkdtempSync(join(tmpdir(), "density-"));
afterAll(() => rmSync(parent, { recursive: true }));

const spaces = { observationSpace: box([1], -100, 100), actionSpace: discrete(2) };
const shownAt = (values: number[], actions: number[], terminated = true) =>
  demonstrationsOf(
    [
      {
        observations: Float32Array.of(...values, 0),
        actions: Int32Array.from(actions),
        rewards: new Float64Array(actions.length),
        terminated,
        truncated: !terminated,
      },
    ],
    { env: "Numbers-v0", ...spaces },
  );

const fitted = async (data: Demonstrations, options: object = {}) => {
  const { artefact, metrics, close } = await train.run(densityReward(options), { data, seed: 0 });
  close();
  return { reward: artefact, metrics: metrics.at(-1)! };
};

describe("the reward of demonstrations alone", () => {
  it("is the log-density of a state and an action, and of the end of an episode", async () => {
    const shown = shownAt([1, 1, 3, 3], [0, 0, 1, 1]);
    const { reward, metrics } = await fitted(shown, { bandwidth: 0.5 });
    // The deviation is 1, so the pairs (1, 0) and (3, 1) are √(4 + 2) apart, and the ended episode weighs as one pair.
    const pair = Math.log((2 + 2 * Math.exp(-6 / (2 * 0.25))) / 5);
    expect(Array.from(await reward.rewards(demonstratedTransitions(shown)))).toEqual(
      [pair, pair, pair, pair].map((value) => expect.closeTo(value, 5)),
    );
    expect(reward.absorbing).toBeCloseTo(Math.log(1 / 5), 5);
    expect(metrics.logDensity).toBeCloseTo(pair, 5);
    const other = shownAt([1, 3], [1, 0]);
    const crossed = Math.log((2 * Math.exp(-2 / 0.5) + 2 * Math.exp(-4 / 0.5)) / 5);
    expect(Array.from(await reward.rewards(demonstratedTransitions(other)))).toEqual([
      expect.closeTo(crossed, 4),
      expect.closeTo(crossed, 4),
    ]);
  });

  it("knows nothing of the end of an episode where all are to be equally long", async () => {
    const { reward } = await fitted(shownAt([1, 3], [0, 1], false), { horizon: "fixed" });
    expect(reward.absorbing).toBeUndefined();
    await expect(fitted(shownAt([1, 3], [0, 1]), { horizon: "fixed" })).rejects.toThrow(
      /densityReward: demonstration 0 ended before the time limit/,
    );
  });

  it("has a file, in the folder of its run, with the same rewards", async () => {
    const data = await collect(await loadExpert("Pendulum-v1"), { env: "Pendulum-v1", episodes: 2 });
    const folder = join(parent, "run");
    const reward = await train(densityReward({ kernels: 50 }), { data, folder, seed: 0 });
    expect(existsSync(join(folder, "policy.safetensors"))).toBe(false);
    const rows = demonstratedTransitions(data);
    const own = Array.from(await reward.rewards(rows));
    const { reward: read } = await rewardIn(folder);
    expect(Array.from(await read.rewards(rows))).toEqual(own);
    expect(read.source).toMatchObject({ env: "Pendulum-v1" });
    expect(read.absorbing).toBe(reward.absorbing);
    expect(Array.from(await loadReward(saveReward(reward)).rewards(rows))).toEqual(own);
    const broken = saveReward({
      ...reward,
      toData: () => {
        const { arrays, ...rest } = reward.toData();
        return { ...rest, arrays: { ...arrays, centres: { shape: [1], data: new Float32Array(1) } } };
      },
    });
    expect(() => loadReward(broken)).toThrow(/a kernel reward with 50 kernels of \d+ numbers has 1 numbers/);
  });

  it("is larger on held-out episodes with Scott's bandwidth than with a tiny one", async () => {
    const data = await collect(await loadExpert("Pendulum-v1"), { env: "Pendulum-v1", episodes: 5 });
    const on = async (bandwidth: "scott" | number) =>
      (await fitted(data, { bandwidth, heldOut: 0.4, lowest: -1e6 })).metrics;
    const [scott, tiny] = [await on("scott"), await on(1e-3)];
    expect(scott.heldOutLogDensity).toBeGreaterThan(tiny.heldOutLogDensity as number);
  });
});
