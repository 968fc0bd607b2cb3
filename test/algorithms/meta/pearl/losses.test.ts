/** @file The losses of PEARL and their gradients: who trains the encoder, and who does not. */

import { describe, expect, it } from "vitest";
import {
  learntNetworks,
  type PearlBatch,
  type PearlTrees,
  pearlLosses,
} from "../../../../algorithms/meta/pearl/losses.js";
import { createRng } from "../../../../src/random/rng.js";
import { box } from "../../../../src/spaces/index.js";
import * as t from "../../../../src/tensor/index.js";

const [TASKS, ROWS, CONTEXT, LATENT] = [2, 3, 4, 2];
const spaces = { observationSpace: box([2], -1, 1), actionSpace: box([1], 0, 6) };
const networks = learntNetworks(spaces, {
  hidden: [3],
  activation: "tanh",
  encoderHidden: [4],
  latent: LATENT,
  encodeNext: true,
});
const weights = { rewardScale: 2, klWeight: 0.3, regularisation: 0.1 };
const [rows, context] = [TASKS * ROWS, TASKS * CONTEXT];
const shapes: Record<string, number[]> = {
  actor: [networks.actor.layout.size],
  critics: [networks.critics.layout.size],
  targets: [networks.critics.layout.size],
  encoder: [networks.encoder.layout.size],
  observations: [rows, 2],
  actions: [rows, 1],
  returns: [rows],
  nextObservations: [rows, 2],
  discounts: [rows],
  noise: [rows, 1],
  nextNoise: [rows, 1],
  contextObservations: [context, 2],
  contextActions: [context, 1],
  contextRewards: [context],
  contextNextObservations: [context, 2],
  latentNoise: [TASKS, LATENT],
};
const rng = createRng("pearl losses");
const feeds = Object.fromEntries(
  Object.entries(shapes).map(([name, shape]) => [
    name,
    Float64Array.from({ length: shape.reduce((a, b) => a * b) }, () => rng.normal()),
  ]),
);
// Without bootstrap values, which are no part of any gradient, differences show the whole gradient.
feeds.discounts.fill(0);

const inputs = {
  ...Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, t.float32(shape)])),
};
const program = t.program({ ...inputs, logTemperature: t.float32([]) }, (given) => {
  const p: PearlTrees = {
    actor: networks.actor.layout.unflatten(given.actor),
    critics: networks.critics.layout.unflatten(given.critics),
    targets: networks.critics.layout.unflatten(given.targets),
    encoder: networks.encoder.layout.unflatten(given.encoder),
    logTemperature: given.logTemperature,
  };
  const losses = pearlLosses(networks, p, given as unknown as PearlBatch, -1, weights);
  const { encoder, actor } = networks;
  return {
    ...losses,
    encoderGradient: encoder.layout.gradient(losses.encoderLoss, p.encoder),
    encoderOfActor: encoder.layout.gradient(losses.actorLoss, p.encoder),
    actorGradient: actor.layout.gradient(losses.actorLoss, p.actor),
  };
});
const losses = (changes: typeof feeds = {}) =>
  program.interpret({ ...feeds, logTemperature: Float64Array.of(0.2), ...changes });

const differences = (name: string, loss: string, step = 1e-5) =>
  Array.from(feeds[name], (_, k) => {
    const at = (shift: number) =>
      losses({ [name]: feeds[name].map((x, j) => (j === k ? x + shift : x)) })[loss][0];
    return (at(step) - at(-step)) / (2 * step);
  });

describe("the gradient", () => {
  it.each([
    ["encoder", "encoderLoss", "encoderGradient"],
    ["actor", "actorLoss", "actorGradient"],
  ])("of the %s's loss is that of finite differences", (input, loss, gradient) => {
    const found = losses()[gradient];
    const expected = differences(input, loss);
    expect(Math.max(...expected.map(Math.abs))).toBeGreaterThan(1e-2);
    expected.forEach((value, k) => {
      expect(found[k]).toBeCloseTo(value, 5);
    });
  });

  it("of the actor's loss does not reach the encoder, although the loss depends on it", () => {
    expect(Math.max(...differences("encoder", "actorLoss").map(Math.abs))).toBeGreaterThan(1e-2);
    expect([...losses().encoderOfActor].every((x) => x === 0)).toBe(true);
  });
});

describe("the losses", () => {
  it("of the encoder are those of the critics and the weighted divergence from the prior", () => {
    const { encoderLoss, criticLoss, kl } = losses();
    expect(kl[0]).toBeGreaterThan(0);
    expect(encoderLoss[0]).toBeCloseTo(criticLoss[0] + weights.klWeight * kl[0], 10);
  });

  it("scale the rewards of SAC, not those of contexts", () => {
    // With γ = 0 the targets are the scaled rewards: a shift d of all rewards moves both ½ (Q − y)² by ½ (2 d)² and a
    // part that is linear in d.
    const d = 0.5;
    const at = (shift: number) => losses({ returns: feeds.returns.map((r) => r + shift) }).criticLoss[0];
    const curvature = (at(d) + at(-d)) / 2 - at(0);
    expect(curvature).toBeCloseTo((weights.rewardScale * d) ** 2, 9);
    const other = losses({ contextRewards: feeds.contextRewards.map((r) => r + 1) });
    expect(other.kl[0]).not.toBeCloseTo(losses().kl[0], 3);
  });

  it("do not depend on the order of a context, but on which task it is of", () => {
    const rowsOf = (name: string) => feeds[name].length / context;
    const moved = (map: (row: number) => number) =>
      losses(
        Object.fromEntries(
          Object.keys(feeds)
            .filter((name) => name.startsWith("context"))
            .map((name) => {
              const w = rowsOf(name);
              return [name, feeds[name].map((_, k) => feeds[name][map(Math.floor(k / w)) * w + (k % w)])];
            }),
        ),
      );
    const within = moved((row) => row - (row % CONTEXT) + ((row + 1) % CONTEXT));
    expect(within.criticLoss[0]).toBeCloseTo(losses().criticLoss[0], 10);
    expect(within.kl[0]).toBeCloseTo(losses().kl[0], 10);
    const swapped = moved((row) => (row + CONTEXT) % context);
    expect(swapped.criticLoss[0]).not.toBeCloseTo(losses().criticLoss[0], 3);
    expect(swapped.kl[0]).toBeCloseTo(losses().kl[0], 10);
  });
});
