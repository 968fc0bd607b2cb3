/** @file Policies with memory in an episode: the time since its start, or the member that was drawn. */

import { describe, expect, it } from "vitest";
import { problemOf } from "../../src/env/problem.js";
import { tabularEnvironment } from "../../src/env/tabular-environment.js";
import { tabularModel } from "../../src/mdp/index.js";
import {
  loadPolicy,
  MixturePolicy,
  savePolicy,
  TabularPolicy,
  TimeIndexedPolicy,
} from "../../src/policies/index.js";
import { createRng } from "../../src/random/rng.js";
import { collectEpisodes } from "../../src/rollout/collect.js";

/** One state; the actions are all there is to see. */
const model = tabularModel({
  states: 1,
  actions: 3,
  discount: 0.9,
  initial: 0,
  transitions: () => [{ next: 0, probability: 1 }],
});
const play = async (policy: Parameters<typeof collectEpisodes>[0], episodes: number) => {
  const problem = await problemOf(() => tabularEnvironment("One", model, { maxEpisodeSteps: 4 }));
  const vector = await problem.vector(5, createRng("vector"));
  const rng = createRng("actions");
  return (await collectEpisodes(policy, vector, episodes, { rng })).map(({ actions }) => [...actions]);
};
const always = (action: number) =>
  new TabularPolicy(
    1,
    Float64Array.from({ length: 3 }, (_, a) => Number(a === action)),
  );

describe("TimeIndexedPolicy", () => {
  const tables = Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0.25, 0.75);
  const policy = new TimeIndexedPolicy(1, 3, tables);

  it("counts the steps of each episode, and keeps its last table after the horizon", async () => {
    for (const [first, second, ...rest] of await play(policy, 20)) {
      expect([first, second]).toEqual([0, 1]);
      expect(rest.every((action) => action > 0)).toBe(true);
    }
  });

  it("gives the log-probabilities at its time, and round-trips through its file", async () => {
    const again = loadPolicy(savePolicy(policy));
    const [late] = await again.logProb(Float32Array.of(0), Int32Array.of(2), Float32Array.of(9));
    expect(late).toBeCloseTo(Math.log(0.75), 6);
    expect((await again.logProb(Float32Array.of(0), Int32Array.of(2)))[0]).toBe(-Infinity);
    expect(again.toData()).toEqual(policy.toData());
  });
});

describe("MixturePolicy", () => {
  const mixture = new MixturePolicy([always(0), always(2)], [0.3, 0.7]);

  it("draws a policy for each episode in proportion to the weights, and keeps it", async () => {
    const episodes = await play(mixture, 600);
    for (const actions of episodes) expect(new Set(actions).size).toBe(1);
    const share = episodes.filter(([action]) => action === 2).length / 600;
    expect(share).toBeGreaterThan(0.64);
    expect(share).toBeLessThan(0.76);
  });

  it("averages over the policies before one is drawn, and round-trips through its file", async () => {
    const again = loadPolicy(savePolicy(mixture));
    const ask = async (state?: Float32Array) =>
      (await again.logProb(Float32Array.of(0), Int32Array.of(2), state))[0];
    expect(await ask()).toBeCloseTo(Math.log(0.7), 6);
    expect(await ask(Float32Array.of(1))).toBe(-Infinity);
    expect(await ask(Float32Array.of(2))).toBe(0);
    expect(() => new MixturePolicy([always(0)], [0.5])).toThrow(
      /1 policies needs as many weights with sum 1, not 1 with sum 0.5/,
    );
  });
});
