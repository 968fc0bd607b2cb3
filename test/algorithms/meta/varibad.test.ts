/** @file VariBAD: the bound recomputed in plain code, the KL chain, and the decoders. */

import { describe, expect, it } from "vitest";
import { taskDecoder } from "../../../algorithms/meta/belief/decoder.js";
import type { BoundInputs } from "../../../algorithms/meta/belief/variational.js";
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

describe("the decoders", () => {
  const sizes = { observation: 3, action: 2, latent: 2 };
  const [E, D, B] = [2, 3, 2];

  const run = (options: Parameters<typeof taskDecoder>[1], arrays: Record<string, Float32Array>) => {
    const decoder = taskDecoder(sizes, options);
    const layout = nn.layoutOf(decoder.parameters);
    const rng = createRng("decoder");
    const parameters = layout.initialise(rng).map((w) => w + 0.3 * rng.normal());
    const program = t.program(
      {
        parameters: t.float32([layout.size]),
        z: t.float32([E, B, 2]),
        observation: t.float32([D, B, 3]),
        action: t.float32([D, B, 2]),
        reward: t.float32([D, B, 1]),
        next: t.float32([D, B, 3]),
      },
      ({ parameters, z, observation, action, reward, next }) => {
        const transition = { observation, action, reward, next };
        const errors = decoder.errors(layout.unflatten(parameters), z, transition);
        return { reward: errors.reward, ...(errors.state && { state: errors.state }) };
      },
    );
    return { errors: program.interpret({ parameters, ...arrays }), views: layout.views(parameters) };
  };
  const rng = createRng("transitions");
  const normal = (length: number) => rng.fillNormal(new Float32Array(length));
  const arrays = {
    z: normal(E * B * 2),
    observation: normal(D * B * 3),
    action: normal(D * B * 2),
    reward: normal(D * B),
    next: normal(D * B * 3),
  };

  it("share the first layer: relu(W_z z + W_x [s, a, s′]) for every z and every transition of a trial", () => {
    const { errors, views } = run({ hidden: [4], reward: "squared", state: false }, arrays);
    let sum = 0;
    for (let e = 0; e < E; e++) {
      for (let d = 0; d < D; d++) {
        for (let b = 0; b < B; b++) {
          const z = arrays.z.subarray((e * B + b) * 2, (e * B + b + 1) * 2);
          const part = (name: "observation" | "action" | "next", n: number) =>
            arrays[name].subarray((d * B + b) * n, (d * B + b + 1) * n);
          const x = [...part("observation", 3), ...part("action", 2), ...part("next", 3)];
          let predicted = views["reward.output.output.bias"].data[0];
          for (let h = 0; h < 4; h++) {
            let unit = views["reward.latent.bias"].data[h] + views["reward.transition.bias"].data[h];
            for (let j = 0; j < 2; j++) unit += z[j] * views["reward.latent.weight"].data[j * 4 + h];
            for (let j = 0; j < 8; j++) unit += x[j] * views["reward.transition.weight"].data[j * 4 + h];
            predicted += Math.max(0, unit) * views["reward.output.output.weight"].data[h];
          }
          sum += (predicted - arrays.reward[d * B + b]) ** 2 / (E * D * B);
        }
      }
    }
    expect(errors.reward[0]).toBeCloseTo(sum, 5);
    expect(errors.state).toBeUndefined();
  });

  it("predict with one output for each discrete observation where the reward is 1", () => {
    const next = new Float32Array(D * B * 3);
    for (let k = 0; k < D * B; k++) next[k * 3 + (k % 3)] = 1;
    const reward = Float32Array.from({ length: D * B }, (_, k) => (k === 2 ? 1 : -0.1));
    const found = (r: Float32Array) =>
      run({ hidden: [4], reward: "bernoulli", state: true }, { ...arrays, next, reward: r }).errors;
    const { reward: error, state } = found(reward);
    expect(error[0]).toBeGreaterThan(0);
    expect(state[0]).toBeGreaterThan(0);
    // Without a reward of 1, each error is softplus(logit); with it, softplus(logit) − logit = softplus(−logit).
    expect(found(reward.map(() => -0.1)).reward[0]).not.toBeCloseTo(error[0], 4);
  });
});
