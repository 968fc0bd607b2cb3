/** @file Tests of odds-ratio preference optimisation beside supervised fine-tuning. */

import { expect, it } from "vitest";
import { orpo, sft } from "../../../algorithms/index.js";
import "../../../envs/index.js";
import { train } from "../../../index.js";
import { problemOf } from "../../../src/env/problem.js";
import type { NetworkPolicy } from "../../../src/policies/index.js";
import { createRng } from "../../../src/random/rng.js";
import { shownPreferences } from "../../support/preferences.js";

const env = "CartPole-v1";
const options = { epochs: 5, hidden: [8], learningRate: 1e-2 };

it("is supervised fine-tuning with the weight 0 of the odds, to the last bit", async () => {
  const preferences = await shownPreferences();
  const [a, b] = [
    (await train(orpo({ preferences, ...options, lambda: 0 }), { env, seed: 1 })) as NetworkPolicy,
    (await train(sft({ preferences, ...options }), { env, seed: 1 })) as NetworkPolicy,
  ];
  expect(a.parameters).toEqual(b.parameters);
});

it("widens the margin of chosen over rejected segments more than supervised fine-tuning does", async () => {
  const preferences = await shownPreferences();
  const margin = async (lambda: number) => {
    const { metrics } = await train.run(orpo({ preferences, ...options, epochs: 20, lambda }), {
      env,
      seed: 1,
    });
    return metrics!.at(-1)!.margin;
  };
  expect(await margin(2)).toBeGreaterThan((await margin(0)) + 0.1);
});

it("refuses actions with densities", async () => {
  const preferences = await shownPreferences({ env: "Pendulum-v1", pairs: 4, segmentLength: 5 });
  const problem = await problemOf("Pendulum-v1");
  await expect(orpo({ preferences }).init(problem, createRng(0))).rejects.toThrow(
    /odds need probabilities of actions, and those of Pendulum-v1 are Box\(1\).*use dpo/,
  );
});
