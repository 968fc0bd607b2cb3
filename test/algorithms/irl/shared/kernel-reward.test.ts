/** @file The density of pairs as a learnt reward: one kernel by hand, its file, and files that are none. */

import { expect, it } from "vitest";
import { kernelReward, kernelRewardFrom } from "../../../../algorithms/irl/shared/kernel-reward.js";
import { FormatError } from "../../../../src/errors.js";
import type { ArtefactData } from "../../../../src/policies/contract.js";
import { box, discrete } from "../../../../src/spaces/index.js";

const spaces = { observationSpace: box([1], -9, 9), actionSpace: discrete(2) };
// The features of a state are its number and whether it is absorbing; an action is one of two indicators.
const kernels = {
  centres: Float32Array.of(3, 0, 1, 0),
  logWeights: Float32Array.of(Math.log(0.5)),
  scaling: { mean: Float32Array.of(2), scale: Float32Array.of(2) },
  bandwidth: 0.5,
  lowest: -40,
};
const reward = kernelReward({ id: "Numbers", ...spaces, kernels, absorbing: -7 });
const transitions = {
  observations: Float32Array.of(3.5, 3, 3.5, -9),
  actions: Int32Array.of(0, 0, 1, 0),
  nextObservations: new Float32Array(4),
  terminated: new Uint8Array(4),
};
const paid = async (of: Pick<typeof reward, "rewards">) => Array.from(await of.rewards(transitions));

it("is log w − ‖x − x₁‖² / 2h², and no less than its lower bound", async () => {
  // (3.5 − 2) · 2 is the centre; 3 is 1 from it, and another action √2.
  const expected = [Math.log(0.5), Math.log(0.5) - 2, Math.log(0.5) - 4, -40];
  for (const [i, x] of (await paid(reward)).entries()) expect(x).toBeCloseTo(expected[i], 5);
});

it("reads its own data", async () => {
  const read = kernelRewardFrom(reward.toData());
  expect(await paid(read)).toEqual(await paid(reward));
  expect(read).toMatchObject({ absorbing: -7, spaces });
});

it("refuses data without its settings or its arrays, and arrays of other lengths", () => {
  const { settings, arrays, kind } = reward.toData();
  const { centres, logWeights } = arrays;
  for (const broken of [
    { settings: { ...settings, bandwidth: 0 }, arrays },
    { settings, arrays: { logWeights } },
    { settings, arrays: { centres } },
  ]) {
    const read = () => kernelRewardFrom({ kind, ...broken } as ArtefactData);
    expect(read).toThrow(FormatError);
    expect(read).toThrow(/has not the settings or the arrays of one/);
  }
  const longer = { ...logWeights, shape: [2], data: new Float32Array(2) };
  expect(() => kernelRewardFrom({ kind, settings, arrays: { ...arrays, logWeights: longer } })).toThrow(
    "with 2 kernels of 4 numbers has 4 numbers",
  );
});
