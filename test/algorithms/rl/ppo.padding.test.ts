/** @file Rollouts with padding: PPO learns from them what it learns from the rows that count, alone. */

import { describe, expect, it } from "vitest";
import { ppoTerms, ppoTrainer } from "../../../algorithms/rl/ppo/loss.js";
import { improve, ppoSchema } from "../../../algorithms/rl/ppo.js";
import { actorCritic } from "../../../src/policies/index.js";
import { createRng } from "../../../src/random/rng.js";
import { createRollout } from "../../../src/rollout/rollout-buffer.js";
import { box } from "../../../src/spaces/index.js";
import * as t from "../../../src/tensor/index.js";

const spaces = { observationSpace: box([2], -1, 1), actionSpace: box([1], -1, 1) };
const network = actorCritic({ ...spaces, hidden: [4], activation: "tanh", critic: true });
const rng = createRng("rows");
const parameters = network.layout.initialise(rng).map((w) => w + 0.3 * rng.normal());
const widths = {
  ...{ observations: 2, actions: 1, logProbs: 1, advantages: 1, returns: 1, values: 1 },
};
type Name = keyof typeof widths;

/** Rows of which those at `kept` count; the others have numbers that a loss could not miss. */
function rows(count: number, kept: number[]): Record<Name, Float32Array> & { weights: Float32Array } {
  const own = createRng("kept");
  const arrays = Object.entries(widths).map(([name, width]) => {
    const wild = name === "logProbs" ? -1000 : 50;
    const all = new Float32Array(count * width).fill(wild);
    for (const row of kept) for (let j = 0; j < width; j++) all[row * width + j] = own.normal();
    return [name, all];
  });
  const weights = Float32Array.from({ length: count }, (_, k) => Number(kept.includes(k)));
  return { ...Object.fromEntries(arrays), weights };
}

/** The terms and the gradient of their sum. */
function terms(normalise: boolean, fed: ReturnType<typeof rows>, padded: boolean) {
  const count = fed.weights.length;
  const program = t.program(
    {
      parameters: t.float32([network.layout.size]),
      weights: t.float32([count]),
      ...Object.fromEntries(
        Object.entries(widths).map(([name, width]) => [
          name,
          t.float32(name === "observations" || name === "actions" ? [count, width] : [count]),
        ]),
      ),
    },
    ({ parameters: vector, weights, ...batch }) => {
      const p = network.layout.unflatten(vector);
      const all = { ...(batch as Record<Name, t.Tensor>), ...(padded && { weights }) };
      const found = ppoTerms(network, p, all, { clip: 0.2, valueClip: 0.3, normalise });
      const sum = Object.values(found).reduce((a, b) => t.add(a, b));
      return { ...found, gradient: network.layout.gradient(sum, p) };
    },
  );
  return program.interpret({ parameters, ...fed });
}

describe.each([true, false])("the terms of PPO, advantages normalised: %s", (normalise) => {
  it("and their gradients are those of the rows that count", () => {
    const [alone, padded] = [rows(5, [0, 1, 2, 3, 4]), rows(9, [0, 2, 3, 6, 7])];
    const [expected, found] = [terms(normalise, alone, false), terms(normalise, padded, true)];
    for (const [name, values] of Object.entries(expected)) {
      expect(found[name].length).toBe(values.length);
      for (const [k, value] of values.entries()) expect(found[name][k]).toBeCloseTo(value, 5);
    }
    expect(expected.gradient.some((g) => Math.abs(g) > 0.01)).toBe(true);
  });

  it("are 0 where no row counts", () => {
    const found = terms(normalise, rows(3, []), true);
    expect(found.gradient.every((g) => g === 0)).toBe(true);
    expect([found.policyLoss[0], found.valueLoss[0], found.approximateKl[0]].map(Math.abs)).toEqual([
      0, 0, 0,
    ]);
  });
});

describe("improve", () => {
  /** A rollout of 4 steps of 2 environments; with padding, the second has only 2 steps. */
  async function improved(lengths: [number, number], steps: number, batch: "batch" | "minibatch") {
    const count = 2;
    const played = { ...createRollout({ count, ...spaces }, steps, "trial") };
    const rollout = { ...played, weights: new Float32Array(steps * count) };
    const own = createRng("rollout");
    for (let i = 0; i < count; i++) {
      for (let k = i; k < lengths[i] * count; k += count) {
        rollout.weights[k] = 1;
        rollout.actions[k] = own.normal();
        rollout.logProbs[k] = -1 + 0.1 * own.normal();
        rollout.rewards[k] = own.normal();
        rollout.values[k] = own.normal();
        for (let j = 0; j < 2; j++) rollout.observations[2 * k + j] = own.normal();
        rollout.ends![k] = Number(k === (lengths[i] - 1) * count + i);
        rollout.nextValues[k] = rollout.ends![k] ? 0 : own.normal();
      }
    }
    const options = ppoSchema.parse({
      ...{ environments: count, rolloutSteps: steps, minibatchSize: count * steps, epochs: 3 },
      normaliseAdvantages: batch,
    });
    const state = {
      steps: 0,
      network: ppoTrainer(network, options, true).initialise(createRng("network")),
      shuffleRng: createRng(0),
      live: { trainer: ppoTrainer(network, options, true) },
    };
    const metrics = await improve(state, options, rollout);
    return { metrics, parameters: state.network.parameters };
  }

  it.each(["batch", "minibatch"] as const)("takes the same steps with more padding (%s)", async (batch) => {
    const [less, more] = [await improved([4, 2], 4, batch), await improved([4, 2], 9, batch)];
    for (const [name, value] of Object.entries(less.metrics)) {
      expect(more.metrics[name]).toBeCloseTo(value as number, 4);
    }
    for (const [k, value] of less.parameters.entries()) expect(more.parameters[k]).toBeCloseTo(value, 4);
  });
});
