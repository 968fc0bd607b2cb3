/** @file DQN in parts: target, loss and gradient, several steps in one program; acting, schedules and resumption. */

import { describe, expect, it } from "vitest";
import { dqn } from "../../../algorithms/index.js";
import { type DqnBatch, dqnTerms, dqnTrainer, huber, targetMoves } from "../../../algorithms/rl/dqn/loss.js";
import { type DqnOptions, dqnSchema } from "../../../algorithms/rl/dqn.js";
import type { Environment, Problem } from "../../../src/env/contracts.js";
import { problemOf } from "../../../src/env/problem.js";
import type { Trainer, TrainState } from "../../../src/learning/trainer.js";
import { qNetwork } from "../../../src/policies/index.js";
import { createRng } from "../../../src/random/rng.js";
import { box, discrete } from "../../../src/spaces/index.js";
import { restore, snapshot } from "../../../src/state/snapshot.js";
import * as t from "../../../src/tensor/index.js";
import "../../../envs/index.js";
import { constantReward } from "../../support/environments.js";

const ROWS = 5;
const ACTIONS = 3;
const observationSpace = box([2], -1, 1);
const actionSpace = discrete(ACTIONS);

interface Setup {
  hidden?: number[];
  duelling?: boolean;
  double?: boolean;
  weighted?: boolean;
  huberThreshold?: number;
}

/** A network of one shape, random numbers for everything, and the terms of the loss on them in double precision. */
function setup({
  hidden = [],
  duelling = false,
  double = true,
  weighted = false,
  huberThreshold = 1,
}: Setup) {
  const network = qNetwork({ observationSpace, actionSpace, hidden, activation: "tanh", duelling });
  const { layout } = network;
  const rng = createRng("dqn terms");
  const random = (length: number) => Float64Array.from({ length }, () => rng.normal());
  const feeds: Record<string, Float64Array | Int32Array> = {
    parameters: random(layout.size),
    targets: random(layout.size),
    observations: random(2 * ROWS),
    actions: Int32Array.of(0, 2, 1, 2, 0),
    returns: random(ROWS),
    nextObservations: random(2 * ROWS),
    discounts: Float64Array.of(0.9, 0, 0.81, 0.9, 0.9),
    ...(weighted ? { weights: Float64Array.of(1, 0.5, 0.1, 0.7, 0.3) } : {}),
  };
  const column = t.float32([ROWS]);
  const shapes: Record<string, t.InputSpec> = {
    parameters: t.float32([layout.size]),
    targets: t.float32([layout.size]),
    observations: t.float32([ROWS, 2]),
    actions: t.int32([ROWS]),
    returns: column,
    nextObservations: t.float32([ROWS, 2]),
    discounts: column,
    ...(weighted ? { weights: column } : {}),
  };
  const program = t.program(shapes, (given) => {
    const p = layout.unflatten(given.parameters);
    const targets = layout.unflatten(given.targets);
    const batch = given as unknown as DqnBatch;
    const terms = dqnTerms(network, p, targets, batch, { double, huberThreshold });
    return { ...terms, gradient: layout.gradient(terms.loss, p) };
  });
  const terms = (changes: typeof feeds = {}) => program.interpret({ ...feeds, ...changes });
  return { feeds, terms };
}

/** Q(s, ·) of a linear network, x W + b, for row i. */
function linear(parameters: ArrayLike<number>, observations: ArrayLike<number>, i: number): number[] {
  return Array.from(
    { length: ACTIONS },
    (_, a) =>
      observations[2 * i] * parameters[a] +
      observations[2 * i + 1] * parameters[ACTIONS + a] +
      parameters[2 * ACTIONS + a],
  );
}

const argmax = (values: number[]) => values.indexOf(Math.max(...values));

describe("the target", () => {
  it("takes the target network's maximum without double Q-learning", () => {
    const { feeds, terms } = setup({ double: false });
    const { target, value, error } = terms();
    for (let i = 0; i < ROWS; i++) {
      const next = linear(feeds.targets, feeds.nextObservations, i);
      expect(target[i]).toBeCloseTo(feeds.returns[i] + feeds.discounts[i] * Math.max(...next), 9);
      expect(value[i]).toBeCloseTo(linear(feeds.parameters, feeds.observations, i)[feeds.actions[i]], 9);
      expect(error[i]).toBeCloseTo(target[i] - value[i], 9);
    }
    expect(target[1]).toBe(feeds.returns[1]);
  });

  it("with double Q-learning, selects with the online network and evaluates with the target network", () => {
    const { feeds, terms } = setup({ double: true });
    const { target } = terms();
    let different = 0;
    for (let i = 0; i < ROWS; i++) {
      const next = linear(feeds.targets, feeds.nextObservations, i);
      const choice = argmax(linear(feeds.parameters, feeds.nextObservations, i));
      expect(target[i]).toBeCloseTo(feeds.returns[i] + feeds.discounts[i] * next[choice], 9);
      if (choice !== argmax(next)) different++;
    }
    // Else the two kinds of target would be the same here.
    expect(different).toBeGreaterThan(0);
  });
});

describe("the Huber loss", () => {
  it.each([1, 2.5])("is e² / 2 for errors up to %s, and linear beyond", (threshold) => {
    const errors = Float64Array.of(-7, -threshold, -0.6, 0, 0.3, 1, threshold, 4);
    const program = t.program({ errors: t.float32([errors.length]) }, ({ errors }) => {
      const losses = huber(errors, threshold);
      return { losses, slopes: t.grad(t.sum(losses), [errors])[0] };
    });
    const { losses, slopes } = program.interpret({ errors });
    errors.forEach((e, i) => {
      const size = Math.abs(e);
      const expected = size <= threshold ? (e * e) / 2 : threshold * (size - threshold / 2);
      expect(losses[i]).toBeCloseTo(expected, 9);
      // Where the two pieces meet they have the same slope.
      expect(slopes[i]).toBeCloseTo(Math.sign(e) * Math.min(size, threshold), 9);
    });
  });

  it("of the errors is minimised, weighted if there are weights", () => {
    const { feeds, terms } = setup({ weighted: true, huberThreshold: 0.8 });
    const { loss, error } = terms();
    const expected = error.reduce((sum, e, i) => {
      const size = Math.abs(e);
      return sum + feeds.weights[i] * (size <= 0.8 ? (e * e) / 2 : 0.8 * (size - 0.4));
    }, 0);
    expect(loss[0]).toBeCloseTo(expected / ROWS, 9);
    expect(error.some((e) => Math.abs(e) > 0.8) && error.some((e) => Math.abs(e) < 0.8)).toBe(true);
  });
});

describe.each([
  { duelling: false, double: true, weighted: false },
  { duelling: false, double: false, weighted: true },
  { duelling: true, double: true, weighted: true },
])("the gradient with %o", (options) => {
  it("equals finite differences, and does not flow through the target", () => {
    const { feeds, terms } = setup({ hidden: [3], ...options });
    const { gradient } = terms();
    const step = 1e-5;
    gradient.forEach((found, k) => {
      const at = (shift: number) => {
        const parameters = Float64Array.from(feeds.parameters, (x, j) => (j === k ? x + shift : x));
        return terms({ parameters });
      };
      const [above, below] = [at(step), at(-step)];
      expect(above.target).toEqual(below.target);
      expect(found).toBeCloseTo((above.loss[0] - below.loss[0]) / (2 * step), 6);
    });
    expect(Math.max(...gradient.map(Math.abs))).toBeGreaterThan(1e-3);
  });
});

describe("a training program", () => {
  const STEPS = 6;
  const network = qNetwork({
    observationSpace,
    actionSpace,
    hidden: [4],
    activation: "relu",
    duelling: false,
  });
  const { layout } = network;
  const options = (changes: DqnOptions) => dqnSchema.parse({ minibatchSize: ROWS, ...changes });
  const start = (): TrainState => ({
    parameters: layout.initialise(createRng("network")),
    slots: [new Float32Array(layout.size), new Float32Array(layout.size)],
    targets: layout.initialise(createRng("target")),
    steps: 0,
  });
  const rng = createRng("minibatches");
  const minibatches: Record<string, Float32Array | Int32Array> = {
    observations: rng.fillNormal(new Float32Array(STEPS * ROWS * 2)),
    actions: Int32Array.from({ length: STEPS * ROWS }, () => rng.integer(ACTIONS)),
    returns: rng.fillNormal(new Float32Array(STEPS * ROWS)).map((r) => 10 * r),
    nextObservations: rng.fillNormal(new Float32Array(STEPS * ROWS * 2)),
    discounts: new Float32Array(STEPS * ROWS).fill(0.99),
  };
  /** `count` steps after `from` others. `moves` says after which the target is moved. */
  async function run(trainer: Trainer, state: TrainState, from: number, moves?: number[], extra = {}) {
    const count = moves?.length ?? 1;
    const part = Object.entries(minibatches).map(([name, x]) => {
      const size = x.length / STEPS;
      return [name, x.slice(from * size, (from + count) * size)];
    });
    const { means, last } = await trainer.run(state, {
      ...Object.fromEntries(part),
      learningRate: 0.01,
      ...(moves ? { targetMoves: Uint8Array.from(moves) } : {}),
      ...extra,
    });
    return { state, means, errors: last.errors as Float32Array };
  }

  it("copies the target network at multiples of targetEvery, counted over the run", () => {
    expect([...targetMoves(0, 6, 3)]).toEqual([0, 0, 1, 0, 0, 1]);
    expect([...targetMoves(4, 3, 5)]).toEqual([1, 0, 0]);
    expect([...targetMoves(10, 2, 100)]).toEqual([0, 0]);
  });

  it("of several gradient steps equals the single steps in sequence, target copies included", async () => {
    const moves = [0, 0, 1, 0, 0, 1];
    const whole = dqnTrainer(network, options({ targetEvery: 3 }), STEPS);
    const { state: once } = await run(whole, start(), 0, moves);
    const single = dqnTrainer(network, options({ targetEvery: 3 }), 1);
    const state = start();
    for (let k = 0; k < STEPS; k++) {
      const before = { ...state };
      await run(single, state, k, [moves[k]]);
      expect(state.parameters).not.toEqual(before.parameters);
      expect(state.targets).toEqual(moves[k] ? state.parameters : before.targets);
    }
    const vectors = ({ parameters, slots, targets }: TrainState) => [parameters, ...slots, targets!];
    for (const [k, vector] of vectors(state).entries()) {
      const difference = vector.map((x, i) => Math.abs(x - vectors(once)[k][i]));
      expect(Math.max(...difference), `vector ${k}`).toBeLessThan(1e-4);
    }
    expect([state.steps, once.steps]).toEqual([STEPS, STEPS]);
  });

  it("moves the target by the fraction tau in every step with Polyak averaging", async () => {
    const trainer = dqnTrainer(network, options({ targetEvery: 1, tau: 0.25 }), 1);
    const { targets } = start();
    const { state: after } = await run(trainer, start(), 0);
    after.targets!.forEach((value, i) => {
      expect(value).toBeCloseTo(targets![i] + 0.25 * (after.parameters[i] - targets![i]), 5);
    });
  });

  it("clips gradients longer than maxGradientNorm", async () => {
    const gradient = async (maxGradientNorm: number) => {
      const trainer = dqnTrainer(network, options({ targetEvery: 1, maxGradientNorm }), 1);
      // After one step Adam's first vector is the gradient.
      return (await run(trainer, start(), 0)).state.slots[0];
    };
    const whole = await gradient(1e6);
    const length = Math.hypot(...whole);
    const cut = await gradient(length / 4);
    whole.forEach((g, i) => {
      expect(cut[i]).toBeCloseTo(g / 4, 4);
    });
  });

  it("returns unweighted errors of a prioritised step, and weights them in the loss", async () => {
    const prioritised = dqnTrainer(network, options({ targetEvery: 1, prioritised: true }), 1);
    const plain = dqnTrainer(network, options({ targetEvery: 1 }), 1);
    const weigh = (weight: number) =>
      run(prioritised, start(), 0, undefined, { weights: new Float32Array(ROWS).fill(weight) });
    const [one, half, unweighted] = [await weigh(1), await weigh(0.5), await run(plain, start(), 0)];
    expect(one.errors).toHaveLength(ROWS);
    expect(one.errors).toEqual(half.errors);
    expect(one.means.error).toBeCloseTo(one.errors.reduce((sum, e) => sum + Math.abs(e), 0) / ROWS, 4);
    expect(one.means.loss).toBeCloseTo(unweighted.means.loss, 5);
    expect(half.means.loss).toBeCloseTo(unweighted.means.loss / 2, 5);
  });
});

/** Reward 1 for one step, after which the episode terminates. */
const oneStep = (): Environment => {
  const environment = constantReward({ limit: 1 });
  return { ...environment, step: (a) => ({ ...environment.step(a), terminated: true, truncated: false }) };
};

describe("dqn", () => {
  const small: DqnOptions = {
    hidden: [8],
    minibatchSize: 16,
    learningStarts: 32,
    trainEvery: 16,
    gradientSteps: 4,
    replaySize: 100,
    exploration: { from: 1, to: 0.1, steps: 100 },
    targetEvery: 3,
  };

  it("refuses actions that are not discrete, and step counts that do not divide", async () => {
    const problem = { id: "Odd", observationSpace, actionSpace: box([1], 0, 1) } as unknown as Problem;
    await expect(dqn().init(problem, createRng(0))).rejects.toThrow(/needs discrete actions; those of/);
    expect(() => dqn({ environments: 3, trainEvery: 64 })).toThrow(
      /dqn: trainEvery 64 is not a multiple of environments 3/,
    );
    expect(() => dqn({ dueling: true } as object)).toThrow(
      /unknown option "dueling"; did you mean "duelling"/,
    );
    expect(() => dqn({ exploration: 2 })).toThrow(/option "exploration"/);
  });

  it("acts at random until learning starts, then by the exploration schedule, and learns every trainEvery steps", async () => {
    const problem = await problemOf("CartPole-v1");
    const algorithm = dqn({ ...small, environments: 2, gradientSteps: 3 });
    const state = await algorithm.init(problem, createRng(0));
    const untouched = state.network.parameters.slice();
    const first = await algorithm.update(state);
    expect(first).toMatchObject({ steps: 16, exploration: 1 });
    expect(first).not.toHaveProperty("loss");
    expect(state.network.parameters).toEqual(untouched);
    for (const steps of [32, 48, 64, 80, 96, 112, 128]) {
      const metrics = await algorithm.update(state);
      expect(metrics.steps).toBe(steps);
      expect(metrics.exploration).toBeCloseTo(1 - 0.9 * Math.min(1, steps / 100), 12);
    }
    expect(state.network.steps).toBe(7 * 3);
    expect(state.replay.size).toBe(100);
    expect(state.live.policy.exploration).toBe(0.1);
    expect((await algorithm.policy(state).probabilities?.(new Float32Array(4)))?.includes(1)).toBe(true);
  });

  it("copies the network to its target after every targetEvery gradient steps", async () => {
    const problem = await problemOf("CartPole-v1");
    for (const prioritised of [false, true]) {
      const algorithm = dqn({ ...small, prioritised, learningStarts: 1, gradientSteps: 2, targetEvery: 4 });
      const state = await algorithm.init(problem, createRng(0));
      for (let training = 1; training <= 4; training++) {
        const before = { ...state.network };
        await algorithm.update(state);
        const { parameters, targets } = state.network;
        expect(targets).toEqual(training % 2 === 0 ? parameters : before.targets);
        expect(parameters).not.toEqual(before.parameters);
      }
    }
  });

  it("has a replay, and no density of its policy", () => {
    expect(dqn().abilities).toEqual({ density: false, replay: true, soft: false });
  });

  it("moves its target by tau after every gradient step where targetEvery is 1", async () => {
    const problem = await problemOf("CartPole-v1");
    const algorithm = dqn({ ...small, learningStarts: 1, gradientSteps: 1, targetEvery: 1, tau: 0.25 });
    const state = await algorithm.init(problem, createRng(0));
    const before = state.network.targets!;
    await algorithm.update(state);
    const { parameters, targets } = state.network;
    for (const [i, x] of targets!.entries())
      expect(x).toBeCloseTo(before[i] + 0.25 * (parameters[i] - before[i]), 6);
  });

  it("learns at the scheduled rate: parameters stay constant when a schedule has reached 1e-12", async () => {
    const problem = await problemOf("CartPole-v1");
    const learningRate = { from: 0.1, to: 1e-12, steps: 64 };
    const algorithm = dqn({ ...small, learningRate, learningStarts: 1 });
    const state = await algorithm.init(problem, createRng(0));
    const moved = [];
    for (let training = 0; training < 5; training++) {
      const before = state.network.parameters;
      await algorithm.update(state);
      moved.push(Math.max(...state.network.parameters.map((x, i) => Math.abs(x - before[i]))));
    }
    expect(moved[0]).toBeGreaterThan(0.05);
    expect(moved[4]).toBeLessThan(1e-6);
  });

  describe.each([{ nStep: 1 }, { nStep: 3 }, { nStep: 2, prioritised: true }])("with %o", (options) => {
    const learnt = async (environment: () => Environment) => {
      const algorithm = dqn({
        ...small,
        ...options,
        hidden: [],
        discount: 0.9,
        learningRate: { from: 0.2, to: 0.01, steps: 640 },
        trainEvery: 16,
        gradientSteps: 16,
      });
      const state = await algorithm.init(await problemOf(environment), createRng(0));
      while (state.steps < 640) await algorithm.update(state);
      return algorithm.policy(state).value!(new Float32Array(1));
    };

    it("bootstraps at a time limit: Q = r / (1 − γ) for a constant reward r", async () => {
      // With the cut taken for an end it would be 1 + 0.9 + … + 0.9⁴ = 4.1 at most.
      expect((await learnt(() => constantReward({ limit: 5 })))[0]).toBeCloseTo(10, 0);
    });

    it("does not bootstrap after termination", async () => {
      expect((await learnt(oneStep))[0]).toBeCloseTo(1, 1);
    });
  });

  it("reports returns as sums of raw rewards", async () => {
    const problem = await problemOf(() => constantReward({ limit: 5 }));
    const algorithm = dqn({ ...small, environments: 2, trainEvery: 20 });
    const state = await algorithm.init(problem, createRng(0));
    expect(await algorithm.update(state)).toMatchObject({ return: 5, episodes: 4, steps: 20 });
  });

  it("gives the same parameters for the same seed and different ones for another", async () => {
    const problem = await problemOf("CartPole-v1");
    const run = async (seed: number) => {
      const algorithm = dqn(small);
      const state = await algorithm.init(problem, createRng(seed));
      for (let i = 0; i < 4; i++) await algorithm.update(state);
      return state.network.parameters;
    };
    const first = await run(1);
    expect(await run(1)).toEqual(first);
    expect(await run(2)).not.toEqual(first);
  });

  it.each([
    {},
    { prioritised: true, duelling: true, nStep: 3, tau: 0.5 },
  ])("with %o resumes from a snapshot bit for bit: replay, priorities, environments, moments and streams", async (options) => {
    const problem = await problemOf("CartPole-v1");
    const algorithm = dqn({ ...small, ...options, environments: 2 });
    const whole = await algorithm.init(problem, createRng(3));
    for (let i = 0; i < 5; i++) await algorithm.update(whole);
    const saved = snapshot(whole);
    const resumed = await algorithm.init(problem, createRng("another"));
    restore(resumed, saved);
    // Eight more updates overwrite the whole replay.
    for (let i = 0; i < 8; i++)
      expect(await algorithm.update(resumed)).toEqual(await algorithm.update(whole));
    expect(snapshot(resumed)).toEqual(snapshot(whole));
  });
});
