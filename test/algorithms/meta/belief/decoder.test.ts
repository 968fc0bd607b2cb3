/** @file The decoders of a latent task, recomputed in plain code, and the rewards that the Bernoulli decoder needs. */

import { describe, expect, it } from "vitest";
import { requireBernoulli, taskDecoder } from "../../../../algorithms/meta/belief/decoder.js";
import * as nn from "../../../../src/nn/index.js";
import { createRng } from "../../../../src/random/rng.js";
import * as t from "../../../../src/tensor/index.js";

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
        const errors = decoder.errors(layout.unflatten(parameters), z, transition, t.full([E, D, B], 1));
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

  it("predict the next observation from [s, a] alone, with the mean error per entry", () => {
    const { errors, views } = run({ hidden: [4, 2], reward: "squared", state: true }, arrays);
    let sum = 0;
    for (let e = 0; e < E; e++) {
      for (let d = 0; d < D; d++) {
        for (let b = 0; b < B; b++) {
          const row = (x: Float32Array, at: number, n: number) => x.subarray(at * n, (at + 1) * n);
          const z = row(arrays.z, e * B + b, 2);
          const x = [...row(arrays.observation, d * B + b, 3), ...row(arrays.action, d * B + b, 2)];
          const layer = (name: string, input: number[], outputs: number) =>
            Array.from({ length: outputs }, (_, h) => {
              const { data } = views[`state.${name}.weight`];
              return input.reduce(
                (total, value, k) => total + value * data[k * outputs + h],
                views[`state.${name}.bias`].data[h],
              );
            });
          const [ofLatent, ofTransition] = [layer("latent", [...z], 4), layer("transition", x, 4)];
          const first = ofLatent.map((value, h) => Math.max(0, value + ofTransition[h]));
          const second = layer("output.hidden0", first, 2).map((value) => Math.max(0, value));
          for (const [j, predicted] of layer("output.output", second, 3).entries()) {
            sum += (predicted - arrays.next[(d * B + b) * 3 + j]) ** 2 / (E * D * B * 3);
          }
        }
      }
    }
    expect(errors.state[0]).toBeCloseTo(sum, 4);
  });

  it("predict with one output for each discrete observation where the reward is 1", () => {
    const next = new Float32Array(D * B * 3);
    for (let k = 0; k < D * B; k++) next[k * 3 + (k % 3)] = 1;
    const reward = Float32Array.from({ length: D * B }, (_, k) => (k === 2 ? 1 : -0.1));
    const { errors, views } = run(
      { hidden: [4], reward: "bernoulli", state: false },
      { ...arrays, next, reward },
    );
    let sum = 0;
    for (let e = 0; e < E; e++) {
      for (let b = 0; b < B; b++) {
        const z = arrays.z.subarray((e * B + b) * 2, (e * B + b + 1) * 2);
        const hidden = Array.from({ length: 4 }, (_, h) => {
          const { data } = views["reward.hidden0.weight"];
          return Math.max(0, z[0] * data[h] + z[1] * data[4 + h] + views["reward.hidden0.bias"].data[h]);
        });
        for (let d = 0; d < D; d++) {
          const k = d * B + b;
          const logit = hidden.reduce(
            (total, x, h) => total + x * views["reward.output.weight"].data[h * 3 + (k % 3)],
            views["reward.output.bias"].data[k % 3],
          );
          const probability = 1 / (1 + Math.exp(-logit));
          sum -= Math.log(k === 2 ? probability : 1 - probability) / (E * D * B);
        }
      }
    }
    expect(errors.reward[0]).toBeCloseTo(sum, 5);
  });
});

describe("the Bernoulli decoder", () => {
  it("needs two rewards at most, of which 1 is the larger", () => {
    const seen = new Set<number>();
    requireBernoulli("test", [0, 0, -0.1], seen);
    requireBernoulli("test", [-0.1, 0], seen);
    expect(() => requireBernoulli("test", [0, 1], seen)).toThrow('this one paid 0, -0.1, 1: use "squared"');
    expect(() => requireBernoulli("test", [2], new Set())).toThrow("this one paid 2");
    expect(() => requireBernoulli("test", [1, -3, 1], new Set())).not.toThrow();
  });
});
