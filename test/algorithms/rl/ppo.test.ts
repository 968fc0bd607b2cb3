/** @file PPO in parts: the loss at points with known values, truncation, and raw returns. */

import { describe, expect, it } from "vitest";
import { ppo } from "../../../algorithms/index.js";
import { ppoTerms } from "../../../algorithms/rl/ppo/loss.js";
import { collect, improve, ppoSchema } from "../../../algorithms/rl/ppo.js";
import "../../../envs/index.js";
import { problemOf } from "../../../src/env/problem.js";
import { actorCritic } from "../../../src/policies/index.js";
import { createRng } from "../../../src/random/rng.js";
import * as t from "../../../src/tensor/index.js";
import { constantReward } from "../../support/environments.js";

const network = actorCritic({
  observationSpace: { kind: "box", shape: [3], low: [-1, -1, -1], high: [1, 1, 1] },
  actionSpace: { kind: "discrete", n: 2 },
  hidden: [8],
  activation: "tanh",
  critic: true,
});
const rows = 6;
const rng = createRng("ppo terms");
const parameters = network.layout.initialise(rng).map((p) => p + 0.3 * rng.normal());
const observations = rng.fillNormal(new Float32Array(rows * 3));
const actions = Int32Array.from({ length: rows }, () => rng.integer(2));

/** The terms and the gradient of the policy loss, for given old log-probabilities (or the policy's own) and advantages. */
async function terms(shift: number, advantages: Float32Array, options: { normalise?: boolean } = {}) {
  const program = t.program(
    {
      parameters: t.float32([network.layout.size]),
      observations: t.float32([rows, 3]),
      actions: t.int32([rows]),
      advantages: t.float32([rows]),
      returns: t.float32([rows]),
    },
    (inputs) => {
      const p = network.layout.unflatten(inputs.parameters);
      const logProbs = t.stopGradient(
        t.sub(network.distribution(p, inputs.observations).logProb(inputs.actions), shift),
      );
      const values = t.stopGradient(network.value(p, inputs.observations));
      const out = ppoTerms(network, p, { ...inputs, logProbs } as Parameters<typeof ppoTerms>[2], {
        clip: 0.2,
        valueClip: undefined,
        normalise: options.normalise ?? false,
      });
      return {
        policyLoss: out.policyLoss,
        valueLoss: out.valueLoss,
        kl: out.approximateKl,
        clipFraction: out.clipFraction,
        values,
        gradient: network.layout.gradient(out.policyLoss, p),
      };
    },
  );
  return program.interpret({
    parameters,
    observations,
    actions,
    advantages,
    returns: new Float32Array(rows),
  });
}

const largest = (x: ArrayLike<number>) => Math.max(...Array.from(x, Math.abs));

describe("the loss of PPO", () => {
  it("has ratio 1, KL divergence 0 and clip fraction 0 before the first update", async () => {
    const advantages = Float32Array.of(1, -2, 0.5, 3, -1, 0.25);
    const { policyLoss, kl, clipFraction } = await terms(0, advantages);
    expect(kl[0]).toBeCloseTo(0, 12);
    expect(clipFraction[0]).toBe(0);
    expect(policyLoss[0]).toBeCloseTo(-advantages.reduce((a, b) => a + b) / rows, 9);
  });

  it("has gradient 0 if the ratio is clipped, and a non-zero one otherwise", async () => {
    const good = new Float32Array(rows).fill(1);
    const bad = new Float32Array(rows).fill(-1);
    // The new probability is e^0.5 of the old: above 1.2.
    expect(largest((await terms(0.5, good)).gradient)).toBe(0);
    expect(largest((await terms(0.5, bad)).gradient)).toBeGreaterThan(0.01);
    expect(largest((await terms(-0.5, bad)).gradient)).toBe(0);
    expect(largest((await terms(-0.5, good)).gradient)).toBeGreaterThan(0.01);
  });

  it("estimates a KL divergence that is never negative, and reports the share of clipped ratios", async () => {
    const advantages = new Float32Array(rows).fill(1);
    for (const shift of [-0.7, -0.1, 0.1, 0.7]) {
      const { kl, clipFraction } = await terms(shift, advantages);
      expect(kl[0]).toBeCloseTo(Math.exp(shift) - 1 - shift, 6);
      expect(clipFraction[0]).toBe(Math.abs(shift) > 0.2 ? 1 : 0);
    }
  });

  it("uses the mean squared value error, not half of it", async () => {
    const { valueLoss, values } = await terms(0, new Float32Array(rows).fill(1));
    expect(valueLoss[0]).toBeCloseTo(values.reduce((sum, v) => sum + v * v, 0) / rows, 9);
  });

  it("has value gradient 0 if the value moved past its clip towards the return, and a non-zero one otherwise", () => {
    const gradient = (moved: number) => {
      const program = t.program(
        { parameters: t.float32([network.layout.size]), observations: t.float32([rows, 3]) },
        ({ parameters: vector, observations }) => {
          const p = network.layout.unflatten(vector);
          const value = t.stopGradient(network.value(p, observations));
          const ones = t.ones([rows]);
          const batch = {
            observations,
            actions: t.zeros([rows], "int32"),
            logProbs: ones,
            advantages: ones,
            returns: t.add(value, 10),
            values: t.sub(value, moved),
          };
          const { valueLoss } = ppoTerms(network, p, batch, {
            clip: 0.2,
            valueClip: 0.1,
            normalise: false,
          });
          return { gradient: network.layout.gradient(valueLoss, p) };
        },
      );
      return largest(program.interpret({ parameters, observations }).gradient);
    };
    expect(gradient(0.5)).toBe(0);
    expect(gradient(0.05)).toBeGreaterThan(0.01);
    expect(gradient(-0.5)).toBeGreaterThan(0.01);
  });

  it("is invariant to scale and offset of the advantages when it normalises them", async () => {
    const advantages = Float32Array.of(1, -2, 0.5, 3, -1, 0.25);
    const one = await terms(0.1, advantages, { normalise: true });
    const other = await terms(
      0.1,
      advantages.map((a) => 7 * a + 3),
      { normalise: true },
    );
    expect(largest(one.gradient)).toBeGreaterThan(0.01);
    // Those of mean 0 and deviation 1.
    const centre = advantages.reduce((a, b) => a + b) / rows;
    const deviation = Math.sqrt(advantages.reduce((sum, a) => sum + (a - centre) ** 2, 0) / rows);
    const done = await terms(
      0.1,
      advantages.map((a) => (a - centre) / deviation),
    );
    for (const [i, g] of one.gradient.entries()) expect(done.gradient[i]).toBeCloseTo(g, 5);
    one.gradient.forEach((g, i) => {
      expect(other.gradient[i]).toBeCloseTo(g, 5);
    });
  });
});

describe("ppo", () => {
  it("refuses a minibatch size that does not divide the rollout, or that cannot be normalised", () => {
    expect(() => ppo({ minibatchSize: 100 })).toThrow(
      /minibatchSize 100 does not divide the 256 transitions/,
    );
    expect(() => ppo({ minibatchSize: 1 })).toThrow(/minibatch of 1 cannot be normalised/);
    const [single, minibatch] = [
      { environments: 1, rolloutSteps: 1, minibatchSize: 1 },
      "minibatch" as const,
    ];
    for (const normaliseAdvantages of ["batch", minibatch, true] as const) {
      expect(() => ppo({ ...single, normaliseAdvantages })).toThrow(/a rollout of 1 transition, normalised/);
    }
    expect(() => ppo({ ...single, normaliseAdvantages: false })).not.toThrow();
    expect(() => ppo({ minibatchSize: 1, normaliseAdvantages: "batch" })).not.toThrow();
    expect(() => ppo({ minibatchSize: 2, normaliseAdvantages: minibatch })).not.toThrow();
  });

  it("names an unknown option and the nearest known one", () => {
    expect(() => ppo({ learningrate: 1 } as object)).toThrow(
      /unknown option "learningrate"; did you mean "learningRate"/,
    );
    expect(() => ppo({ clip: "wide" } as object)).toThrow(/option "clip" is "wide": it must be a number/);
  });

  it("bootstraps at a time limit: V = r / (1 − γ) for a constant reward r", async () => {
    const problem = await problemOf(() => constantReward({ limit: 5 }));
    const algorithm = ppo({
      environments: 4,
      rolloutSteps: 16,
      minibatchSize: 64,
      discount: 0.9,
      hidden: [],
      learningRate: 0.05,
    });
    const state = await algorithm.init(problem, createRng(0));
    for (let i = 0; i < 40; i++) await algorithm.update(state);
    const [value] = (await algorithm.policy(state).value?.(new Float32Array(1))) ?? [];
    // With the cut taken for an end, V would be below 1 + 0.9 + … + 0.9⁴ = 4.1.
    expect(value).toBeGreaterThan(9);
    expect(value).toBeLessThan(11);
  });

  it("reports returns as sums of raw rewards", async () => {
    const problem = await problemOf(() => constantReward({ limit: 5 }));
    const algorithm = ppo({ environments: 2, rolloutSteps: 10, minibatchSize: 20, epochs: 1 });
    const state = await algorithm.init(problem, createRng(0));
    expect(await algorithm.update(state)).toMatchObject({ return: 5, episodes: 4, steps: 20 });
  });

  it("gives the same parameters for the same seed and different ones for another", async () => {
    const problem = await problemOf("CartPole-v1");
    const algorithm = ppo({ epochs: 2 });
    const run = async (seed: number) => {
      const state = await algorithm.init(problem, createRng(seed));
      await algorithm.update(state);
      await algorithm.update(state);
      return state.network.parameters;
    };
    const first = await run(1);
    expect(await run(1)).toEqual(first);
    expect(await run(2)).not.toEqual(first);
  });

  it("equals `collect` followed by `improve`", async () => {
    const problem = await problemOf("CartPole-v1");
    const options = ppoSchema.parse({ epochs: 2 });
    const [whole, halves] = await Promise.all(
      [1, 1].map((seed) => ppo(options).init(problem, createRng(seed))),
    );
    const metrics = await ppo(options).update(whole);
    const rollout = await collect(halves, options);
    expect(halves.network.steps).toBe(0);
    expect(metrics).toMatchObject(await improve(halves, options, rollout));
    expect(halves.network).toEqual(whole.network);
  });

  it("stops gradient steps once the KL divergence exceeds targetKl", async () => {
    const problem = await problemOf("CartPole-v1");
    const gradientSteps = async (targetKl?: number) => {
      const algorithm = ppo({ targetKl, learningRate: 0.01 });
      const state = await algorithm.init(problem, createRng(0));
      await algorithm.update(state);
      return state.network.steps;
    };
    expect(await gradientSteps()).toBe(20);
    const stopped = await gradientSteps(0.001);
    expect(stopped).toBeGreaterThan(0);
    expect(stopped).toBeLessThan(20);
  });
});
