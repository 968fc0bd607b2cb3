/** @file PPO's gradient step: the objective with its coefficients and signs, the clipped gradient, the minibatches. */

import { describe, expect, it } from "vitest";
import { ppoTerms, ppoTrainer } from "../../../../algorithms/rl/ppo/loss.js";
import { type PpoOptions, ppo, ppoSchema } from "../../../../algorithms/rl/ppo.js";
import { problemOf } from "../../../../src/env/problem.js";
import { actorCritic } from "../../../../src/policies/index.js";
import { createRng } from "../../../../src/random/rng.js";
import { box, discrete } from "../../../../src/spaces/index.js";
import * as t from "../../../../src/tensor/index.js";
import { constantReward } from "../../../support/environments.js";

const rows = 6;
const network = actorCritic({
  observationSpace: box([3], -1, 1),
  actionSpace: discrete(3),
  hidden: [4],
  activation: "tanh",
  critic: true,
});
const rng = createRng("ppo's step");
const parameters = network.layout.initialise(rng).map((x) => x + 0.5 * rng.normal());
const batch = {
  observations: rng.fillNormal(new Float32Array(rows * 3)),
  actions: Int32Array.from({ length: rows }, () => rng.integer(3)),
  logProbs: new Float32Array(rows).fill(-1.1),
  advantages: rng.fillNormal(new Float32Array(rows)),
  returns: rng.fillNormal(new Float32Array(rows)),
};

/** The gradient of the first step, which is Adam's first moment after it. */
async function firstGradient(options: PpoOptions) {
  const trainer = ppoTrainer(
    network,
    ppoSchema.parse({
      environments: 1,
      rolloutSteps: rows,
      minibatchSize: rows,
      epochs: 1,
      normaliseAdvantages: false,
      ...options,
    }),
  );
  const state = { ...trainer.initialise(createRng(0)), parameters: parameters.slice() };
  await trainer.run(state, batch);
  return state.slots[0];
}

/** −L^CLIP + c₁ L^VF − c₂ S [Schulman et al. 2017, eq. 9, negated], and by central differences its gradient. */
function differences(valueCoefficient: number, entropyCoefficient: number) {
  const program = t.program(
    {
      parameters: t.float32([network.layout.size]),
      observations: t.float32([rows, 3]),
      actions: t.int32([rows]),
      ...Object.fromEntries(["logProbs", "advantages", "returns"].map((name) => [name, t.float32([rows])])),
    },
    ({ parameters: vector, ...given }) => {
      const p = network.layout.unflatten(vector);
      const { policyLoss, valueLoss, entropy } = ppoTerms(
        network,
        p,
        given as unknown as Parameters<typeof ppoTerms>[2],
        { clip: 0.2, normalise: false },
      );
      return { policyLoss, valueLoss, entropy };
    },
  );
  const objective = (at: Float64Array) => {
    const { policyLoss, valueLoss, entropy } = program.interpret({ ...batch, parameters: at });
    return policyLoss[0] + valueCoefficient * valueLoss[0] - entropyCoefficient * entropy[0];
  };
  return Float64Array.from(parameters, (_, i) => {
    const moved = (by: number) => objective(Float64Array.from(parameters, (x, j) => (i === j ? x + by : x)));
    return (moved(1e-5) - moved(-1e-5)) / 2e-5;
  });
}

describe("a gradient step of PPO", () => {
  it("is down −L^CLIP + c₁ L^VF − c₂ S", async () => {
    for (const [valueCoefficient, entropyCoefficient] of [
      [0.3, 0.2],
      [0.5, 1],
      [2, 0],
    ]) {
      const options = { valueCoefficient, entropyCoefficient, maxGradientNorm: 1e6 };
      const expected = differences(valueCoefficient, entropyCoefficient);
      for (const [i, x] of (await firstGradient(options)).entries()) expect(x).toBeCloseTo(expected[i], 4);
    }
  });

  it("is scaled down to the largest norm of the gradient, and left as it is below it", async () => {
    const whole = await firstGradient({ maxGradientNorm: 1e6 });
    const norm = Math.hypot(...whole);
    const clipped = await firstGradient({ maxGradientNorm: norm / 4 });
    for (const [i, x] of clipped.entries()) expect(x).toBeCloseTo(whole[i] / 4, 5);
    expect(await firstGradient({ maxGradientNorm: 2 * norm })).toEqual(whole);
  });
});

describe("the minibatches of PPO", () => {
  it("are every row once in each pass, in a new order", async () => {
    const epochs = 3;
    const algorithm = ppo({ environments: 2, rolloutSteps: 8, minibatchSize: 4, epochs, hidden: [] });
    const state = await algorithm.init(await problemOf(() => constantReward({ limit: 5 })), createRng(0));
    const { trainer } = state.live;
    let indices = new Int32Array();
    state.live.trainer = {
      ...trainer,
      run(network, feeds, steps) {
        indices = feeds.indices as Int32Array<ArrayBuffer>;
        return trainer.run(network, feeds, steps);
      },
    };
    await algorithm.update(state);
    const passes = Array.from({ length: epochs }, (_, k) => [...indices.subarray(16 * k, 16 * (k + 1))]);
    const all = Array.from({ length: 16 }, (_, i) => i);
    for (const pass of passes) expect(pass.toSorted((a, b) => a - b)).toEqual(all);
    expect(new Set([all, ...passes].map(String)).size).toBe(epochs + 1);
  });

  it("are whole sequences for a policy with a memory, also with a single unit", async () => {
    const sizes = { environments: 4, rolloutSteps: 8, minibatchSize: 16, epochs: 3 };
    const algorithm = ppo({ ...sizes, hidden: [], recurrentUnits: 1, sharedTrunk: true });
    const state = await algorithm.init(await problemOf(() => constantReward({ limit: 5 })), createRng(0));
    const metrics = await algorithm.update(state);
    expect(state.network.steps).toBe(3 * 2);
    expect(Object.values(metrics).every(Number.isFinite)).toBe(true);
  });
});
