/**
 * @file Final parameters of short runs on fixed seeds, as recorded before gradient steps moved into one trainer.
 *
 * A test of that refactoring: it may be deleted, or its numbers replaced, when what an algorithm computes is meant to
 * change. Two summaries of the parameters are compared to one part in a thousand, because processors round differently.
 */

import { describe, expect, it } from "vitest";
import { a2c, bc, dqn, gail, ppo, sac } from "../../algorithms/index.js";
import { type Algorithm, collect, loadExpert, train } from "../../index.js";

const env = "CartPole-v1";
const demonstrations = async (episodes: number) =>
  collect(await loadExpert(env), { env, episodes, seed: 1, deterministic: true });
const short = { environments: 4, rolloutSteps: 32, minibatchSize: 64, epochs: 2, hidden: [16] };
const offPolicy = { learningStarts: 32, trainEvery: 32, gradientSteps: 4, minibatchSize: 32, hidden: [16] };

const cases: Record<string, [make: () => Algorithm | Promise<Algorithm>, steps: number | undefined]> = {
  ppo: [() => ppo({ ...short, targetKl: 0.02, clip: { from: 0.3, to: 0.1, steps: 512 } }), 512],
  a2c: [() => a2c({ hidden: [16] }), 256],
  dqn: [() => dqn({ ...offPolicy, targetEvery: 3 }), 160],
  sac: [() => sac(offPolicy), 128],
  bc: [async () => bc({ demonstrations: await demonstrations(1), epochs: 2, hidden: [16] }), undefined],
  gail: [async () => gail({ demonstrations: await demonstrations(1), optimiser: short }), 256],
};

/** Σ |w| and Σ w cos(i), which depends on the order, of all parameters w of the policy. */
async function summary(name: keyof typeof cases): Promise<number[]> {
  const [make, steps] = cases[name];
  const policy = await train(await make(), { env, seed: 0, ...(steps && { steps }) });
  const all = Object.values(policy.toData().arrays).flatMap(({ data }) => Array.from(data));
  return [all.reduce((sum, w) => sum + Math.abs(w), 0), all.reduce((sum, w, i) => sum + w * Math.cos(i), 0)];
}

describe("parameters after a short run", () => {
  it.each([
    ["ppo", 42.3102, 5.9933],
    ["a2c", 42.1522, 6.054],
    ["dqn", 26.5671, -1.0495],
    ["sac", 18.3393, 0.2992],
    ["bc", 20.5808, 0.8975],
    ["gail", 40.201, -2.6705],
  ])("of %s equal the recorded values", async (name, size, pattern) => {
    const [foundSize, foundPattern] = await summary(name);
    expect(Math.abs(foundSize / size - 1)).toBeLessThan(1e-3);
    expect(Math.abs(foundPattern - pattern) / size).toBeLessThan(1e-3);
  });
});
