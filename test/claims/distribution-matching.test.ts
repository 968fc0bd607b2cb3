/**
 * @file Distribution matching learns from samples. Each divergence is the other's control: one covers both modes, one
 * picks one.
 */

import { describe, expect, it } from "vitest";
import { distributionMatching, ppo } from "../../algorithms/index.js";
import {
  bestGaussian,
  divergenceFrom,
  FURTHEST,
  steering,
  steeringDemonstrations,
} from "../../experiments/divergences/steering.js";
import { type Demonstrations, train } from "../../index.js";
import type { DivergenceKind } from "../../src/diagnostics/index.js";
import { createRng } from "../../src/random/rng.js";
import { underSeeds } from "../support/claim.js";

const STEPS = 30_000;

/** The Gaussian that a learner of experts at ±1 ends with. One that begins wide is in a local minimum of reverse KL. */
async function learnt(
  divergence: DivergenceKind,
  seed: number,
  initialLogStd: number,
  demonstrations: Demonstrations,
) {
  const algorithm = distributionMatching({
    demonstrations,
    divergence,
    horizon: "variable",
    discriminator: { hidden: [32, 32], updates: 16, learningRate: 3e-3, normaliseObservations: false },
    optimiser: ppo({
      environments: 64,
      rolloutSteps: 8,
      minibatchSize: 128,
      epochs: 4,
      hidden: [],
      learningRate: { from: 4e-3, to: 2e-4, steps: STEPS },
      initialLogStd: initialLogStd - Math.log(FURTHEST),
    }),
  });
  const { policy, metrics } = await train.run(algorithm, { env: steering, seed, steps: STEPS });
  const mean = (await policy.act(new Float32Array(1), { rng: createRng(0), deterministic: true })).actions[0];
  const std = FURTHEST * Math.exp(policy.toData().arrays["head.logStd"].data[0]);
  return { mean, std, last: metrics.at(-1)! };
}

type Learnt = Awaited<ReturnType<typeof learnt>>;

/** Drives of somebody who steers at random. */
function randomDemonstrations(): Demonstrations {
  const rng = createRng("random steering");
  const shown = steeringDemonstrations(1000);
  const trajectories = shown.trajectories.map((trajectory) => ({
    ...trajectory,
    actions: Float32Array.of(6 * rng.uniform() - 3),
  }));
  return { ...shown, trajectories };
}

describe("a Gaussian policy matched to a bimodal expert by density ratio", () => {
  const above = (divergence: DivergenceKind, { mean, std }: Learnt) =>
    divergenceFrom(divergence, mean, std) - bestGaussian(divergence).divergence;
  const learntBy = (divergence: DivergenceKind, initialLogStd: number) =>
    underSeeds(
      [0],
      { shown: steeringDemonstrations(1000), random: randomDemonstrations() },
      (demonstrations, seed) => learnt(divergence, seed, initialLogStd, demonstrations),
    );

  it("covers both modes under forward KL, close to the best Gaussian, and not from random drives", async () => {
    const { shown, random } = await learntBy("kl", -1);
    for (const found of shown) {
      expect(Math.abs(found.mean)).toBeLessThan(0.3);
      expect(found.std).toBeGreaterThan(0.8);
      expect(above("kl", found)).toBeLessThan(0.1);
    }
    for (const found of random) expect(above("kl", found)).toBeGreaterThan(0.1);
  });

  it("covers one mode under reverse KL, close to the best Gaussian, and not from random drives", async () => {
    const { shown, random } = await learntBy("reverse-kl", -2);
    for (const found of shown) {
      const { mean, std, last } = found;
      expect(Math.abs(mean)).toBeGreaterThan(0.8);
      expect(std).toBeLessThan(0.4);
      expect(above("reverse-kl", found)).toBeLessThan(0.1);
      // The rewards are log ratios: less their mean is an estimate of the divergence.
      expect(-last.meanReward).toBeCloseTo(divergenceFrom("reverse-kl", mean, std), 0);
      expect(last.jensenShannon).toBeCloseTo(divergenceFrom("js", mean, std), 1);
    }
    for (const found of random) expect(above("reverse-kl", found)).toBeGreaterThan(0.1);
  });
});
