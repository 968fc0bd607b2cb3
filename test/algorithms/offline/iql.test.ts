/** @file Implicit Q-learning: expectiles against their definition, weights and targets against hand values. */

import { describe, expect, it } from "vitest";
import { advantageWeights, expectileLoss, iqlNetworks, iqlTerms } from "../../../algorithms/offline/iql.js";
import type { TransitionTensors } from "../../../algorithms/shared/twin-critics.js";
import { createRng } from "../../../src/random/rng.js";
import { box, discrete } from "../../../src/spaces/index.js";
import * as t from "../../../src/tensor/index.js";

describe("the expectile loss", () => {
  const total = (points: readonly number[], m: number, expectile: number) =>
    t
      .program({ u: t.float32([points.length]) }, ({ u }) => ({ loss: t.sum(expectileLoss(u, expectile)) }))
      .interpret({ u: points.map((x) => x - m) }).loss[0];

  it("is smallest at the expectile, which for two points a < b is (1 − τ) a + τ b", () => {
    for (const expectile of [0.5, 0.7, 0.9]) {
      const least = (1 - expectile) * -1 + expectile * 3;
      for (const off of [-0.01, 0.01]) {
        expect(total([-1, 3], least + off, expectile)).toBeGreaterThan(total([-1, 3], least, expectile));
      }
    }
  });

  it("is smallest where τ E (x − m)⁺ = (1 − τ) E (m − x)⁺, on any points", () => {
    const rng = createRng("expectile");
    const points = Array.from({ length: 50 }, () => rng.normal());
    const expectile = 0.7;
    let [low, high] = [-5, 5];
    for (let k = 0; k < 60; k++) {
      const m = (low + high) / 2;
      const above = points.reduce((sum, x) => sum + Math.max(0, x - m), 0);
      const below = points.reduce((sum, x) => sum + Math.max(0, m - x), 0);
      if (expectile * above > (1 - expectile) * below) low = m;
      else high = m;
    }
    for (const off of [-0.01, 0.01]) {
      expect(total(points, low + off, expectile)).toBeGreaterThan(total(points, low, expectile));
    }
    expect(low).toBeGreaterThan(points.reduce((a, b) => a + b) / 50);
  });
});

describe("the weights of the cloning", () => {
  it("are exp(β A), clipped at the largest one, also where exp overflows", () => {
    const { weights } = t
      .program({ a: t.float32([5]) }, ({ a }) => ({ weights: advantageWeights(a, 3, 100) }))
      .interpret({ a: [0, 0.5, -1, 2, 1e6] });
    expect(Array.from(weights)).toEqual(
      [1, Math.exp(1.5), Math.exp(-3), 100, 100].map((x) => expect.closeTo(x, 6)),
    );
  });
});

const observationSpace = box([2], -1, 1);
const options = { expectile: 0.8, beta: 2, largestWeight: 5 };
const ROWS = 4;

/** The value x W + b of a linear network with parameters from `at` on. */
const linear = (parameters: ArrayLike<number>, at: number, x: readonly number[]) =>
  x.reduce((sum, xi, i) => sum + xi * parameters[at + i], parameters[at + x.length]);

describe("the losses of iql", () => {
  it("are those of the paper, for actions in a box", () => {
    const actionSpace = box([1], 0, 4);
    const networks = iqlNetworks({ observationSpace, actionSpace }, { hidden: [], activation: "relu" });
    const { actor, critics } = networks;
    const rng = createRng("iql");
    const random = (length: number) => Float64Array.from({ length }, () => rng.normal());
    const feeds = {
      actor: random(actor.layout.size),
      critics: random(critics.layout.size),
      targets: random(critics.layout.size),
      observations: random(ROWS * 2),
      actions: Float64Array.of(0.5, 1, 3, 3.9),
      returns: random(ROWS),
      nextObservations: random(ROWS * 2),
      discounts: Float64Array.of(0.9, 0, 0.9, 0.9),
    };
    const shape = {
      actor: t.float32([actor.layout.size]),
      critics: t.float32([critics.layout.size]),
      targets: t.float32([critics.layout.size]),
      observations: t.float32([ROWS, 2]),
      actions: t.float32([ROWS, 1]),
      returns: t.float32([ROWS]),
      nextObservations: t.float32([ROWS, 2]),
      discounts: t.float32([ROWS]),
    };
    const found = t
      .program(shape, (given) =>
        iqlTerms(
          networks,
          {
            actor: actor.layout.unflatten(given.actor),
            critics: critics.layout.unflatten(given.critics),
            targets: critics.layout.unflatten(given.targets),
          },
          given as unknown as TransitionTensors,
          options,
        ),
      )
      .interpret(feeds);
    const at = (name: string) => actor.layout.entries.find((entry) => entry.name === name)!.offset;
    const seen = (x: Float64Array, i: number) => [x[2 * i], x[2 * i + 1]];
    const value = (o: readonly number[]) => linear(feeds.actor, at("critic.output.weight"), o);
    const logStd = feeds.actor[at("head.logStd")];
    let [valueLoss, criticLoss, actorLoss] = [0, 0, 0];
    for (let i = 0; i < ROWS; i++) {
      const o = seen(feeds.observations, i);
      const unit = (feeds.actions[i] - 2) / 2;
      const q = [0, 4].map((from) => linear(feeds.targets, from, [...o, unit]));
      const advantage = Math.min(...q) - value(o);
      valueLoss += (advantage < 0 ? 0.2 : 0.8) * advantage ** 2;
      const target = feeds.returns[i] + feeds.discounts[i] * value(seen(feeds.nextObservations, i));
      expect(found.target[i]).toBeCloseTo(target, 9);
      for (const from of [0, 4]) criticLoss += (linear(feeds.critics, from, [...o, unit]) - target) ** 2 / 2;
      const mean = Math.tanh(linear(feeds.actor, at("actor.output.weight"), o));
      const z = (unit - mean) / Math.exp(logStd);
      const logDensity = -(z ** 2) / 2 - logStd - Math.log(2 * Math.PI) / 2;
      actorLoss -= Math.min(5, Math.exp(2 * advantage)) * logDensity;
    }
    expect(found.target[1]).toBeCloseTo(feeds.returns[1], 12);
    expect(found.valueLoss[0]).toBeCloseTo(valueLoss / ROWS, 8);
    expect(found.criticLoss[0]).toBeCloseTo(criticLoss / ROWS, 8);
    expect(found.actorLoss[0]).toBeCloseTo(actorLoss / ROWS, 6);
  });

  it("refuse actions that are neither discrete nor in a bounded box", () => {
    const plain = { hidden: [], activation: "relu" } as const;
    const made = (actionSpace: Parameters<typeof iqlNetworks>[0]["actionSpace"]) => () =>
      iqlNetworks({ observationSpace, actionSpace }, { ...plain, hidden: [] });
    expect(made(box([1], 0, Infinity))).toThrow(/iql needs a lower and a higher upper bound .*use bc/);
    expect(made({ kind: "multi-discrete", sizes: [2, 2] })).toThrow(/iql needs discrete actions .*use bc/);
    expect(made(discrete(2))).not.toThrow();
  });
});
