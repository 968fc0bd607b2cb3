/** @file Conservative Q-learning: the penalty against hand values, and against the integral that it estimates. */

import { describe, expect, it } from "vitest";
import { exactPenalty, sampledPenalty } from "../../../algorithms/offline/cql.js";
import { sacNetworks } from "../../../algorithms/rl/sac/losses.js";
import { createRng } from "../../../src/random/rng.js";
import { box, discrete } from "../../../src/spaces/index.js";
import * as t from "../../../src/tensor/index.js";

const observationSpace = box([2], -1, 1);
const linearNetworks = { hidden: [], activation: "relu" as const };
const ROWS = 2;

/** x W + b for a linear network with one output. */
const linear = (parameters: ArrayLike<number>, at: number, x: readonly number[]) =>
  x.reduce((sum, xi, i) => sum + xi * parameters[at + i], parameters[at + x.length]);
const logSumExp = (x: readonly number[]) => Math.log(x.reduce((sum, value) => sum + Math.exp(value), 0));

describe("the penalty of cql for discrete actions", () => {
  it("is Σ_j E[log Σ_a exp Q_j(s, a) − Q_j(s, a of the data)], 2 log n where all values are equal", () => {
    const networks = sacNetworks({ observationSpace, actionSpace: discrete(3) }, linearNetworks);
    const { size } = networks.critics.layout;
    const program = t.program(
      { critics: t.float32([size]), observations: t.float32([ROWS, 2]), actions: t.int32([ROWS]) },
      ({ critics, observations, actions }) => ({
        penalty: exactPenalty(networks, networks.critics.layout.unflatten(critics), {
          observations,
          actions,
        }),
      }),
    );
    const observations = [0.5, -1, 0.2, 0.3];
    const actions = Int32Array.of(2, 0);
    const equal = program.interpret({ critics: new Float64Array(size), observations, actions });
    expect(equal.penalty[0]).toBeCloseTo(2 * Math.log(3), 12);

    const rng = createRng("cql");
    const critics = Float64Array.from({ length: size }, () => rng.normal());
    let expected = 0;
    for (const from of [0, size / 2]) {
      for (let i = 0; i < ROWS; i++) {
        const q = [0, 1, 2].map(
          (a) =>
            observations[2 * i] * critics[from + a] +
            observations[2 * i + 1] * critics[from + 3 + a] +
            critics[from + 6 + a],
        );
        expected += (logSumExp(q) - q[actions[i]]) / ROWS;
      }
    }
    expect(program.interpret({ critics, observations, actions }).penalty[0]).toBeCloseTo(expected, 9);
  });
});

describe("the penalty of cql for actions in a box", () => {
  const actionSpace = box([1], 0, 4);
  const networks = sacNetworks({ observationSpace, actionSpace }, linearNetworks);
  const { actor, critics } = networks;

  const penalty = (samples: number, feeds: Record<string, ArrayLike<number>>) => {
    const many = t.float32([samples * ROWS, 1]);
    const program = t.program(
      {
        actor: t.float32([actor.layout.size]),
        critics: t.float32([critics.layout.size]),
        observations: t.float32([ROWS, 2]),
        nextObservations: t.float32([ROWS, 2]),
        actions: t.float32([ROWS, 1]),
        noise: many,
        nextNoise: many,
        uniforms: many,
      },
      ({ noise, nextNoise, uniforms, ...given }) => {
        const trees = {
          actor: actor.layout.unflatten(given.actor),
          critics: critics.layout.unflatten(given.critics),
        };
        const batch = {
          observations: given.observations,
          nextObservations: given.nextObservations,
          actions: given.actions,
        };
        return { penalty: sampledPenalty(networks, trees, batch, { noise, nextNoise, uniforms }) };
      },
    );
    return program.interpret(feeds as Record<string, Float64Array>).penalty[0];
  };
  const rng = createRng("cql box");
  const random = (length: number, scale = 1) => Float64Array.from({ length }, () => scale * rng.normal());
  const uniform = (length: number) => Float64Array.from({ length }, () => rng.uniform());
  const given = {
    actor: random(actor.layout.size, 0.4),
    critics: random(critics.layout.size),
    observations: random(ROWS * 2),
    nextObservations: random(ROWS * 2),
    actions: Float64Array.of(1, 3.5),
  };

  /** The Gaussian of the policy before it is squashed: mean and log deviation. */
  const gaussian = (o: readonly number[]) =>
    [0, 1].map((k) => o[0] * given.actor[k] + o[1] * given.actor[2 + k] + given.actor[4 + k]);
  const seen = (x: Float64Array, i: number) => [x[2 * i], x[2 * i + 1]];

  it("has random actions, and the policy's in s and in s′, each divided by its density", () => {
    const samples = 2;
    const [noise, nextNoise, uniforms] = [random(4), random(4), uniform(4)];
    let expected = 0;
    for (const from of [0, 4]) {
      for (let i = 0; i < ROWS; i++) {
        const o = seen(given.observations, i);
        const q = (unit: number) => linear(given.critics, from, [...o, unit]);
        const terms: number[] = [];
        for (let k = 0; k < samples; k++) {
          const at = k * ROWS + i;
          terms.push(q(2 * uniforms[at] - 1) - Math.log(0.5));
          for (const [row, z] of [
            [o, noise[at]],
            [seen(given.nextObservations, i), nextNoise[at]],
          ] as const) {
            const [mean, logStd] = gaussian(row);
            const unit = Math.tanh(mean + Math.exp(logStd) * z);
            const logDensity = -(z ** 2) / 2 - logStd - Math.log(2 * Math.PI) / 2 - Math.log(1 - unit ** 2);
            terms.push(q(unit) - logDensity);
          }
        }
        const data = q((given.actions[i] - 2) / 2);
        expected += (logSumExp(terms) - Math.log(3 * samples) - data) / ROWS;
      }
    }
    expect(penalty(samples, { ...given, noise, nextNoise, uniforms })).toBeCloseTo(expected, 8);
  });

  it("estimates the integral of exp Q over the actions scaled to [−1, 1]", () => {
    const samples = 4000;
    const many = samples * ROWS;
    const found = penalty(samples, {
      ...given,
      noise: random(many),
      nextNoise: random(many),
      uniforms: uniform(many),
    });
    let expected = 0;
    for (const from of [0, 4]) {
      for (let i = 0; i < ROWS; i++) {
        const o = seen(given.observations, i);
        const slope = given.critics[from + 2];
        const base = linear(given.critics, from, [...o, 0]);
        // ∫ exp(b + w u) du over [−1, 1].
        const log = base + Math.log((Math.exp(slope) - Math.exp(-slope)) / slope);
        expected += (log - (base + (slope * (given.actions[i] - 2)) / 2)) / ROWS;
      }
    }
    expect(found).toBeCloseTo(expected, 1);
  });
});
