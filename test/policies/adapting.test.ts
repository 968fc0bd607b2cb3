/** @file The adapting policy in trials: what it remembers, when it adapts, and its file. */

import { describe, expect, it } from "vitest";
import "../../envs/index.js";
import { problemOf } from "../../src/env/problem.js";
import { feedbackView } from "../../src/env/wrappers/feedback-view.js";
import { episodeAdvantages } from "../../src/policies/adapting/advantages.js";
import { adaptingNetwork } from "../../src/policies/adapting/network.js";
import { actingPrograms, innerStepProgram, modulationProgram } from "../../src/policies/adapting/programs.js";
import { AdaptingPolicy, type AdaptingSettings, loadPolicy, savePolicy } from "../../src/policies/index.js";
import { createRng } from "../../src/random/rng.js";
import { emptyMemory } from "../../src/rollout/recurrent-reset.js";
import { box, discrete } from "../../src/spaces/index.js";
import type { ProgramArray } from "../../src/tensor/index.js";

const [episodes, horizon] = [2, 4];
const options: AdaptingSettings = {
  observationSpace: box([2], -Infinity, Infinity),
  actionSpace: box([2], -1, 1),
  hidden: [5],
  activation: "tanh",
  ...{ innerSteps: 1, innerRate: 0.5, episodes, horizon, discount: 0.9, gaeLambda: 1 },
};

function policyOf(settings: AdaptingSettings = options): AdaptingPolicy {
  const { layout } = adaptingNetwork(settings);
  return new AdaptingPolicy(settings, createRng("weights").fillNormal(new Float32Array(layout.size)));
}

/** A trial of `episodesPerTask` episodes in `count` environments; the rows, results and rewards of each step. */
async function play(policy: AdaptingPolicy, count: number, { deterministic = false, trial = 3 } = {}) {
  const problem = await problemOf("PointGoal-v0", { episodesPerTask: trial, maxEpisodeSteps: horizon });
  const vector = await problem.vector(count, createRng("vector"));
  const shown = feedbackView(vector);
  const rng = createRng("actions");
  let state: Float32Array | undefined;
  const steps = [];
  for (let k = 0; k < trial * horizon + 1; k++) {
    const rows = shown.observations.slice();
    const before = state?.slice();
    const result = await policy.act(rows, { rng, deterministic, state });
    expect(state).toEqual(before);
    state = result.state!.slice();
    shown.step(result.actions);
    emptyMemory(state, shown);
    steps.push({ rows, before, ...result, rewards: vector.rewards.slice() });
  }
  return steps;
}

describe("an adapting policy", () => {
  it("takes the inner step on its first K episodes, and acts by it until the trial ends", async () => {
    const policy = policyOf();
    const count = 3;
    const steps = await play(policy, count);
    const network = adaptingNetwork(options);
    const first = new AdaptingPolicy(options, policy.parameters);
    for (let i = 0; i < count; i++) {
      const taken = steps.slice(0, episodes * horizon);
      const width = taken[0].rows.length / count;
      const observations = taken.flatMap(({ rows }) => [...rows.subarray(i * width, i * width + 2)]);
      const actions = taken.flatMap(({ unclipped }) => [...unclipped!.subarray(2 * i, 2 * i + 2)]);
      const { advantages, shares } = episodeAdvantages(
        {
          horizon,
          observations: Float32Array.from(observations),
          rewards: taken.map(({ rewards }) => rewards[i]),
          lengths: [horizon, horizon],
        },
        options,
      );
      const { adapted } = await innerStepProgram(network, episodes * horizon, 0.5).run({
        parameters: policy.parameters,
        observations: Float32Array.from(observations),
        actions: Float32Array.from(actions),
        advantages,
        shares,
      });
      const fixed = new AdaptingPolicy(options, adapted as Float32Array);
      expect(Math.max(...adapted.map((x, k) => Math.abs(x - policy.parameters[k])))).toBeGreaterThan(0.01);
      for (const [k, { rows, logProbs, unclipped }] of steps.entries()) {
        const isAdapted = k >= episodes * horizon && k < 3 * horizon;
        const row = rows.slice(i * width, (i + 1) * width);
        const action = unclipped!.subarray(2 * i, 2 * i + 2);
        const [expected] = await (isAdapted ? fixed : first).logProb(row, action);
        expect(logProbs![i]).toBeCloseTo(expected, 4);
      }
    }
  });

  it("is modulated by its first K episodes from the first inner step on", async () => {
    const settings = { ...options, innerSteps: 2, modulationUnits: 3 };
    const policy = policyOf(settings);
    const network = adaptingNetwork(settings);
    const steps = await play(policy, 1, { trial: 6 });
    const until = episodes * horizon;
    const all = (of: (step: (typeof steps)[number]) => Iterable<number>, from: number) =>
      Float32Array.from(steps.slice(from, from + until).flatMap((step) => [...of(step)]));
    /** The fields of a batch of the K episodes from step `from` on. */
    const batch = (from: number) => {
      const observations = all(({ rows }) => rows.subarray(0, 2), from);
      const rewards = all((step) => step.rewards, from);
      const lengths = [horizon, horizon];
      const estimated = episodeAdvantages({ horizon, observations, rewards, lengths }, settings);
      return { observations, rewards, actions: all(({ unclipped }) => unclipped!, from), ...estimated };
    };
    const { rewards, ...first } = batch(0);
    const { observations, actions } = first;
    const lasts = Float32Array.of(0, 0, 0, 1, 0, 0, 0, 1);
    const { modulation } = await modulationProgram(network, settings).run({
      ...{ shared: policy.parameters, observations, actions, rewards, lasts },
    });
    expect(Math.max(...(modulation as Float32Array).map(Math.abs))).toBeGreaterThan(0.01);
    const own = policy.parameters.subarray(0, network.adapted.size);
    const step = innerStepProgram(network, until, settings.innerRate);
    const zeros = new Float32Array(network.modulationSize);
    const once = (await step.run({ parameters: own, modulation: zeros, ...first })).adapted;
    const { rewards: _, ...second } = batch(until);
    const twice = (await step.run({ parameters: once, modulation, ...second })).adapted;
    const expected = async (k: number, parameters: ProgramArray, changes: ProgramArray) => {
      const { rows, unclipped } = steps[k];
      const fed = { parameters, modulation: changes, observations: rows.slice(0, 2), actions: unclipped! };
      return (await actingPrograms(network, 1).logProb.run(fed)).logProbs[0];
    };
    for (const [k, { logProbs }] of steps.slice(0, 6 * horizon).entries()) {
      const stage = [own, once, twice][Math.min(2, Math.floor(k / until))];
      expect(logProbs![0]).toBeCloseTo(await expected(k, stage, k < until ? zeros : modulation), 4);
    }
  });

  it("gives the log-probability of an action in the state before it", async () => {
    const policy = policyOf();
    for (const { rows, before, unclipped, logProbs } of await play(policy, 2)) {
      expect([...(await policy.logProb(rows, unclipped!, before))]).toEqual([...logProbs!]);
    }
  });

  it("samples in the episodes that it learns from, and then acts by its mode if asked", async () => {
    const [one, two] = [await play(policyOf(), 2, { deterministic: true }), await play(policyOf(), 2)];
    const until = episodes * horizon;
    expect(one.slice(0, until).map(({ actions }) => actions)).toEqual(
      two.slice(0, until).map((s) => s.actions),
    );
    expect(one[until].actions).not.toEqual(two[until].actions);
    const { rows, before, unclipped } = one[until];
    const again = await policyOf().act(rows, { deterministic: true, state: before });
    expect(again.unclipped).toEqual(unclipped);
  });

  it("needs random numbers while it learns", async () => {
    const rows = new Float32Array(9);
    await expect(policyOf().act(rows, { deterministic: true })).rejects.toThrow(
      "act draws random actions and needs rng",
    );
  });

  it("never changes with a step size of 0", async () => {
    const policy = policyOf({ ...options, innerRate: 0 });
    const [last] = (await play(policy, 1)).slice(-2);
    const [logProb] = await policy.logProb(last.rows, last.unclipped!);
    expect(last.logProbs![0]).toBe(logProb);
  });

  it("forgets at the start of a trial, also if its state was not emptied", async () => {
    const policy = policyOf();
    const steps = await play(policy, 1);
    const { rows, state } = steps[10];
    const first = rows.slice();
    first.fill(0);
    first[first.length - 1] = 1;
    const act = (state?: Float32Array) => policy.act(first, { rng: createRng(0), state });
    expect(await act(state)).toEqual(await act());
  });

  it("is the same after loading, with discrete actions too", async () => {
    for (const settings of [options, { ...options, actionSpace: discrete(3) }]) {
      const policy = policyOf(settings);
      const again = loadPolicy(savePolicy(policy));
      expect(again.toData()).toEqual(policy.toData());
      expect(again.view).toBe("feedback");
      const rows = new Float32Array(2 * (settings === options ? 9 : 10));
      const act = (p: typeof again) => p.act(rows, { rng: createRng(0) });
      expect(await act(again)).toEqual(await act(policy));
    }
  });

  it("refuses an episode longer than those that it learns from", async () => {
    const policy = policyOf({ ...options, horizon: 3 });
    await expect(play(policy, 1)).rejects.toThrow(
      "the policy learns from episodes of at most 3 steps, but one goes on: set the environment's option " +
        "maxEpisodeSteps to 3",
    );
  });

  it("refuses parameters of another network", () => {
    expect(() => new AdaptingPolicy(options, new Float32Array(3))).toThrow("but the vector has 3");
  });
});
