/** @file PPO with memory: training recomputes the rollout's values and log-probabilities. */

import { describe, expect, it } from "vitest";
import { ppo } from "../../../algorithms/index.js";
import { ppoTerms, ppoTrainer } from "../../../algorithms/rl/ppo/loss.js";
import { ppoSchema } from "../../../algorithms/rl/ppo.js";
import "../../../envs/index.js";
import type { VectorEnvironment } from "../../../src/env/contracts.js";
import { problemOf } from "../../../src/env/problem.js";
import type { Policy } from "../../../src/policies/contract.js";
import { type ActorCriticSettings, actorCritic, NetworkPolicy } from "../../../src/policies/index.js";
import { createRng } from "../../../src/random/rng.js";
import { collectEpisodes } from "../../../src/rollout/collect.js";
import {
  collectRollout,
  createEpisodeTracker,
  createRollout,
  type Rollout,
} from "../../../src/rollout/rollout-buffer.js";
import { box, discrete } from "../../../src/spaces/index.js";
import * as t from "../../../src/tensor/index.js";
import { recall } from "../../support/recall.js";
import { scriptedVector } from "../../support/scripted.js";

const settings = (extra: Partial<ActorCriticSettings> = {}): ActorCriticSettings => ({
  observationSpace: box([1], -1, 1),
  actionSpace: discrete(2),
  hidden: [5],
  activation: "tanh",
  critic: true,
  recurrentUnits: 4,
  ...extra,
});

/** Weights far from the small ones that networks start with, so that what is remembered matters. */
function weights(network: ReturnType<typeof actorCritic>): Float32Array {
  const rng = createRng("weights");
  return network.layout.initialise(rng).map((w) => w + 0.5 * rng.normal());
}

/** Two rollouts of 10 steps of 3 environments with episodes of 4; the second, which begins inside of episodes. */
async function secondRollout(sharedTrunk: boolean) {
  const network = actorCritic(settings({ sharedTrunk }));
  const parameters = weights(network);
  const policy = new NetworkPolicy(network.settings, parameters);
  const problem = await problemOf(() => recall({ length: 4 }));
  const vector = await problem.vector(3, createRng("environments"));
  const rollout = createRollout(vector, 10);
  const tracker = createEpisodeTracker(3);
  for (let i = 0; i < 2; i++) await collectRollout(policy, vector, rollout, tracker, createRng(i));
  return { network, parameters, rollout };
}

/** Log-probabilities and values of a rollout, computed as in training. */
function recomputed(
  network: ReturnType<typeof actorCritic>,
  parameters: Float32Array,
  { steps, count, observations, actions, memory }: Rollout,
  resets: ArrayLike<number>,
) {
  const program = t.program(
    {
      parameters: t.float32([network.layout.size]),
      observations: t.float32([steps, count, 1]),
      actions: t.int32([steps * count]),
      memory: t.float32([count, network.memoryWidth]),
      resets: t.float32([steps, count]),
    },
    (given) => {
      const p = network.layout.unflatten(given.parameters);
      const remembered = { state: given.memory, resets: given.resets };
      const { distribution, value } = network.evaluate(p, given.observations, remembered);
      return { logProbs: distribution.logProb(given.actions), values: value() };
    },
  );
  return program.interpret({ parameters, observations, actions, memory, resets });
}

const furthest = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Math.max(...Array.from(a, (x, i) => Math.abs(x - b[i])));

describe.each([false, true])("sequences of a policy with memory (shared trunk: %s)", (sharedTrunk) => {
  it("reproduce the rollout's log-probabilities and values, also across resets", async () => {
    const { network, parameters, rollout } = await secondRollout(sharedTrunk);
    const { logProbs, values } = recomputed(network, parameters, rollout, rollout.resets);
    expect(rollout.resets.slice(0, 3)).toEqual(new Uint8Array(3));
    expect(rollout.resets.filter((reset) => reset === 1)).toHaveLength(6);
    expect(Math.max(...rollout.memory.map(Math.abs))).toBeGreaterThan(0.1);
    expect(furthest(logProbs, rollout.logProbs)).toBeLessThan(1e-5);
    expect(furthest(values, rollout.values)).toBeLessThan(1e-5);
  });

  it("differ if the memory is not reset, or the initial memory is dropped", async () => {
    const { network, parameters, rollout } = await secondRollout(sharedTrunk);
    const never = recomputed(network, parameters, rollout, new Uint8Array(30));
    expect(furthest(never.logProbs, rollout.logProbs)).toBeGreaterThan(0.01);
    const blank = { ...rollout, memory: new Float32Array(rollout.memory.length) };
    const forgotten = recomputed(network, parameters, blank, rollout.resets);
    expect(furthest(forgotten.logProbs, rollout.logProbs)).toBeGreaterThan(0.01);
  });

  it("of one step have the gradient of separate rows", () => {
    const network = actorCritic(settings({ sharedTrunk }));
    const rows = 5;
    const gradient = (leading: number[]) => {
      const program = t.program(
        {
          parameters: t.float32([network.layout.size]),
          observations: t.float32([...leading, rows, 1]),
          memory: t.float32([rows, network.memoryWidth]),
          targets: t.float32([rows]),
        },
        (given) => {
          const p = network.layout.unflatten(given.parameters);
          const batch = {
            observations: given.observations,
            actions: t.ones([rows], "int32"),
            logProbs: t.mul(given.targets, 0.1),
            advantages: given.targets,
            returns: given.targets,
            memory: given.memory,
            resets: leading.length > 0 ? t.zeros([1, rows]) : undefined,
          };
          const { policyLoss, valueLoss } = ppoTerms(network, p, batch, { clip: 0.9, normalise: false });
          return { gradient: network.layout.gradient(t.add(policyLoss, valueLoss), p) };
        },
      );
      const rng = createRng("rows");
      const normals = (size: number) => rng.fillNormal(new Float32Array(size));
      return program.interpret({
        parameters: weights(network),
        observations: normals(rows),
        memory: normals(rows * network.memoryWidth),
        targets: normals(rows),
      }).gradient;
    };
    const [single, sequence] = [gradient([]), gradient([1])];
    expect(Math.max(...single.map(Math.abs))).toBeGreaterThan(0.01);
    expect(furthest(single, sequence)).toBeLessThan(1e-9);
  });
});

describe("the gradient of a loss through memory and a shared trunk", () => {
  it.each([
    { recurrentUnits: 3 },
    { recurrentUnits: undefined },
  ])("equals finite differences: %o", (extra) => {
    const network = actorCritic(settings({ hidden: [3], sharedTrunk: true, ...extra }));
    const [steps, count] = extra.recurrentUnits ? [4, 2] : [1, 8];
    const rows = extra.recurrentUnits ? [steps, count] : [count];
    const program = t.program(
      {
        parameters: t.float32([network.layout.size]),
        observations: t.float32([...rows, 1]),
        targets: t.float32([8]),
        ...(extra.recurrentUnits ? { memory: t.float32([count, 3]), resets: t.float32([steps, count]) } : {}),
      },
      (given) => {
        const p = network.layout.unflatten(given.parameters);
        const { observations, memory, resets, targets } = given;
        const batch = {
          observations,
          actions: t.ones([8], "int32"),
          logProbs: t.sub(t.mul(targets, 0.01), 0.6),
          advantages: targets,
          returns: targets,
          memory,
          resets,
        };
        const terms = ppoTerms(network, p, batch, { clip: 5, normalise: true });
        const loss = t.sub(t.add(terms.policyLoss, terms.valueLoss), t.mul(terms.entropy, 0.1));
        return { loss, gradient: network.layout.gradient(loss, p) };
      },
    );
    const rng = createRng("finite differences");
    const feeds = {
      observations: rng.fillNormal(new Float32Array(8)),
      targets: rng.fillNormal(new Float32Array(8)),
      ...(extra.recurrentUnits
        ? { memory: rng.fillNormal(new Float32Array(6)), resets: Float32Array.of(0, 0, 0, 1, 1, 0, 0, 0) }
        : {}),
    };
    const parameters = Float64Array.from(weights(network));
    const { gradient } = program.interpret({ parameters, ...feeds });
    const lossAt = (i: number, by: number) =>
      program.interpret({ parameters: parameters.with(i, parameters[i] + by), ...feeds }).loss[0];
    const differences = parameters.map((_, i) => (lossAt(i, 1e-5) - lossAt(i, -1e-5)) / 2e-5);
    expect(Math.max(...gradient.map(Math.abs))).toBeGreaterThan(0.01);
    expect(furthest(gradient, differences)).toBeLessThan(1e-6);
  });
});

/** A policy whose memory counts the steps since it was empty. */
function counter(vector: VectorEnvironment): Policy {
  return {
    observationSpace: vector.observationSpace,
    actionSpace: vector.actionSpace,
    async act(_, { state = new Float32Array(vector.count) }) {
      return {
        actions: new Int32Array(vector.count),
        logProbs: new Float32Array(vector.count),
        values: state.slice(),
        state: state.map((n) => n + 1),
      };
    },
    value: async (_, state) => state!.slice(),
    logProb: async (_, actions) => new Float32Array(actions.length),
    toData: () => ({ kind: "counter", settings: {}, arrays: {} }),
  };
}

describe("recurrent memory", () => {
  const script = { count: 1, length: () => 3, ending: () => "truncated" as const };

  it("is reset after the final value of an episode, and carries over between rollouts", async () => {
    const vector = scriptedVector(script);
    const [rollout, tracker] = [createRollout(vector, 5), createEpisodeTracker(1)];
    await collectRollout(counter(vector), vector, rollout, tracker, createRng(0));
    expect([...rollout.values]).toEqual([0, 1, 2, 0, 1]);
    expect([...rollout.nextValues]).toEqual([1, 2, 3, 1, 2]);
    expect([...rollout.resets]).toEqual([0, 0, 0, 1, 0]);
    await collectRollout(counter(vector), vector, rollout, tracker, createRng(0));
    expect([...rollout.memory]).toEqual([2]);
    expect([...rollout.values]).toEqual([2, 0, 1, 2, 0]);
    expect([...rollout.resets]).toEqual([0, 1, 0, 0, 1]);
  });

  /** Trials of two episodes. */
  function trials(): VectorEnvironment {
    const inner = scriptedVector(script);
    const trialEnded = new Uint8Array(1);
    let episodes = 0;
    return {
      ...inner,
      trialEnded,
      step(actions) {
        inner.step(actions);
        episodes += inner.truncated[0];
        trialEnded[0] = inner.truncated[0] && episodes % 2 === 0 ? 1 : 0;
      },
    };
  }

  it("of a task family is kept until the trial ends, not the episode", async () => {
    const vector = trials();
    const rollout = createRollout(vector, 8);
    await collectRollout(counter(vector), vector, rollout, createEpisodeTracker(1), createRng(0));
    expect([...rollout.values]).toEqual([0, 1, 2, 3, 4, 5, 0, 1]);
    expect([...rollout.resets]).toEqual([0, 0, 0, 0, 0, 0, 1, 0]);
  });

  it("of a task family is kept for the trial in evaluation too", async () => {
    const vector = trials();
    const policy = counter(vector);
    const remembered: number[] = [];
    const watched: Policy = {
      ...policy,
      act(observations, options) {
        remembered.push(options.state?.[0] ?? 0);
        return policy.act(observations, options);
      },
    };
    await collectEpisodes(watched, vector, 3, { rng: createRng(0) });
    expect(remembered).toEqual([0, 1, 2, 3, 4, 5, 0, 1, 2]);
  });
});

describe("ppo with memory", () => {
  it("refuses minibatches that cut sequences", () => {
    expect(() => ppo({ recurrentUnits: 8, rolloutSteps: 32, minibatchSize: 16 })).toThrow(
      /minibatchSize 16 is not a multiple of rolloutSteps 32/,
    );
  });

  it("processes whole sequences of each environment, with the result of separate programs for each", async () => {
    const network = actorCritic(settings());
    const steps = 6;
    const optionsFor = (environments: number) =>
      ppoSchema.parse({
        ...{ environments, rolloutSteps: steps, minibatchSize: steps, epochs: 1, valueClip: 0.2 },
        ...{ recurrentUnits: 4, hidden: [5], entropyCoefficient: 0.01 },
      });
    const rng = createRng("minibatches");
    const normals = (size: number) => rng.fillNormal(new Float32Array(size));
    const both = {
      observations: normals(2 * steps),
      logProbs: normals(2 * steps).map((x) => 0.1 * x - 0.7),
      advantages: normals(2 * steps),
      returns: normals(2 * steps),
      values: normals(2 * steps),
      resets: Float32Array.from({ length: 2 * steps }, (_, k) => (k === 5 || k === 8 ? 1 : 0)),
    };
    const actions = Int32Array.from({ length: 2 * steps }, () => rng.integer(2));
    const memory = normals(2 * 8);
    const together = ppoTrainer(network, optionsFor(2));
    const start = { ...together.initialise(rng), parameters: weights(network) };
    const indices = Int32Array.of(1, 0);
    const expected = together.program.interpret(together.feeds(start, { ...both, actions, memory, indices }))[
      "state.network.parameters"
    ];

    const alone = ppoTrainer(network, optionsFor(1));
    let learnt: Record<string, ArrayLike<number>> = {};
    for (const [step, i] of indices.entries()) {
      const own = <T extends Float32Array | Int32Array>(x: T) => x.filter((_, k) => k % 2 === i);
      const rows = Object.fromEntries(Object.entries(both).map(([name, x]) => [name, own(x)]));
      const remembered = memory.slice(8 * i, 8 * i + 8);
      const feeds = alone.feeds(start, { ...rows, actions: own(actions), memory: remembered });
      const result = alone.program.interpret({ ...feeds, ...learnt, "state.network.steps": [step] });
      learnt = Object.fromEntries(Object.entries(result).filter(([name]) => name.startsWith("state.")));
    }
    expect(furthest(expected, start.parameters)).toBeGreaterThan(1e-3);
    expect(furthest(expected, learnt["state.network.parameters"])).toBeLessThan(1e-9);
  });

  it("learns continuous actions with all options combined", async () => {
    const algorithm = ppo({
      ...{ environments: 4, rolloutSteps: 16, minibatchSize: 32, epochs: 3, hidden: [8], recurrentUnits: 4 },
      ...{
        sharedTrunk: true,
        valueClip: 0.2,
        targetKl: 0.05,
        entropyCoefficient: 0.01,
        optimiser: "rmsprop",
      },
      ...{ normaliseAdvantages: "batch", normaliseObservations: true, normaliseRewards: true },
    });
    const state = await algorithm.init(await problemOf("Pendulum-v1"), createRng(0));
    await algorithm.update(state);
    const { approximateKl } = await algorithm.update(state);
    expect(approximateKl).toBeGreaterThan(0);
    expect(state.network.steps).toBeGreaterThan(1);
    expect(state.network.parameters.every(Number.isFinite)).toBe(true);
  });
});
