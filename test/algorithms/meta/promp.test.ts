/** @file ProMP and MAML: that adaptation is learnt, that its steps are counted, and what they refuse. */

import { beforeAll, describe, expect, it } from "vitest";
import { type PrompOptions, promp } from "../../../algorithms/index.js";
import { bernoulliBandit } from "../../../envs/bandits/bernoulli.js";
import "../../../envs/index.js";
import { pointGoal } from "../../../envs/points/point-goal.js";
import type { Environment } from "../../../src/env/contracts.js";
import { problemOf } from "../../../src/env/problem.js";
import { evaluateTrials } from "../../../src/measure/evaluate-trials.js";
import { AdaptingPolicy, loadPolicy, savePolicy } from "../../../src/policies/index.js";
import { createRng } from "../../../src/random/rng.js";
import { train } from "../../../src/runs/train.js";
import { restore, snapshot } from "../../../src/state/snapshot.js";

const env = "PointGoal-v0";
const environmentOptions = { episodesPerTask: 6 };
const small: PrompOptions = { metaBatch: 3, hidden: [4] };

describe("promp", () => {
  let policy: AdaptingPolicy;
  beforeAll(async () => {
    const options = { metaBatch: 20, innerRate: 0.5, learningRate: 5e-3, hidden: [32] };
    policy = (await train(promp(options), {
      env,
      environmentOptions,
      steps: 150_000,
      seed: 0,
    })) as AdaptingPolicy;
  });
  const trials = { env, environmentOptions, trials: 32, seed: 1 };

  // Standing still earns −20, knowing the goal −3.8. Seeds 0, 1 and 2 gave −8.8, −9.9 and −8.9.
  it("learns parameters from which five episodes are enough to find a goal", async () => {
    const { mean } = await evaluateTrials(loadPolicy(savePolicy(policy)), trials);
    expect(Math.max(...mean.slice(0, 5))).toBeLessThan(-19);
    expect(mean[5]).toBeGreaterThan(-12);
  });

  it("does not find it without the inner step", async () => {
    const fixed = new AdaptingPolicy({ ...policy.settings, innerRate: 0 }, policy.parameters);
    const { mean } = await evaluateTrials(fixed, trials);
    expect(mean[5]).toBeLessThan(-18);
  });
});

/** One update, and the metrics of it. */
async function updated(options: PrompOptions, source: string | (() => Environment), given = {}) {
  const learner = promp(options);
  const state = await learner.init(await problemOf(source as string, given), createRng(0));
  const before = state.network.parameters.slice();
  const metrics = await learner.update(state);
  return { state, metrics, before };
}

describe("an update", () => {
  it("counts the steps of all stages, also those of adaptation", async () => {
    const { metrics } = await updated(small, env, { episodesPerTask: 3, maxEpisodeSteps: 7 });
    // 2 stages × 3 tasks × 2 episodes × 7 steps.
    expect(metrics).toMatchObject({ steps: 84, episodes: 12 });
    for (const value of Object.values(metrics)) expect(value).toEqual(expect.any(Number));
  });

  it.each([
    ["discrete", () => bernoulliBandit({ arms: 3, episodesPerTask: 3, maxEpisodeSteps: 6 }) as Environment],
    ["continuous", () => pointGoal({ episodesPerTask: 3, maxEpisodeSteps: 6 })],
  ])("of MAML is one step without clipping or divergence: %s actions", async (_, source) => {
    const { metrics, state, before } = await updated({ ...small, variant: "maml" }, source);
    expect(state.network.steps).toBe(1);
    expect(metrics.clipFraction).toBe(0);
    expect(state.network.parameters).not.toEqual(before);
    const proximal = await updated(small, source);
    expect(proximal.state.network.steps).toBe(5);
  });

  it("of the variant promp is 5 steps with a clip of 0.3 and η = 0.0005, unless other values are given", async () => {
    // Large steps, so that ratios leave the clip.
    const run = (options: PrompOptions) =>
      updated({ ...small, learningRate: 0.1, ...options }, env, { episodesPerTask: 2, maxEpisodeSteps: 6 });
    const usual = await run({});
    expect(usual.metrics.clipFraction).toBeGreaterThan(0);
    const parametersOf = async (options: PrompOptions) => (await run(options)).state.network.parameters;
    const { parameters } = usual.state.network;
    expect(await parametersOf({ gradientSteps: 5, clip: 0.3, klCoefficient: 5e-4 })).toEqual(parameters);
    const others = [{ gradientSteps: 6 }, { clip: 0.6 }, { klCoefficient: 1e-3 }, { klCoefficient: 0 }];
    for (const other of others) expect(await parametersOf(other)).not.toEqual(parameters);
    expect((await run({ gradientSteps: 3 })).state.network.steps).toBe(3);
  });

  it("continues from a snapshot bit for bit", async () => {
    const learner = promp(small);
    const problem = await problemOf(env, { episodesPerTask: 3, maxEpisodeSteps: 5 });
    const whole = await learner.init(problem, createRng(0));
    for (let k = 0; k < 2; k++) await learner.update(whole);
    const resumed = await learner.init(problem, createRng(9));
    restore(resumed, snapshot(whole));
    expect(await learner.update(resumed)).toEqual(await learner.update(whole));
    expect(snapshot(resumed)).toEqual(snapshot(whole));
  });

  it("reads neither the task nor its cluster", async () => {
    const forbidden = (): never => {
      throw new Error("only an evaluation may read this");
    };
    const blind = () => {
      const environment = pointGoal({ episodesPerTask: 3 });
      const { tasks } = environment;
      const blindfold = {
        getTask: forbidden,
        tasks: { ...tasks, clusterOf: forbidden, nearestCluster: forbidden },
      };
      return new Proxy(environment, {
        get: (target, name) => Reflect.get(name in blindfold ? blindfold : target, name),
      });
    };
    await updated(small, blind);
  });

  it("draws its tasks from the training tasks, if there are some", async () => {
    const played = (train: number) =>
      updated({ ...small, metaBatch: 20, tasks: { train } }, env, { episodesPerTask: 2 }).then(
        ({ state }) => {
          const { environments } = state;
          return new Set(Array.from({ length: 20 }, (_, i) => JSON.stringify(environments.getTask!(i)))).size;
        },
      );
    expect(await played(3)).toBe(3);
    expect(await played(0)).toBe(20);
  });
});

describe("promp refuses", () => {
  const init = async (id: string, options = {}) =>
    promp(small).init(await problemOf(id, options), createRng(0));

  it("an environment that is no task family", async () => {
    await expect(init("CartPole-v1")).rejects.toThrow(
      "promp learns to adapt to the tasks of a family, but CartPole-v1 is one task",
    );
  });

  it("trials of one episode", async () => {
    await expect(init(env, { episodesPerTask: 1 })).rejects.toThrow(
      "a trial of PointGoal-v0 has 1: set the environment's option episodesPerTask to 2 or more",
    );
  });

  it.each([
    ["clip", 0.2],
    ["gradientSteps", 3],
    ["klCoefficient", 0],
  ])("the option %s with the variant maml", (name, value) => {
    expect(() => promp({ variant: "maml", [name]: value })).toThrow(
      `promp: ${name} ${value} has no meaning with variant maml`,
    );
  });
});
