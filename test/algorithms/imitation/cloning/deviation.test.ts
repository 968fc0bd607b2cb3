/** @file Deviations of policies cloned by squared error: those of the residuals, so that samples mean something. */

import { describe, expect, it } from "vitest";
import { bc, dagger } from "../../../../algorithms/index.js";
import { demonstrationsOf, train } from "../../../../index.js";
import type { Policy } from "../../../../src/policies/contract.js";
import { createRng } from "../../../../src/random/rng.js";
import { box } from "../../../../src/spaces/index.js";

const actionSpace = box([2], [0, -9], [400, 9]);
const observationSpace = box([1], 0, 1);
const spaces = { env: "Noisy", observationSpace, actionSpace };
/** The noise of the demonstrated actions, in their own units. */
const DEVIATIONS = [10, 0.6];

class Noisy {
  observationSpace = observationSpace;
  actionSpace = actionSpace;
  private time = 0;
  reset() {
    this.time = 0;
    return [0.5];
  }
  step() {
    return [[0.5], 0, false, ++this.time === 10, {}];
  }
}

/** Actions about (150 + 100 x, 1), with noise; `louder`: also an episode of hardly any weight with twice the noise. */
function shown(louder = false) {
  const rng = createRng("noise");
  const steps = 2000;
  const observations = Float32Array.from({ length: steps + 1 }, (_, i) => ((i * 37) % 101) / 100);
  const episode = (loudness: number, weight: number) => ({
    observations,
    actions: Float32Array.from({ length: 2 * steps }, (_, k) => {
      const mean = k % 2 ? 1 : 150 + 100 * observations[k >> 1];
      return mean + loudness * DEVIATIONS[k % 2] * rng.normal();
    }),
    rewards: new Float64Array(steps),
    weight,
    terminated: false,
    truncated: true,
  });
  return demonstrationsOf([episode(1, 1), ...(louder ? [episode(2, 1e-3)] : [])], spaces);
}

const settings = { hidden: [], learningRate: 0.01, loss: "squared-error" as const };

/** The deviations of many samples in one state, in the units of the actions. */
async function sampled(policy: Policy): Promise<number[]> {
  const n = 4000;
  const { unclipped } = await policy.act(new Float32Array(n).fill(0.5), { rng: createRng(1) });
  return [0, 1].map((j) => {
    const column = unclipped!.filter((_, k) => k % 2 === j);
    const mean = column.reduce((a, b) => a + b, 0) / n;
    return Math.sqrt(column.reduce((sum, x) => sum + (x - mean) ** 2, 0) / n);
  });
}

const expectDeviations = (found: number[]) => {
  for (const [j, deviation] of DEVIATIONS.entries()) expect(found[j] / deviation).toBeCloseTo(1, 1);
};

describe("cloning by squared error", () => {
  it.each([
    ["without memory", {}],
    ["with memory", { recurrentUnits: 4 }],
    ["of standardised observations", { normaliseObservations: true }],
  ])("gives a policy %s the deviations of the demonstrations about its mean", async (_, more) => {
    const algorithm = bc({ demonstrations: shown(), ...settings, ...more, epochs: 20 });
    expectDeviations(await sampled(await train(algorithm, { env: Noisy, seed: 0 })));
  });

  it("weighs the residuals as the loss does", async () => {
    const algorithm = bc({ demonstrations: shown(true), ...settings, epochs: 20 });
    expectDeviations(await sampled(await train(algorithm, { env: Noisy, seed: 0 })));
  });

  it("leaves the mean as it is without the fit: the same for every deviation", async () => {
    const mode = async (policy: Policy) =>
      (await policy.act(Float32Array.of(0.1, 0.9), { rng: createRng(0), deterministic: true })).actions;
    const once = await train(bc({ demonstrations: shown(), ...settings, epochs: 2 }), {
      env: Noisy,
      seed: 0,
    });
    // The entropy bonus moves the deviations alone.
    const bonus = bc({ demonstrations: shown(), ...settings, epochs: 2, entropyCoefficient: 1 });
    expect(await mode(await train(bonus, { env: Noisy, seed: 0 }))).toEqual(await mode(once));
  });

  it("gives DAgger's policy those of the labels, which a perfect expert makes small", async () => {
    const expert = await train(bc({ demonstrations: shown(), ...settings, epochs: 20 }), {
      env: Noisy,
      seed: 0,
    });
    const algorithm = dagger({ expert, ...settings, rounds: 2, roundSteps: 100, epochs: 100 });
    const found = await sampled(await train(algorithm, { env: Noisy, seed: 0 }));
    expect(found[0]).toBeLessThan(1);
    expect(found[0]).toBeGreaterThan(0);
    expect(found.every(Number.isFinite)).toBe(true);
  });
});
