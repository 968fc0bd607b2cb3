/** @file TD3 in parts: target, losses and gradients, delayed updates; acting and resumption. */

import { describe, expect, it } from "vitest";
import { td3 } from "../../../algorithms/index.js";
import {
  type Td3Batch,
  type Td3Parameters,
  type Td3States,
  td3Networks,
  td3Terms,
  td3Trainer,
} from "../../../algorithms/rl/td3/losses.js";
import { td3Schema } from "../../../algorithms/rl/td3.js";
import type { Environment, Problem } from "../../../src/env/contracts.js";
import { problemOf } from "../../../src/env/problem.js";
import { loadPolicy, savePolicy } from "../../../src/policies/index.js";
import { createRng } from "../../../src/random/rng.js";
import { box, discrete, type Space } from "../../../src/spaces/index.js";
import * as t from "../../../src/tensor/index.js";
import "../../../envs/index.js";
import { constantReward } from "../../support/environments.js";
import { expectResumption } from "../../support/imitation.js";

const ROWS = 4;
const observationSpace = box([2], -1, 1);
const actionSpace = box([2], [-1, 0], [1, 6]);
const noise = { targetNoise: 0.5, noiseClip: 0.6 };

/** Linear networks, random numbers for everything, and the terms on them in double precision. */
function setup(hidden: number[] = []) {
  const networks = td3Networks(
    { observationSpace, actionSpace },
    { hidden, activation: "tanh", explorationNoise: 0.1 },
  );
  const { actor, critics } = networks;
  const rng = createRng("td3 losses");
  const random = (length: number, scale = 1) => Float64Array.from({ length }, () => scale * rng.normal());
  const feeds: Record<string, Float64Array> = {
    actor: random(actor.layout.size, 0.5),
    critics: random(critics.layout.size),
    targetActor: random(actor.layout.size, 0.7),
    targetCritics: random(critics.layout.size),
    observations: random(ROWS * 2),
    actions: Float64Array.from({ length: ROWS * 2 }, (_, i) =>
      i % 2 ? 6 * rng.uniform() : 2 * rng.uniform() - 1,
    ),
    returns: random(ROWS),
    nextObservations: random(ROWS * 2),
    discounts: Float64Array.of(0.9, 0, 0.81, 0.9),
    // Below the clip of 0.6 / 0.5, above it, and below its negative.
    noise: Float64Array.of(0.3, -0.4, 3, 0.1, -3, 5, 0.7, -5),
  };
  const pairs = t.float32([ROWS, 2]);
  const column = t.float32([ROWS]);
  const program = t.program(
    {
      actor: t.float32([actor.layout.size]),
      critics: t.float32([critics.layout.size]),
      targetActor: t.float32([actor.layout.size]),
      targetCritics: t.float32([critics.layout.size]),
      observations: pairs,
      actions: pairs,
      returns: column,
      nextObservations: pairs,
      discounts: column,
      noise: pairs,
    },
    (given) => {
      const trees: Td3Parameters = {
        parameters: {
          actor: actor.layout.unflatten(given.actor),
          critics: critics.layout.unflatten(given.critics),
        },
        targets: {
          actor: actor.layout.unflatten(given.targetActor),
          critics: critics.layout.unflatten(given.targetCritics),
        },
      };
      const terms = td3Terms(networks, trees, given as unknown as Td3Batch, noise);
      return {
        ...terms,
        actorGradient: actor.layout.gradient(t.mean(terms.value), trees.parameters.actor),
        criticGradient: critics.layout.gradient(terms.criticLoss, trees.parameters.critics),
      };
    },
  );
  const terms = (changes: typeof feeds = {}) => program.interpret({ ...feeds, ...changes });
  return { networks, feeds, terms };
}

const row = (x: ArrayLike<number>, i: number) => [x[2 * i], x[2 * i + 1]];

/** x W + b for a linear network whose parameters start at `at`: W `[inputs, outputs]`, then b. */
const linear = (parameters: ArrayLike<number>, at: number, x: number[], outputs: number): number[] =>
  Array.from({ length: outputs }, (_, o) =>
    x.reduce(
      (sum, xi, i) => sum + xi * parameters[at + i * outputs + o],
      parameters[at + x.length * outputs + o],
    ),
  );

const clip = (x: number, most: number) => Math.max(-most, Math.min(most, x));

describe("the target", () => {
  it("is R + γ^m min Q̄(s′, ã), with clipped noise on the target policy's action, which stays in the bounds", () => {
    const { feeds, terms } = setup();
    const { target } = terms();
    let beyond = 0;
    for (let i = 0; i < ROWS; i++) {
      const next = row(feeds.nextObservations, i);
      const moved = linear(feeds.targetActor, 0, next, 2).map(
        (out, d) => Math.tanh(out) + clip(0.5 * row(feeds.noise, i)[d], 0.6),
      );
      const unit = moved.map((u) => clip(u, 1));
      beyond += moved.filter((u) => Math.abs(u) > 1).length;
      const value = Math.min(
        ...[0, 5].map((at) => linear(feeds.targetCritics, at, [...next, ...unit], 1)[0]),
      );
      expect(target[i]).toBeCloseTo(feeds.returns[i] + feeds.discounts[i] * value, 9);
    }
    expect(beyond).toBeGreaterThan(0);
    expect(target[1]).toBeCloseTo(feeds.returns[1], 12);
  });
});

describe("the losses", () => {
  it("have the first critic's value of the policy's action, in the units of the box", () => {
    const { feeds, terms } = setup();
    const { action, value } = terms();
    for (let i = 0; i < ROWS; i++) {
      const observation = row(feeds.observations, i);
      const unit = linear(feeds.actor, 0, observation, 2).map(Math.tanh);
      expect(row(action, i)).toEqual([unit[0], 3 + 3 * unit[1]].map((x) => expect.closeTo(x, 9)));
      expect(value[i]).toBeCloseTo(linear(feeds.critics, 0, [...observation, ...unit], 1)[0], 9);
    }
  });

  it("have the gradients of finite differences", () => {
    const { feeds, terms } = setup([3]);
    const mean = (x: ArrayLike<number>) => Array.from(x).reduce((a, b) => a + b) / x.length;
    const parts = [
      ["actor", (found: ReturnType<typeof terms>) => mean(found.value), "actorGradient"],
      ["critics", (found: ReturnType<typeof terms>) => found.criticLoss[0], "criticGradient"],
    ] as const;
    for (const [input, loss, gradient] of parts) {
      const found = terms()[gradient];
      const step = 1e-5;
      const expected = Array.from(feeds[input], (_, k) => {
        const at = (shift: number) =>
          loss(terms({ [input]: feeds[input].map((x, j) => (j === k ? x + shift : x)) }));
        return (at(step) - at(-step)) / (2 * step);
      });
      expect(Math.max(...expected.map(Math.abs))).toBeGreaterThan(1e-3);
      expect(Array.from(found)).toEqual(expected.map((x) => expect.closeTo(x, 6)));
    }
  });
});

describe("a training", () => {
  it("moves the critics in every step, and the policy and both targets in every policyDelay-th", async () => {
    const options = td3Schema.parse({ hidden: [4], minibatchSize: ROWS, policyDelay: 3, tau: 0.25 });
    const networks = td3Networks({ observationSpace, actionSpace }, options);
    const trainer = td3Trainer(networks, options, { steps: 1 });
    const rng = createRng("delay");
    const state: Td3States = trainer.initialise(rng);
    const feeds = () => ({
      observations: rng.fillNormal(new Float32Array(ROWS * 2)),
      actions: rng.fillUniform(new Float32Array(ROWS * 2)),
      returns: rng.fillNormal(new Float32Array(ROWS)),
      nextObservations: rng.fillNormal(new Float32Array(ROWS * 2)),
      discounts: new Float32Array(ROWS).fill(0.99),
      uniforms: rng.fillUniform(new Float32Array(ROWS * 4)),
    });
    const vectors = () =>
      [
        state.critics.parameters,
        state.actor.parameters,
        state.actor.slots[0],
        state.actor.targets!,
        state.critics.targets!,
      ].map((x) => x.slice());
    const moves: boolean[][] = [];
    for (let step = 0; step < 6; step++) {
      const before = vectors();
      await trainer.run(state, feeds());
      moves.push(vectors().map((x, k) => x.some((value, i) => value !== before[k][i])));
    }
    const early = [true, false, false, false, false];
    const due = [true, true, true, true, true];
    expect(moves).toEqual([early, early, due, early, early, due]);
    expect(state.actor.steps).toBe(6);
  });
});

/** Reward 1 at every step; every fifth terminates, or is cut by a time limit. */
function endless({ isEnd }: { isEnd: boolean }): Environment {
  const base = constantReward({ limit: 5 });
  return {
    ...base,
    actionSpace: box([1], -1, 1),
    step() {
      const step = base.step(0);
      return isEnd ? { ...step, terminated: step.truncated, truncated: false } : step;
    },
  };
}

describe("td3", () => {
  const small = { hidden: [8], minibatchSize: 16, learningStarts: 32, trainEvery: 16, replaySize: 100 };

  it("refuses actions without bounds, and others than those in a box", async () => {
    const problem = (space: Space) => ({ id: "Odd", observationSpace, actionSpace: space }) as Problem;
    await expect(td3().init(problem(discrete(3)), createRng(0))).rejects.toThrow(
      /td3 needs actions in a bounded box, not Discrete\(3\); use dqn or sac/,
    );
    await expect(td3().init(problem(box([1], 0, Infinity)), createRng(0))).rejects.toThrow(
      /td3 needs a lower and a higher upper bound .* entry 0 is in \[0, Infinity\]; .*use ppo/,
    );
    expect(() => td3({ explorationNoise: 0 })).toThrow(/option "explorationNoise" is 0/);
  });

  it("explores around its mode with the deviation of explorationNoise, within the bounds", async () => {
    const problem = await problemOf("Pendulum-v1");
    const algorithm = td3({ ...small, explorationNoise: 0.25 });
    const policy = algorithm.policy(await algorithm.init(problem, createRng(0)));
    const rows = 4000;
    const observations = new Float32Array(3 * rows);
    const [mode] = (await policy.act(new Float32Array(3), { deterministic: true })).actions;
    const { actions, unclipped } = await policy.act(observations, { rng: createRng(1) });
    const deviation = Math.sqrt(unclipped!.reduce((sum, a) => sum + (a - mode) ** 2, 0) / rows);
    // A quarter of the half-width 2.
    expect(deviation).toBeCloseTo(0.5, 1);
    expect(Math.max(...Array.from(actions, Math.abs))).toBeLessThanOrEqual(2);
    const loaded = loadPolicy(savePolicy(policy));
    expect((await loaded.act(new Float32Array(3), { deterministic: true })).actions[0]).toBe(mode);
  });

  it("bootstraps at a time limit, and not at a terminal state", async () => {
    const options = { ...small, discount: 0.9, hidden: [], tau: 0.5, learningRate: 0.1 };
    const value = async (isEnd: boolean) => {
      const problem = await problemOf(() => endless({ isEnd }));
      const algorithm = td3(options);
      const state = await algorithm.init(problem, createRng(0));
      while (state.steps < 640) await algorithm.update(state);
      const { critics } = td3Networks(problem, td3Schema.parse(options));
      const program = t.program({ critics: t.float32([critics.layout.size]) }, (given) => {
        const trees = critics.layout.unflatten(given.critics);
        return { first: critics.values(trees, t.zeros([1, 1]), t.zeros([1, 1]))[0] };
      });
      return program.interpret({ critics: state.networks.critics.parameters }).first[0];
    };
    // Q = 1 + 0.9 Q, and where every fifth step terminates Q = 1 + 0.9 · 4/5 Q.
    expect(Math.abs((await value(false)) - 10)).toBeLessThan(1);
    expect(Math.abs((await value(true)) - 1 / 0.28)).toBeLessThan(0.5);
  });

  it("resumes from a snapshot bit for bit", async () => {
    await expectResumption("Pendulum-v1", td3({ ...small, environments: 2, nStep: 3 }));
  });
});
