/** @file The meta-gradient: finite differences through the inner steps, the chain rule, and PPO's gradient without them. */

import { describe, expect, it } from "vitest";
import { type MetaObjective, metaTerms } from "../../../../algorithms/meta/promp/meta-loss.js";
import { ppoTerms } from "../../../../algorithms/rl/ppo/loss.js";
import { type TaskBatch, taskBatchSpecs } from "../../../../src/policies/adapting/inner-step.js";
import { type AdaptingNetwork, adaptingNetwork } from "../../../../src/policies/adapting/network.js";
import { actorCritic } from "../../../../src/policies/index.js";
import { createRng } from "../../../../src/random/rng.js";
import { box, discrete, type Space } from "../../../../src/spaces/index.js";
import * as t from "../../../../src/tensor/index.js";
import { expectClose } from "../../../nn/support.js";

const [tasks, steps] = [2, 5];
const observationSpace = box([2], -1, 1);
const settings = { observationSpace, hidden: [3], activation: "tanh" } as const;
const spaces: Record<string, Space> = { box: box([2], -1, 1), discrete: discrete(3) };
const networkOf = (actionSpace: Space) => adaptingNetwork({ ...settings, hidden: [3], actionSpace });

/** Parameters near those with which the stages were played, so that ratios are near 1, and the feeds of the stages. */
function inputsOf(network: AdaptingNetwork, stages: number) {
  const rng = createRng("stages");
  const { size } = network.layout;
  const parameters = Float64Array.from({ length: size }, () => 0.5 * rng.normal());
  const feeds: Record<string, Float64Array> = {};
  for (let s = 0; s < stages; s++) {
    for (const [name, { shape, dtype }] of Object.entries(taskBatchSpecs(network, tasks, steps))) {
      const length = (shape as number[]).reduce((a, b) => a * b);
      const values = Float64Array.from({ length }, () => (dtype === "int32" ? rng.integer(3) : rng.normal()));
      feeds[name + s] = name === "shares" ? values.map(() => 1 / steps) : values;
    }
    feeds[`played${s}`] = Float64Array.from(
      { length: tasks * size },
      (_, k) => parameters[k % size] + 0.05 * rng.normal(),
    );
  }
  return { parameters, feeds };
}

/** The program of the loss and its gradient. The batches' log-probabilities are those under `played`. */
function compile(network: AdaptingNetwork, stages: number, objective: MetaObjective) {
  const specs = { ...taskBatchSpecs(network, tasks, steps), played: t.float32([tasks, network.layout.size]) };
  const numbers = Array.from({ length: stages }, (_, s) => s);
  const inputs = numbers.flatMap((s) =>
    Object.entries(specs).map(([name, spec]) => [name + s, spec] as const),
  );
  return t.program(
    { parameters: t.float32([network.layout.size]), ...(Object.fromEntries(inputs) as typeof specs) },
    ({ parameters, ...fed }) => {
      const batches = numbers.map((s) => {
        const entries = Object.keys(specs).map((name) => [name, (fed as Record<string, t.Tensor>)[name + s]]);
        const batch = Object.fromEntries(entries) as TaskBatch & { played: t.Tensor };
        const logProbs = network.evaluate(batch.played, batch.observations).logProb(batch.actions);
        return { ...batch, logProbs };
      });
      const played = batches.map((batch) => batch.played);
      const { policyLoss, kl } = metaTerms(network, parameters, { batches, played }, objective);
      const loss = t.add(policyLoss, t.mul(kl, objective.klCoefficient));
      return { loss, policyLoss, kl, gradient: t.grad(loss, [parameters])[0] };
    },
  );
}

describe("the meta-gradient", () => {
  it.each([
    ["box", 2, { innerRate: 0.2, clip: 0.3, klCoefficient: 0.5 }],
    ["discrete", 2, { innerRate: 0.5, clip: 0.3, klCoefficient: 0.5 }],
    ["box", 2, { innerRate: 0.2, klCoefficient: 0 }],
    ["discrete", 3, { innerRate: 0.5, clip: 0.3, klCoefficient: 0.5 }],
  ])("equals finite differences through the inner steps: %s actions, %d stages, %o", (kind, stages, objective) => {
    const network = networkOf(spaces[kind]);
    const program = compile(network, stages, objective);
    const { parameters, feeds } = inputsOf(network, stages);
    const lossAt = (i: number, by: number) =>
      program.interpret({ parameters: parameters.with(i, parameters[i] + by), ...feeds }).loss[0];
    const { gradient } = program.interpret({ parameters, ...feeds });
    const differences = parameters.map((_, i) => (lossAt(i, 1e-5) - lossAt(i, -1e-5)) / 2e-5);
    expect(Math.max(...gradient.map(Math.abs))).toBeGreaterThan(0.01);
    expectClose(gradient, differences, 1e-6);
  });

  it("is (I + α ∇² J_inner)ᵀ ∇J_outer(θ′)", () => {
    const network = networkOf(spaces.box);
    const { size } = network.layout;
    const rate = 0.4;
    const { parameters, feeds } = inputsOf(network, 2);
    // One task twice, so that the mean over tasks is that of one.
    const one = Object.fromEntries(
      Object.entries(feeds).map(([name, x]) => [name, x.map((_, k) => x[k % (x.length / 2)])]),
    );
    const direct = compile(network, 2, { innerRate: 0, klCoefficient: 0 });
    const inner = Object.fromEntries(
      Object.keys(one).map((name) => [name, one[name.endsWith("1") ? `${name.slice(0, -1)}0` : name]]),
    );
    const ascent = (at: Float64Array) =>
      direct.interpret({ parameters: at, ...inner }).gradient.map((g) => -g);
    const slope = ascent(parameters);
    const next = parameters.map((x, i) => x + rate * slope[i]);
    const outer = direct.interpret({ parameters: next, ...one }).gradient;
    const expected = parameters.map((_, i) => {
      const [up, down] = [1e-5, -1e-5].map((by) => ascent(parameters.with(i, parameters[i] + by)));
      const column = Array.from({ length: size }, (_, j) => (up[j] - down[j]) / 2e-5);
      return outer[i] + rate * column.reduce((sum, h, j) => sum + h * outer[j], 0);
    });
    const meta = compile(network, 2, { innerRate: rate, klCoefficient: 0 });
    const { gradient } = meta.interpret({ parameters, ...one });
    expectClose(gradient, expected, 1e-6);
    expect(Math.max(...gradient.map((g, i) => Math.abs(g - outer[i])))).toBeGreaterThan(0.01);
  });

  it("is PPO's gradient without inner steps (α = 0)", () => {
    const network = networkOf(spaces.discrete);
    const { size } = network.layout;
    const { parameters, feeds } = inputsOf(network, 2);
    const clip = 0.05;
    const found = compile(network, 2, { innerRate: 0, clip, klCoefficient: 0 }).interpret({
      parameters,
      ...feeds,
    });
    const critic = actorCritic({ ...settings, hidden: [3], actionSpace: spaces.discrete, critic: true });
    const rows = tasks * steps;
    const { gradient, loss } = t
      .program(
        {
          parameters: t.float32([critic.layout.size]),
          played: t.float32([tasks, size]),
          observations: t.float32([rows, 2]),
          actions: t.int32([rows]),
          advantages: t.float32([rows]),
        },
        ({ parameters, played, observations, actions, advantages }) => {
          const p = critic.layout.unflatten(parameters);
          const batch = { observations, actions, advantages, returns: advantages };
          const old = network.evaluate(played, t.reshape(observations, [tasks, steps, 2]));
          const logProbs = t.reshape(old.logProb(t.reshape(actions, [tasks, steps])), [rows]);
          const { policyLoss } = ppoTerms(critic, p, { ...batch, logProbs }, { clip, normalise: false });
          return { loss: policyLoss, gradient: critic.layout.gradient(policyLoss, p) };
        },
      )
      .interpret({
        parameters: Float64Array.from({ length: critic.layout.size }, (_, k) => parameters[k] ?? 0),
        played: feeds.played1,
        observations: feeds.observations1,
        actions: feeds.actions1,
        advantages: feeds.advantages1,
      });
    expect(found.policyLoss[0]).toBeCloseTo(loss[0], 9);
    expectClose(found.gradient, gradient.subarray(0, size), 1e-9);
  });
});

describe("the divergence", () => {
  const network = adaptingNetwork({ ...settings, hidden: [], actionSpace: box([1], -1, 1) });
  const klAt = (parameters: number[], played: number[]) => {
    const { feeds } = inputsOf(network, 2);
    feeds.played0 = Float64Array.from([...played, ...played]);
    const program = compile(network, 2, { innerRate: 0.5, klCoefficient: 1 });
    const [kl] = program.interpret({ parameters, ...feeds }).kl;
    return kl;
  };
  // θ = [two weights, bias, log deviation]: without weights, N(bias, deviation²) for all observations.
  const old = [0, 0, 0.3, -0.2];

  it("is 0 at the parameters with which the episodes were played", () => {
    expect(klAt(old, old)).toBeCloseTo(0, 12);
  });

  it("is KL(old ‖ new) of the policy before the inner step", () => {
    const [mean, logStd] = [0.8, 0.1];
    const variance = Math.exp(2 * logStd);
    const squares = (Math.exp(2 * old[3]) + (old[2] - mean) ** 2) / variance;
    expect(klAt([0, 0, mean, logStd], old)).toBeCloseTo(0.5 * (squares - 1) - old[3] + logStd, 6);
  });
});
