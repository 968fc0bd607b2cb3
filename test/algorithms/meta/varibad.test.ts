/** @file VariBAD: the bound recomputed in plain code, and the KL chain. */

import { describe, expect, it } from "vitest";
import { type BoundInputs, trialWeightsOf } from "../../../algorithms/meta/belief/variational.js";
import { evidenceBound } from "../../../algorithms/meta/varibad.js";
import * as nn from "../../../src/nn/index.js";
import { createRng } from "../../../src/random/rng.js";
import * as t from "../../../src/tensor/index.js";

describe("the bound of VariBAD", () => {
  const [T, B, E, Z] = [3, 2, 2, 2];
  const rng = createRng("bound");
  const mean = rng.fillNormal(new Float32Array((T + 1) * B * Z));
  const logStd = rng.fillNormal(new Float32Array((T + 1) * B * Z)).map((x) => 0.3 * x);
  const noise = rng.fillNormal(new Float32Array(E * B * Z));
  const drawn = [0, 2];

  /** The bound with given beliefs, and a decoder whose error is the mean of z². */
  const values = (klWeight: number) => {
    const shape = [T + 1, B, Z];
    const program = t.program(
      { mean: t.float32(shape), logStd: t.float32(shape), noise: t.float32([E, B, Z]) },
      (given) => {
        const { loss, reported } = evidenceBound(
          {
            encoder: { latent: () => nn.diagonalGaussian(given.mean, given.logStd) },
            decoder: { errors: (_: unknown, z: t.Tensor) => ({ reward: t.mean(t.square(z)) }) },
            p: { encoder: {}, decoder: {} },
            memories: t.zeros([T + 1, B, 1]),
            decoded: {},
            atTerms: (x: t.Tensor) => t.gather(x, t.constant(Int32Array.from(drawn), [E], "int32"), 0),
            trialWeights: trialWeightsOf(t.full([B], T), { steps: T, terms: E, decoded: 1 }),
            noise: { latent: given.noise },
            steps: T,
          } as unknown as BoundInputs,
          { klWeight, latent: Z },
        );
        return { loss, kl: reported.klLatent };
      },
    );
    return program.interpret({ mean, logStd, noise });
  };

  it("sums errors over the trial and adds β times the KL of each belief from the one before", () => {
    const at = (array: Float32Array, step: number, b: number, z: number) => array[(step * B + b) * Z + z];
    let kl = 0;
    for (let step = 0; step <= T; step++) {
      for (let b = 0; b < B; b++) {
        for (let z = 0; z < Z; z++) {
          const [m, s] = [at(mean, step, b, z), Math.exp(at(logStd, step, b, z))];
          const [m0, s0] =
            step === 0 ? [0, 1] : [at(mean, step - 1, b, z), Math.exp(at(logStd, step - 1, b, z))];
          kl += Math.log(s0 / s) + (s * s + (m - m0) ** 2) / (2 * s0 * s0) - 0.5;
        }
      }
    }
    kl /= (T + 1) * B;
    let error = 0;
    for (const [e, step] of drawn.entries()) {
      for (let k = 0; k < B * Z; k++) {
        const i = step * B * Z + k;
        error += (mean[i] + Math.exp(logStd[i]) * noise[e * B * Z + k]) ** 2 / (E * B * Z);
      }
    }
    const found = values(0.7);
    expect(found.kl[0]).toBeCloseTo(kl, 6);
    expect(found.loss[0]).toBeCloseTo(T * error + 0.7 * kl, 5);
  });
});
