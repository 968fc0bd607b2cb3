/**
 * @file Cloning of recurrent policies: training reproduces the forward pass of acting, and memory is needed and used.
 */

import { describe, expect, it } from "vitest";
import {
  cloneSequences,
  createSequenceClonerState,
  sequenceClonerOf,
  sequenceLoss,
  sequencesOf,
} from "../../../../algorithms/imitation/cloning/sequences.js";
import { bc } from "../../../../algorithms/index.js";
import { collect, evaluate, train } from "../../../../index.js";
import { type Demonstrations, demonstrationsOf } from "../../../../src/datasets/demonstrations.js";
import { problemOf } from "../../../../src/env/problem.js";
import type { Policy } from "../../../../src/policies/contract.js";
import { NetworkPolicy, UniformPolicy } from "../../../../src/policies/index.js";
import { createRng } from "../../../../src/random/rng.js";
import { box, discrete } from "../../../../src/spaces/index.js";
import { restore, snapshot } from "../../../../src/state/snapshot.js";
import { recall } from "../../../support/recall.js";

const LENGTH = 12;

const env = () => recall({ length: LENGTH });

const settings = {
  minibatchSize: 64,
  sequenceLength: 16,
  learningRate: 0.01,
  hidden: [8],
  recurrentUnits: 8,
};

/** Names the cue in every step: what it remembers is the cue. */
const expert = {
  observationSpace: box([1], -1, 1),
  actionSpace: discrete(2),
  act: async (observations: Float32Array, { state }: { state?: Float32Array }) => {
    const remembered = observations.map((cue, i) => (cue === 0 ? (state?.[i] ?? 0) : cue));
    return { actions: Int32Array.from(remembered, (cue) => Number(cue > 0)), state: remembered };
  },
  logProb: async () => new Float32Array(0),
  toData: () => ({ kind: "scripted", settings: {}, arrays: {} }),
} as Policy;

/** Episodes of different lengths, so that the ends of episodes lie anywhere in a sequence. */
async function demonstrate(episodes: number): Promise<Demonstrations> {
  const whole = await collect(expert, { env, episodes, seed: 0 });
  const trajectories = whole.trajectories.map((episode, i) => {
    const steps = LENGTH - (i % 5);
    return {
      ...episode,
      observations: episode.observations.slice(0, steps + 1),
      actions: episode.actions.slice(0, steps),
      rewards: episode.rewards.slice(0, steps),
    };
  });
  return { ...whole, trajectories };
}

const share = async (policy: Policy) =>
  (await evaluate(policy, { env, episodes: 100, seed: 1 })).mean / LENGTH;

describe("cloning a recurrent expert", () => {
  it("needs a recurrent policy: a policy without memory stays at chance", async () => {
    const demonstrations = await demonstrate(60);
    const scores = [];
    for (const seed of [0, 1]) {
      const remembering = bc({ demonstrations, epochs: 15, ...settings });
      scores.push(await share(await train(remembering, { env, seed })));
      const { recurrentUnits, ...rest } = settings;
      const control = bc({ demonstrations, epochs: 15, ...rest });
      expect(await share(await train(control, { env, seed }))).toBeLessThan(0.7);
    }
    expect(Math.min(...scores)).toBeGreaterThan(0.99);
  });

  it("stops early on held-out episodes, on demonstrations of a random policy", async () => {
    const random = new UniformPolicy(expert.observationSpace, expert.actionSpace);
    const demonstrations = await collect(random, { env, episodes: 8, seed: 0 });
    const quick = { ...settings, learningRate: 0.1 };
    const algorithm = bc({ demonstrations, epochs: 200, heldOut: 0.3, patience: 3, ...quick });
    const { metrics, steps } = await train.run(algorithm, { env, seed: 0 });
    expect(steps).toBeLessThan(algorithm.defaultSteps);
    const losses = metrics.map((row) => row.heldOutLoss);
    expect(losses.indexOf(Math.min(...losses))).toBe(losses.length - 4);
  });

  it("refuses a minibatch size that is not a whole number of sequences", async () => {
    const demonstrations = await demonstrate(5);
    const odd = bc({ demonstrations, ...settings, minibatchSize: 40 });
    await expect(train(odd, { env })).rejects.toThrow(
      /minibatchSize 40 must be a multiple of sequenceLength 16/,
    );
  });
});

describe("sequences", () => {
  const options = {
    activation: "tanh" as const,
    loss: "log-likelihood" as const,
    entropyCoefficient: 0,
    l2: 0,
    ...settings,
  };

  it("have the loss −log π of the same policy when it acts step by step", async () => {
    const problem = await problemOf(env);
    const demonstrations = await demonstrate(7);
    const cloner = sequenceClonerOf(problem, options);
    const state = createSequenceClonerState(cloner, createRng(0));
    state.parameters = state.parameters.map((w) => 2 * w + 0.1);
    const policy = new NetworkPolicy(cloner.network.settings, state.parameters);
    const rng = createRng(1);
    let [total, count] = [0, 0];
    for (const { observations, actions } of demonstrations.trajectories) {
      let memory = new Float32Array(settings.recurrentUnits);
      for (let t = 0; t < actions.length; t++) {
        const seen = observations.slice(t, t + 1);
        total -= (await policy.logProb(seen, actions.slice(t, t + 1), memory))[0];
        memory = (await policy.act(seen, { rng, state: memory })).state as Float32Array<ArrayBuffer>;
        count++;
      }
    }
    const loss = await sequenceLoss(cloner, state, sequencesOf(demonstrations.trajectories, demonstrations));
    expect(loss).toBeCloseTo(total / count, 4);
  });

  it("keep their initial loss under a learning rate near 0", async () => {
    // Memory that is carried wrongly, or emptied elsewhere than where episodes begin, shows in the training loss.
    const problem = await problemOf(env);
    const demonstrations = await demonstrate(5);
    const sequences = sequencesOf(demonstrations.trajectories, demonstrations);
    const cloner = sequenceClonerOf(problem, { ...options, learningRate: 1e-12, minibatchSize: 16 });
    const state = createSequenceClonerState(cloner, createRng(0));
    state.parameters = state.parameters.map((w) => 2 * w + 0.1);
    const before = await sequenceLoss(cloner, state, sequences);
    // 16 passes over the 50 steps are 50 gradient steps on 16 of them.
    expect(sequences.count).toBe(50);
    const { loss } = await cloneSequences(cloner, state, sequences, 50);
    expect(loss).toBeCloseTo(before, 4);
  });

  it("weight the loss of each step, and ignore steps with weight 0", async () => {
    const problem = await problemOf(env);
    const demonstrations = await demonstrate(5);
    const cloner = sequenceClonerOf(problem, options);
    const state = createSequenceClonerState(cloner, createRng(0));
    state.parameters = state.parameters.map((w) => 2 * w + 0.1);
    const lossOf = (trajectories: Demonstrations["trajectories"]) =>
      sequenceLoss(cloner, state, sequencesOf(trajectories, demonstrations));
    const [a, b] = demonstrations.trajectories;
    const [m, n] = [a.actions.length, b.actions.length];
    const mixed = await lossOf([{ ...a, weight: 3 }, b]);
    expect(mixed).toBeCloseTo((3 * m * (await lossOf([a])) + n * (await lossOf([b]))) / (3 * m + n), 5);
    const halves = [Int32Array.of(0, 2, 4, 6), Int32Array.of(1, 3, 5, 7)].map((steps) =>
      lossOf([{ ...a, steps }]),
    );
    const first8 = { ...a, actions: a.actions.slice(0, 8), rewards: a.rewards.slice(0, 8) };
    const whole = await lossOf([{ ...first8, observations: a.observations.slice(0, 9) }]);
    expect(((await halves[0]) + (await halves[1])) / 2).toBeCloseTo(whole, 5);
  });

  it("have the same loss in parts of any length, with the memory of the part before", async () => {
    const problem = await problemOf(env);
    const demonstrations = await demonstrate(5);
    const sequences = sequencesOf(demonstrations.trajectories, demonstrations);
    const losses = [];
    for (const sequenceLength of [16, 5, 4]) {
      const cloner = sequenceClonerOf(problem, { ...options, minibatchSize: 80, sequenceLength });
      const state = createSequenceClonerState(cloner, createRng(0));
      state.parameters = state.parameters.map((w) => 2 * w + 0.1);
      losses.push(await sequenceLoss(cloner, state, sequences));
    }
    for (const loss of losses) expect(loss).toBeCloseTo(losses[0], 5);
  });

  it("cannot be learnt by squared error from choices", async () => {
    const problem = await problemOf(env);
    expect(() => sequenceClonerOf(problem, { ...options, loss: "squared-error" })).toThrow(
      /loss "squared-error" needs actions in a box; those of .* are discrete/,
    );
  });

  it("fill a minibatch with as many rows as it has sequences", async () => {
    const cloner = sequenceClonerOf(await problemOf(env), {
      ...options,
      minibatchSize: 64,
      sequenceLength: 16,
    });
    expect(cloner.rows).toBe(4);
    const { memory, episodes, positions } = createSequenceClonerState(cloner, createRng(0));
    expect([...episodes, ...positions]).toEqual([-1, -1, -1, -1, 0, 0, 0, 0]);
    expect(memory.length).toBe(4 * settings.recurrentUnits);
  });

  it("step down the loss less the weighted entropy, plus ½ l2 ‖θ‖², as pairs do", async () => {
    const problem = await problemOf(env);
    const demonstrations = await demonstrate(4);
    const sequences = sequencesOf(demonstrations.trajectories, demonstrations);
    const gradient = async (given: { entropyCoefficient?: number; l2?: number }) => {
      const cloner = sequenceClonerOf(problem, { ...options, minibatchSize: 16, ...given });
      const state = createSequenceClonerState(cloner, createRng(0));
      state.parameters = createRng("weights").fillNormal(state.parameters);
      const { parameters } = state;
      await cloneSequences(cloner, state, sequences, 1);
      // Adam's first moment after one step is the gradient.
      return { parameters, gradient: state.slots[0] };
    };
    const plain = await gradient({});
    const decayed = await gradient({ l2: 0.2 });
    for (const [i, g] of decayed.gradient.entries()) {
      expect(g - plain.gradient[i]).toBeCloseTo(0.2 * plain.parameters[i], 5);
    }
    const [one, two] = [
      await gradient({ entropyCoefficient: 0.1 }),
      await gradient({ entropyCoefficient: 0.2 }),
    ];
    const bonus = one.gradient.map((g, i) => g - plain.gradient[i]);
    expect(Math.hypot(...bonus)).toBeGreaterThan(1e-3);
    for (const [i, g] of two.gradient.entries()) expect(g - plain.gradient[i]).toBeCloseTo(2 * bonus[i], 5);
  });

  it("are read row by row, each step after the one before, with resets where episodes begin", async () => {
    const spaces = { observationSpace: box([3], -999, 999), actionSpace: box([2], -999, 999) };
    const problem = { id: "Wide", ...spaces } as unknown as Parameters<typeof sequenceClonerOf>[0];
    const cloner = sequenceClonerOf(problem, { ...options, minibatchSize: 4, sequenceLength: 2 });
    const state = createSequenceClonerState(cloner, createRng(0));
    const runs: Record<string, Float32Array>[] = [];
    const trainer = {
      ...cloner.trainer,
      async run(_: unknown, feeds: Record<string, Float32Array>) {
        runs.push(feeds);
        return { means: { loss: 1 }, carried: { memory: state.memory } } as never;
      },
    } as typeof cloner.trainer;
    // Step t of episode e has the numbers 100 e + 10 t, … in its observation and in its action.
    const numbers = (e: number, steps: number, width: number) =>
      Float32Array.from(
        { length: steps * width },
        (_, k) => 100 * e + 10 * Math.floor(k / width) + (k % width),
      );
    const lengths = [3, 2, 4];
    const episodes = lengths.map((length, e) => ({
      observations: numbers(e, length + 1, 3),
      actions: numbers(e, length, 2),
      rewards: new Float64Array(length),
      terminated: true,
      truncated: false,
      weight: 1 + e,
    }));
    const shown = demonstrationsOf(episodes, { env: "Wide", ...spaces });
    const sequences = sequencesOf(shown.trajectories, shown);
    await cloneSequences({ ...cloner, trainer }, state, sequences, 9);
    const [{ observations, actions, weights, resets }] = runs;
    const last = [-1, -1];
    const begun: number[] = [];
    for (let k = 0; k < 9 * 4; k++) {
      const [number] = observations.subarray(3 * k, 3 * k + 1);
      const [e, t] = [Math.floor(number / 100), (number % 100) / 10];
      expect([...observations.subarray(3 * k, 3 * k + 3)]).toEqual([number, number + 1, number + 2]);
      expect([...actions.subarray(2 * k, 2 * k + 2)]).toEqual([number, number + 1]);
      expect(weights[k]).toBeCloseTo(sequences.episodes[e].weights[t], 6);
      expect(resets[k]).toBe(Number(t === 0));
      if (t > 0) expect(number).toBe(last[k % 2] + 10);
      else {
        if (last[k % 2] >= 0)
          expect((last[k % 2] % 100) / 10).toBe(lengths[Math.floor(last[k % 2] / 100)] - 1);
        begun.push(e);
      }
      last[k % 2] = number;
    }
    // All episodes in each pass.
    for (let pass = 0; pass + 3 <= begun.length; pass += 3) {
      expect(begun.slice(pass, pass + 3).sort()).toEqual([0, 1, 2]);
    }
    expect(begun.length).toBeGreaterThan(6);
  });

  it("are evaluated in blocks of episodes, whose losses count by their steps", async () => {
    const problem = await problemOf(env);
    const { trajectories, ...spaces } = await demonstrate(2);
    const cloner = sequenceClonerOf(problem, options);
    const state = createSequenceClonerState(cloner, createRng(0));
    state.parameters = state.parameters.map((w) => 2 * w + 0.1);
    const [a, b] = trajectories;
    const lossOf = (shown: Demonstrations["trajectories"]) =>
      sequenceLoss(cloner, state, sequencesOf(shown, spaces));
    const [m, n] = [256 * a.actions.length, 44 * b.actions.length];
    const many = await lossOf([...new Array(256).fill(a), ...new Array(44).fill(b)]);
    const [first, second] = [await lossOf([a]), await lossOf([b])];
    expect(Math.abs(first - second)).toBeGreaterThan(1e-3);
    expect(many).toBeCloseTo((m * first + n * second) / (m + n), 5);
  });

  it("resume from a checkpoint with bit-identical parameters", async () => {
    const problem = await problemOf(env);
    const algorithm = bc({ demonstrations: await demonstrate(9), epochs: 6, ...settings });
    const [straight, cut] = [
      await algorithm.init(problem, createRng(0)),
      await algorithm.init(problem, createRng(0)),
    ];
    for (let i = 0; i < 6; i++) await algorithm.update(straight);
    for (let i = 0; i < 3; i++) await algorithm.update(cut);
    const resumed = await algorithm.init(problem, createRng(0));
    restore(resumed, snapshot(cut));
    for (let i = 0; i < 3; i++) await algorithm.update(resumed);
    expect(resumed.cloner.parameters).toEqual(straight.cloner.parameters);
  });

  it("work with continuous actions", async () => {
    const rng = createRng(3);
    const spaces = { observationSpace: box([1], -1, 1), actionSpace: box([1], -1, 1) };
    const trajectories = Array.from({ length: 40 }, () => {
      const cue = rng.uniform() * 2 - 1;
      return {
        observations: Float32Array.from({ length: 6 }, (_, t) => (t === 0 ? cue : 0)),
        actions: new Float32Array(5).fill(cue),
        rewards: new Float64Array(5),
        terminated: true,
        truncated: false,
      };
    });
    const demonstrations = demonstrationsOf(trajectories, { env: "Echo", ...spaces });
    const problem = { id: "Echo", ...spaces, vector: () => Promise.reject(new Error("none")) };
    const algorithm = bc({ demonstrations, ...settings, loss: "squared-error", epochs: 80 });
    const state = await algorithm.init(problem, createRng(0));
    let loss = 1;
    while (!algorithm.done!(state)) ({ loss } = await algorithm.update(state));
    expect(loss).toBeLessThan(0.02);
  });
});
