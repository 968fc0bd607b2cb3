/** @file The meta-gradient: finite differences through the inner steps, the chain rule, and PPO's gradient without them. */

import { describe, expect, it } from "vitest";
import {
  type MetaObjective,
  metaTerms,
  type PlayedBatch,
} from "../../../../algorithms/meta/promp/meta-loss.js";
import { ppoTerms } from "../../../../algorithms/rl/ppo/loss.js";
import { policyOn, taskBatchSpecs } from "../../../../src/policies/adapting/inner-step.js";
import { type AdaptingNetwork, adaptingNetwork } from "../../../../src/policies/adapting/network.js";
import { modulatingSpecs } from "../../../../src/policies/adapting/programs.js";
import { actorCritic } from "../../../../src/policies/index.js";
import { createRng } from "../../../../src/random/rng.js";
import { box, discrete, type Space } from "../../../../src/spaces/index.js";
import * as t from "../../../../src/tensor/index.js";
import { expectClose } from "../../../nn/support.js";

const [tasks, episodes, steps] = [2, 2, 6];
const observationSpace = box([2], -1, 1);
const settings = { observationSpace, hidden: [3], activation: "tanh" } as const;
const spaces: Record<string, Space> = { box: box([2], -1, 1), discrete: discrete(3) };
const networkOf = (actionSpace: Space) => adaptingNetwork({ ...settings, hidden: [3], actionSpace });

/** What is fed of each stage. */
const specsOf = (network: AdaptingNetwork): Record<string, t.InputSpec> => ({
  ...taskBatchSpecs(network, tasks, steps),
  parameters: t.float32([tasks, network.adapted.size]),
  ...(network.modulationSize > 0 && {
    ...modulatingSpecs(network, tasks, { episodes, horizon: steps / episodes }),
    modulation: t.float32([tasks, network.modulationSize]),
  }),
});

/** Parameters near those with which the stages were played, so that ratios are near 1, and the feeds of the stages. */
function inputsOf(network: AdaptingNetwork, stages: number) {
  const rng = createRng("stages");
  const parameters = Float64Array.from({ length: network.layout.size }, () => 0.5 * rng.normal());
  const feeds: Record<string, Float64Array> = {};
  const special: Record<string, (k: number) => number> = {
    shares: () => 1 / steps,
    parameters: (k) => parameters[k % network.adapted.size] + 0.05 * rng.normal(),
    // The first episode has 2 steps, the second 3.
    lasts: (k) => Number([1, 5].includes(k % steps)),
  };
  for (let s = 0; s < stages; s++) {
    for (const [name, { shape, dtype }] of Object.entries(specsOf(network))) {
      const length = (shape as number[]).reduce((a, b) => a * b);
      const value = special[name] ?? (() => (dtype === "int32" ? rng.integer(3) : rng.normal()));
      feeds[name + s] = Float64Array.from({ length }, (_, k) => value(k));
    }
  }
  return { parameters, feeds };
}

/** The program of the loss and its gradient. The batches' log-probabilities are those of the parameters that played. */
function compile(network: AdaptingNetwork, stages: number, given: Omit<MetaObjective, "episodes">) {
  const objective = { ...given, episodes };
  const specs = specsOf(network);
  const numbers = Array.from({ length: stages }, (_, s) => s);
  const inputs = numbers.flatMap((s) =>
    Object.entries(specs).map(([name, spec]) => [name + s, spec] as const),
  );
  return t.program(
    { theta: t.float32([network.layout.size]), ...Object.fromEntries(inputs) },
    ({ theta, ...fed }) => {
      const batches = numbers.map((s) => {
        const entries = Object.keys(specs).map((name) => [name, fed[name + s]]);
        const batch = Object.fromEntries(entries) as unknown as PlayedBatch;
        return { ...batch, logProbs: policyOn(network, batch.parameters, batch).logProb(batch.actions) };
      });
      const { policyLoss, kl, ...reported } = metaTerms(network, theta, batches, objective);
      const loss = t.add(policyLoss, t.mul(kl, objective.klCoefficient));
      return { loss, policyLoss, kl, ...reported, gradient: t.grad(loss, [theta])[0] };
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
      program.interpret({ theta: parameters.with(i, parameters[i] + by), ...feeds }).loss[0];
    const { gradient } = program.interpret({ theta: parameters, ...feeds });
    const differences = parameters.map((_, i) => (lossAt(i, 1e-5) - lossAt(i, -1e-5)) / 2e-5);
    expect(Math.max(...gradient.map(Math.abs))).toBeGreaterThan(0.01);
    expectClose(gradient, differences, 1e-6);
  });

  it.each(["box", "discrete"])("equals finite differences in the modulation too: %s actions", (kind) => {
    const modulated = adaptingNetwork({
      ...settings,
      hidden: [2],
      actionSpace: spaces[kind],
      actionScaling: kind === "box" ? { centre: [0.1, 0], halfWidth: [2, 1] } : undefined,
      modulationUnits: 2,
    });
    const program = compile(modulated, 3, { innerRate: 0.5, clip: 0.3, klCoefficient: 0.5 });
    const { parameters, feeds } = inputsOf(modulated, 3);
    const at = (theta: Float64Array, changes = {}) => program.interpret({ theta, ...feeds, ...changes });
    const lossAt = (i: number, by: number) => at(parameters.with(i, parameters[i] + by)).loss[0];
    const { gradient, loss } = at(parameters);
    const from = modulated.adapted.size;
    const some = [...gradient.keys()].filter((i) => i < 3 || (i >= from && i % 5 === 0));
    for (const i of some) expect(gradient[i]).toBeCloseTo((lossAt(i, 1e-5) - lossAt(i, -1e-5)) / 2e-5, 7);
    expect(Math.max(...gradient.subarray(from).map(Math.abs))).toBeGreaterThan(1e-3);
    // Rewards after the end of an episode do not count, and others do.
    const rewardsWith = (k: number) => ({ rewards0: feeds.rewards0.with(k, 5) });
    expect(at(parameters, rewardsWith(2)).loss[0]).toBe(loss[0]);
    expect(at(parameters, rewardsWith(1)).loss[0]).not.toBe(loss[0]);
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
    const ascent = (at: Float64Array) => direct.interpret({ theta: at, ...inner }).gradient.map((g) => -g);
    const slope = ascent(parameters);
    const next = parameters.map((x, i) => x + rate * slope[i]);
    const outer = direct.interpret({ theta: next, ...one }).gradient;
    const expected = parameters.map((_, i) => {
      const [up, down] = [1e-5, -1e-5].map((by) => ascent(parameters.with(i, parameters[i] + by)));
      const column = Array.from({ length: size }, (_, j) => (up[j] - down[j]) / 2e-5);
      return outer[i] + rate * column.reduce((sum, h, j) => sum + h * outer[j], 0);
    });
    const meta = compile(network, 2, { innerRate: rate, klCoefficient: 0 });
    const { gradient } = meta.interpret({ theta: parameters, ...one });
    expectClose(gradient, expected, 1e-6);
    expect(Math.max(...gradient.map((g, i) => Math.abs(g - outer[i])))).toBeGreaterThan(0.001);
  });

  it("is PPO's gradient without inner steps (α = 0), with the same reports", () => {
    const network = networkOf(spaces.discrete);
    const { size } = network.layout;
    const { parameters, feeds } = inputsOf(network, 2);
    const clip = 0.05;
    const found = compile(network, 2, { innerRate: 0, clip, klCoefficient: 0 }).interpret({
      theta: parameters,
      ...feeds,
    });
    const critic = actorCritic({ ...settings, hidden: [3], actionSpace: spaces.discrete, critic: true });
    const rows = tasks * steps;
    const { gradient, loss, approximateKl, clipFraction } = t
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
          const { policyLoss, approximateKl, clipFraction } = ppoTerms(
            critic,
            p,
            { ...batch, logProbs },
            { clip, normalise: false },
          );
          return {
            ...{ loss: policyLoss, approximateKl, clipFraction },
            gradient: critic.layout.gradient(policyLoss, p),
          };
        },
      )
      .interpret({
        parameters: Float64Array.from({ length: critic.layout.size }, (_, k) => parameters[k] ?? 0),
        played: feeds.parameters1,
        observations: feeds.observations1,
        actions: feeds.actions1,
        advantages: feeds.advantages1,
      });
    expect(found.policyLoss[0]).toBeCloseTo(loss[0], 9);
    expect(approximateKl[0]).toBeGreaterThan(1e-4);
    expect(found.approximateKl[0]).toBeCloseTo(approximateKl[0], 9);
    expect(clipFraction[0]).toBeGreaterThan(0);
    expect(found.clipFraction[0]).toBeCloseTo(clipFraction[0], 9);
    expectClose(found.gradient, gradient.subarray(0, size), 1e-9);
  });
});

describe("the divergence", () => {
  const network = adaptingNetwork({ ...settings, hidden: [], actionSpace: box([1], -1, 1) });
  const klAt = (parameters: number[], played: number[]) => {
    const { feeds } = inputsOf(network, 2);
    feeds.parameters0 = Float64Array.from([...played, ...played]);
    const program = compile(network, 2, { innerRate: 0.5, klCoefficient: 1 });
    const [kl] = program.interpret({ theta: parameters, ...feeds }).kl;
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
