/** @file SAC in parts: target, losses and gradients, temperature, target networks; acting and resumption. */

import { describe, expect, it } from "vitest";
import { sac } from "../../../algorithms/index.js";
import {
  type SacBatch,
  type SacParameters,
  type SacStates,
  sacLosses,
  sacNetworks,
  sacTrainer,
  targetEntropyOf,
} from "../../../algorithms/rl/sac/losses.js";
import { sacSchema } from "../../../algorithms/rl/sac.js";
import type { Problem } from "../../../src/env/contracts.js";
import { problemOf } from "../../../src/env/problem.js";
import type { Trainer, TrainState } from "../../../src/learning/trainer.js";
import { loadPolicy, savePolicy } from "../../../src/policies/index.js";
import { createRng } from "../../../src/random/rng.js";
import { box, discrete, type Space } from "../../../src/spaces/index.js";
import { restore, snapshot } from "../../../src/state/snapshot.js";
import * as t from "../../../src/tensor/index.js";
import "../../../envs/index.js";
import { constantReward, target } from "../../support/environments.js";

const ROWS = 4;
const observationSpace = box([2], -1, 1);
const reach = box([2], [-1, 0], [1, 6]);
const choice = discrete(3);

interface Setup {
  actionSpace: Space;
  hidden?: number[];
  targetEntropy?: number;
}

/** Networks of one shape, random numbers for everything, and the losses on them in double precision. */
function setup({ actionSpace, hidden = [3], targetEntropy = -1 }: Setup) {
  const networks = sacNetworks({ observationSpace, actionSpace }, { hidden, activation: "tanh" });
  const rng = createRng("sac losses");
  const { actor, critics } = networks;
  const random = (length: number, scale = 1) => Float64Array.from({ length }, () => scale * rng.normal());
  const continuous = actionSpace.kind === "box";
  const feeds: Record<string, Float64Array | Int32Array> = {
    actor: random(actor.layout.size, 0.5),
    critics: random(critics.layout.size),
    targets: random(critics.layout.size),
    logTemperature: random(1, 0.5),
    observations: random(ROWS * 2),
    actions: continuous
      ? Float64Array.from({ length: ROWS * 2 }, (_, i) => (i % 2 ? 6 * rng.uniform() : 2 * rng.uniform() - 1))
      : Int32Array.of(0, 2, 1, 2),
    returns: random(ROWS),
    nextObservations: random(ROWS * 2),
    discounts: Float64Array.of(0.9, 0, 0.81, 0.9),
    ...(continuous ? { noise: random(ROWS * 2), nextNoise: random(ROWS * 2) } : {}),
  };
  const shapes: Record<string, t.InputSpec> = {
    actor: t.float32([actor.layout.size]),
    critics: t.float32([critics.layout.size]),
    targets: t.float32([critics.layout.size]),
    logTemperature: t.float32([]),
    observations: t.float32([ROWS, 2]),
    actions: continuous ? t.float32([ROWS, 2]) : t.int32([ROWS]),
    returns: t.float32([ROWS]),
    nextObservations: t.float32([ROWS, 2]),
    discounts: t.float32([ROWS]),
    ...(continuous ? { noise: t.float32([ROWS, 2]), nextNoise: t.float32([ROWS, 2]) } : {}),
  };
  const program = t.program(shapes, (given) => {
    const p: SacParameters = {
      actor: actor.layout.unflatten(given.actor),
      critics: critics.layout.unflatten(given.critics),
      targets: critics.layout.unflatten(given.targets),
      logTemperature: given.logTemperature,
    };
    const losses = sacLosses(networks, p, given as unknown as SacBatch, targetEntropy);
    return {
      ...losses,
      criticGradient: critics.layout.gradient(losses.criticLoss, p.critics),
      criticOfTargets: critics.layout.gradient(losses.criticLoss, p.targets),
      criticOfActor: actor.layout.gradient(losses.criticLoss, p.actor),
      actorGradient: actor.layout.gradient(losses.actorLoss, p.actor),
      temperatureGradient: t.grad(losses.temperatureLoss, [given.logTemperature])[0],
    };
  });
  const losses = (changes: typeof feeds = {}) => program.interpret({ ...feeds, ...changes });
  return { networks, feeds, losses };
}

/** The two columns of row i. */
const row = (x: ArrayLike<number>, i: number) => [x[2 * i], x[2 * i + 1]];

/** x W + b for a linear network whose parameters start at `at`: W `[inputs, outputs]`, then b. */
function linear(parameters: ArrayLike<number>, at: number, x: number[], outputs: number): number[] {
  return Array.from({ length: outputs }, (_, o) =>
    x.reduce(
      (sum, xi, i) => sum + xi * parameters[at + i * outputs + o],
      parameters[at + x.length * outputs + o],
    ),
  );
}

describe("the soft Bellman target", () => {
  it("is R + γ^m (min Q̄(s′, a′) − α log π(a′ | s′)) for box actions, and R if the episode terminated", () => {
    const { feeds, losses } = setup({ actionSpace: reach, hidden: [] });
    const { target } = losses();
    const alpha = Math.exp(feeds.logTemperature[0]);
    for (let i = 0; i < ROWS; i++) {
      const observation = row(feeds.nextObservations, i);
      const [m0, m1, s0, s1] = linear(feeds.actor, 0, observation, 4);
      const noise = row(feeds.nextNoise, i);
      const unit = [m0 + Math.exp(s0) * noise[0], m1 + Math.exp(s1) * noise[1]].map(Math.tanh);
      // Density of the Gaussian over the slope of tanh: of actions in [−1, 1].
      const logProb = [s0, s1].reduce(
        (sum, s, d) => sum - noise[d] ** 2 / 2 - s - Math.log(2 * Math.PI) / 2 - Math.log(1 - unit[d] ** 2),
        0,
      );
      const q = [0, 5].map((at) => linear(feeds.targets, at, [...observation, ...unit], 1)[0]);
      const value = Math.min(...q) - alpha * logProb;
      expect(target[i]).toBeCloseTo(feeds.returns[i] + feeds.discounts[i] * value, 9);
    }
    expect(target[1]).toBeCloseTo(feeds.returns[1], 12);
  });

  it("takes the exact expectation over discrete actions", () => {
    const { feeds, losses } = setup({ actionSpace: choice, hidden: [] });
    const { target } = losses();
    const alpha = Math.exp(feeds.logTemperature[0]);
    for (let i = 0; i < ROWS; i++) {
      const observation = row(feeds.nextObservations, i);
      const weights = linear(feeds.actor, 0, observation, 3).map(Math.exp);
      const total = weights.reduce((a, b) => a + b);
      const [first, second] = [0, 9].map((at) => linear(feeds.targets, at, observation, 3));
      const value = weights.reduce((sum, w, a) => {
        const p = w / total;
        return sum + p * (Math.min(first[a], second[a]) - alpha * Math.log(p));
      }, 0);
      expect(target[i]).toBeCloseTo(feeds.returns[i] + feeds.discounts[i] * value, 9);
    }
  });
});

describe.each([
  ["in a box", reach],
  ["of a discrete space", choice],
])("the losses for actions %s", (_, actionSpace) => {
  const { feeds, losses } = setup({ actionSpace });

  /** Central differences of a loss in each entry of an input. */
  const differences = (name: string, loss: string, step = 1e-5) =>
    Array.from(feeds[name] as Float64Array, (_, k) => {
      const at = (shift: number) =>
        losses({ [name]: Float64Array.from(feeds[name], (x, j) => (j === k ? x + shift : x)) })[loss][0];
      return (at(step) - at(-step)) / (2 * step);
    });

  it.each([
    ["critics", "criticLoss", "criticGradient"],
    ["actor", "actorLoss", "actorGradient"],
    ["logTemperature", "temperatureLoss", "temperatureGradient"],
  ])("have the gradient of finite differences: %s", (input, loss, gradient) => {
    const found = losses()[gradient];
    const expected = differences(input, loss);
    expect(Math.max(...expected.map(Math.abs))).toBeGreaterThan(1e-3);
    expected.forEach((value, k) => {
      expect(found[k]).toBeCloseTo(value, 6);
    });
  });

  it("of the critics take the target as data", () => {
    const { criticOfTargets, criticOfActor } = losses();
    for (const gradient of [criticOfTargets, criticOfActor])
      expect(gradient.every((x) => x === 0)).toBe(true);
  });

  it("are half the mean squared error of each critic, at the executed actions", () => {
    const base = losses();
    // Moving every target by d moves ½ (Q − y)² by −(Q − y) d + ½ d² for each of the two.
    const shift = 0.5;
    const moved = losses({ returns: Float64Array.from(feeds.returns, (r) => r + shift) });
    const back = losses({ returns: Float64Array.from(feeds.returns, (r) => r - shift) });
    expect((moved.criticLoss[0] + back.criticLoss[0]) / 2 - base.criticLoss[0]).toBeCloseTo(shift ** 2, 9);
    const others =
      actionSpace.kind === "box" ? Float64Array.from(feeds.actions, (a) => a / 2) : Int32Array.of(1, 1, 0, 0);
    expect(losses({ actions: others }).criticLoss[0]).not.toBeCloseTo(base.criticLoss[0], 3);
  });

  it("raise the temperature while the entropy is below its target, and lower it above", () => {
    const { entropy } = losses();
    for (const off of [-0.5, 0.5]) {
      const { temperatureGradient } = setup({ actionSpace, targetEntropy: entropy[0] + off }).losses();
      expect(temperatureGradient[0]).toBeCloseTo(-off, 9);
    }
  });
});

describe("the target entropy of a learned temperature", () => {
  it("defaults to −1 per dimension of a box and to 0.85 log n for n actions", () => {
    expect(targetEntropyOf(reach, {})).toBe(-2);
    expect(targetEntropyOf(discrete(4), {})).toBeCloseTo(0.85 * Math.log(4), 12);
    expect(targetEntropyOf(reach, { targetEntropy: 0.3 })).toBe(0.3);
  });

  it("is measured on actions scaled to [−1, 1]: the same policy in a larger box has the same entropy", () => {
    const small = setup({ actionSpace: box([2], -1, 1) }).losses();
    const large = setup({ actionSpace: box([2], -8, 8) }).losses();
    expect(large.entropy[0]).toBeCloseTo(small.entropy[0], 6);
  });
});

describe("a training program", () => {
  const options = (changes: object) => sacSchema.parse({ hidden: [4], minibatchSize: ROWS, ...changes });
  const networks = sacNetworks({ observationSpace, actionSpace: reach }, { hidden: [4], activation: "relu" });
  const STEPS = 3;
  const start = (): SacStates => {
    const rng = createRng("training");
    const state = (parameters: Float32Array): TrainState => ({
      parameters,
      slots: [new Float32Array(parameters.length), new Float32Array(parameters.length)],
      steps: 0,
    });
    const actor = state(networks.actor.layout.initialise(rng));
    const critics = state(networks.critics.layout.initialise(rng));
    return {
      actor,
      critics: { ...critics, targets: critics.parameters.map((x) => x + 0.1) },
      temperature: state(Float32Array.of(-1)),
    };
  };
  const minibatches = (() => {
    const rng = createRng("minibatches");
    const rows = STEPS * ROWS;
    return {
      observations: rng.fillNormal(new Float32Array(rows * 2)),
      actions: rng.fillUniform(new Float32Array(rows * 2)),
      returns: rng.fillNormal(new Float32Array(rows)),
      nextObservations: rng.fillNormal(new Float32Array(rows * 2)),
      discounts: new Float32Array(rows).fill(0.99),
      uniforms: rng.fillUniform(new Float32Array(rows * 4)),
    };
  })();
  const run = async (trainer: Trainer<SacStates>, state: SacStates, from: number, count: number) => {
    const part = Object.entries(minibatches).map(([name, x]) => {
      const size = x.length / STEPS;
      return [name, x.slice(from * size, (from + count) * size)];
    });
    await trainer.run(state, Object.fromEntries(part));
    return state;
  };
  const vectors = (states: SacStates) =>
    Object.values(states).flatMap(({ parameters, slots, targets = new Float32Array() }) => [
      parameters,
      ...slots,
      targets,
    ]);

  it("of several gradient steps equals the single steps in sequence", async () => {
    const once = await run(sacTrainer(networks, options({}), STEPS), start(), 0, STEPS);
    const single = sacTrainer(networks, options({}), 1);
    const stepwise = start();
    for (let k = 0; k < STEPS; k++) await run(single, stepwise, k, 1);
    for (const [k, values] of vectors(stepwise).entries()) {
      const differences = values.map((x, i) => Math.abs(x - vectors(once)[k][i]));
      expect(Math.max(0, ...differences), `vector ${k}`).toBeLessThan(1e-6);
    }
    expect(once.actor.steps).toBe(STEPS);
    expect(once.actor.parameters).not.toEqual(start().actor.parameters);
  });

  it("moves the target critics by the fraction tau towards the critics", async () => {
    const tau = 0.25;
    const targets = start().critics.targets!;
    const { critics } = await run(sacTrainer(networks, options({ tau }), 1), start(), 0, 1);
    critics.targets!.forEach((value, i) => {
      expect(value).toBeCloseTo(targets[i] + tau * (critics.parameters[i] - targets[i]), 6);
    });
  });

  it("flushes subnormal moments of parameters without gradient, which are slow", async () => {
    const begin = start();
    // Hidden units of the first critic that are never active, and moments that have faded.
    begin.critics.parameters.fill(-1000, 16, 20);
    begin.critics.slots[0].fill(1e-40);
    const dead = begin.critics.parameters.slice(0, 20);
    const subnormal = (x: number) => x !== 0 && Math.abs(x) < 2 ** -126;
    expect(begin.critics.slots[0].some(subnormal)).toBe(true);
    const after = await run(sacTrainer(networks, options({}), STEPS), begin, 0, STEPS);
    for (const values of vectors(after)) expect(values.some(subnormal)).toBe(false);
    // Dead weights stay where they are.
    expect(after.critics.parameters.slice(0, 20)).toEqual(dead);
  });

  it("keeps a fixed temperature, and updates a learned one", async () => {
    const fixed = await run(sacTrainer(networks, options({ temperature: 0.2 }), 2), start(), 0, 2);
    expect(fixed.temperature.parameters[0]).toBe(-1);
    const learned = await run(sacTrainer(networks, options({}), 2), start(), 0, 2);
    expect(learned.temperature.parameters[0]).not.toBe(-1);
  });
});

describe("sac", () => {
  const small = { hidden: [8], minibatchSize: 16, learningStarts: 32, trainEvery: 16, replaySize: 100 };

  it("refuses unsupported spaces, and step counts that do not divide", async () => {
    const problem = (actionSpace: Space) => ({ id: "Odd", observationSpace, actionSpace }) as Problem;
    const open = box([1], 0, Number.POSITIVE_INFINITY);
    await expect(sac().init(problem(open), createRng(0))).rejects.toThrow(
      /lower and a higher upper bound for every entry of an action, but entry 0 is in \[0, Infinity\]; .*use ppo/,
    );
    await expect(sac().init(problem(box([2], [0, 3], [1, 3])), createRng(0))).rejects.toThrow(
      /entry 1 is in \[3, 3\]/,
    );
    await expect(sac().init(problem(box([1], -3.4e38, 3.4e38)), createRng(0))).rejects.toThrow(
      /entry 0 is in \[-3.4e\+38, 3.4e\+38\]/,
    );
    const many: Space = { kind: "multi-discrete", sizes: [2, 2] };
    await expect(sac().init(problem(many), createRng(0))).rejects.toThrow(
      /discrete actions or a bounded box, not MultiDiscrete\(2, 2\); use ppo/,
    );
    expect(() => sac({ environments: 3, trainEvery: 64 })).toThrow(
      /trainEvery 64 is not a multiple of environments 3/,
    );
    expect(() => sac({ temperature: "learnt" } as object)).toThrow(
      /option "temperature" is "learnt": it must be "learned" or a positive number/,
    );
    expect(() => sac({ bufferSize: 10 } as object)).toThrow(/unknown option "bufferSize"/);
  });

  it("learns with fresh noise for each number of an action, here and after each transition", async () => {
    const algorithm = sac({ ...small, gradientSteps: 3, minibatchSize: 8, learningStarts: 16 });
    const problem = await problemOf("PointGoal-v0");
    const state = await algorithm.init(problem, createRng(0));
    await algorithm.update(state);
    expect(state.networks.actor.steps).toBe(3);
    const drawn: number[][] = [];
    const { trainer } = state.live;
    state.live.trainer = {
      ...trainer,
      run(states, feeds, steps) {
        drawn.push(Array.from(feeds.uniforms as Float32Array));
        return trainer.run(states, feeds, steps);
      },
    };
    for (let k = 0; k < 2; k++) await algorithm.update(state);
    // Two actions for each of 3 × 8 transitions, each of two numbers.
    expect(drawn.map(({ length }) => length)).toEqual([2 * 24 * 2, 2 * 24 * 2]);
    expect(new Set(drawn.flat()).size).toBe(2 * 96);
    expect(Math.min(...drawn.flat())).toBeGreaterThanOrEqual(0);
    expect(Math.max(...drawn.flat())).toBeLessThan(1);
  });

  it("acts at random until learning starts, then learns once every trainEvery steps", async () => {
    const problem = await problemOf("Pendulum-v1");
    const algorithm = sac({ ...small, environments: 2, gradientSteps: 3 });
    const state = await algorithm.init(problem, createRng(0));
    const untouched = state.networks.actor.parameters.slice();
    expect(Object.keys(await algorithm.update(state))).toEqual(["steps", "episodes"]);
    expect(state.networks.actor.parameters).toEqual(untouched);
    expect(await algorithm.update(state)).toMatchObject({ steps: 32, temperature: expect.closeTo(1, 2) });
    expect(state.networks.actor.steps).toBe(3);
    expect(state.replay.size).toBe(32);
  });

  it("bootstraps at a time limit: Q = r / (1 − γ) for a constant reward r", async () => {
    const problem = await problemOf(() => constantReward({ limit: 5 }));
    for (const nStep of [1, 3]) {
      const algorithm = sac({
        ...small,
        nStep,
        discount: 0.9,
        hidden: [],
        temperature: 1e-4,
        tau: 0.5,
        learningRate: 0.1,
      });
      const state = await algorithm.init(problem, createRng(0));
      while (state.steps < 480) await algorithm.update(state);
      const { critics } = sacNetworks(problem, { hidden: [], activation: "relu" });
      const program = t.program({ critics: t.float32([critics.layout.size]) }, (given) => {
        const [first] = critics.values(critics.layout.unflatten(given.critics), t.zeros([1, 1]));
        return { first };
      });
      // Of the action that is taken: the other is soon gone from the replay. With the cut taken for an end, Q would
      // be below 1 + 0.9 + … + 0.9⁴ = 4.1.
      const q = Math.max(...program.interpret({ critics: state.networks.critics.parameters }).first);
      expect(q).toBeCloseTo(10, 1);
    }
  });

  it("reports returns as sums of raw rewards", async () => {
    const problem = await problemOf(() => constantReward({ limit: 5 }));
    const algorithm = sac({ ...small, environments: 2, trainEvery: 20 });
    const state = await algorithm.init(problem, createRng(0));
    expect(await algorithm.update(state)).toMatchObject({ return: 5, episodes: 4, steps: 20 });
  });

  it("gives the same parameters for the same seed and different ones for another", async () => {
    const problem = await problemOf("Pendulum-v1");
    const run = async (seed: number) => {
      const algorithm = sac(small);
      const state = await algorithm.init(problem, createRng(seed));
      for (let i = 0; i < 4; i++) await algorithm.update(state);
      return state.networks.actor.parameters;
    };
    const first = await run(1);
    expect(await run(1)).toEqual(first);
    expect(await run(2)).not.toEqual(first);
  });

  it("resumes from a snapshot bit for bit, replay, environments, moments and streams included", async () => {
    for (const env of ["Pendulum-v1", "CartPole-v1"]) {
      const problem = await problemOf(env);
      const algorithm = sac({ ...small, environments: 2, nStep: 3 });
      const whole = await algorithm.init(problem, createRng(3));
      for (let i = 0; i < 5; i++) await algorithm.update(whole);
      const saved = snapshot(whole);
      const resumed = await algorithm.init(problem, createRng("another"));
      restore(resumed, saved);
      // Five more updates overwrite the whole replay.
      for (let i = 0; i < 8; i++)
        expect(await algorithm.update(resumed)).toEqual(await algorithm.update(whole));
      expect(snapshot(resumed)).toEqual(snapshot(whole));
    }
  });

  it("has a policy that saves and loads, with a density that integrates to 1 over its box", async () => {
    const problem = await problemOf(() => target({ goal: 0.7 }));
    const algorithm = sac(small);
    const state = await algorithm.init(problem, createRng(0));
    for (let i = 0; i < 4; i++) await algorithm.update(state);
    const policy = algorithm.policy(state);
    const cells = 20_000;
    const actions = Float32Array.from({ length: cells }, (_, i) => -2 + (4 * (i + 0.5)) / cells);
    const logProbs = await policy.logProb(new Float32Array(cells), actions);
    const mass = logProbs.reduce((sum, logProb) => sum + (4 / cells) * Math.exp(logProb), 0);
    expect(mass).toBeCloseTo(1, 2);

    const rng = createRng("act");
    const { actions: drawn, logProbs: densities } = await policy.act(new Float32Array(500), { rng });
    expect(Math.max(...drawn.map(Math.abs))).toBeLessThanOrEqual(2);
    const again = await policy.logProb(new Float32Array(500), drawn);
    densities?.forEach((density, i) => {
      expect(density).toBeCloseTo(again[i], 2);
    });
    const loaded = loadPolicy(savePolicy(policy));
    const act = { rng: createRng("act"), deterministic: true };
    expect(await loaded.act(new Float32Array(3), act)).toEqual(await policy.act(new Float32Array(3), act));
  });
});
