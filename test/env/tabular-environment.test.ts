/** @file An environment from its tabular model: transitions, starts, observations and refused options. */

import { describe, expect, it } from "vitest";
import { checkEnv } from "../../src/env/check-env.js";
import { tabularEnvironment } from "../../src/env/tabular-environment.js";
import { tabularModel } from "../../src/mdp/index.js";
import { box } from "../../src/spaces/index.js";

/** Outcomes of one pair, one of them impossible but for rounding, and starts of unequal odds. */
const ODDS = [0.05, 0.4, 0.25, 1e-12, 0.3 - 1e-12];
const STARTS = [0.1, 0.7, 0.2, 0, 0];
const model = tabularModel({
  states: 5,
  actions: 2,
  transitions: (_, action) =>
    action === 0
      ? ODDS.map((probability, next) => ({ next, probability, reward: 10 * next }))
      : [{ next: 2, probability: 1 }],
  initial: STARTS,
  terminal: [4],
  discount: 0.9,
});

/** How often each number comes up in `draws`, over their count. */
function frequencies(draws: readonly number[]): number[] {
  return STARTS.map((_, value) => draws.filter((draw) => draw === value).length / draws.length);
}

describe("an environment from its model", () => {
  it("draws next states and rewards by the rows of the model", () => {
    const environment = tabularEnvironment("Five", model);
    environment.reset({ seed: 1 });
    const draws = Array.from({ length: 8000 }, () => {
      environment.reset({ options: { state: 1 } });
      const { observation, reward, terminated } = environment.step(0);
      expect([reward, terminated]).toEqual([10 * (observation as number), observation === 4]);
      return observation as number;
    });
    for (const [state, frequency] of frequencies(draws).entries())
      expect(frequency).toBeCloseTo(ODDS[state], 1.5);
  });

  it("starts by the model's distribution", () => {
    const environment = tabularEnvironment("Five", model);
    environment.reset({ seed: 2 });
    const draws = Array.from({ length: 8000 }, () => environment.reset().observation as number);
    for (const [state, frequency] of frequencies(draws).entries())
      expect(frequency).toBeCloseTo(STARTS[state], 1.5);
  });

  it("reports the outcome that led to a state, and draws it", () => {
    const environment = tabularEnvironment("Five", model, {
      info: (state, probability) => ({ state, probability }),
      render: (state) => `in ${state}`,
      renderSvg: (state) => `<svg>${state}</svg>`,
    });
    expect(environment.reset({ options: { state: 3 } }).info).toEqual({ state: 3, probability: 1 });
    expect(environment.step(1).info).toEqual({ state: 2, probability: 1 });
    const { observation, info } = environment.step(0);
    expect(info.probability).toBeCloseTo(ODDS[observation as number], 9);
    expect([environment.render!(), environment.renderSvg!()]).toEqual([
      `in ${observation}`,
      `<svg>${observation}</svg>`,
    ]);
  });

  it("observes the model's rows, and starts from any of them", async () => {
    const observations = Float32Array.from({ length: 10 }, (_, i) => i);
    const wide = { ...model, observations };
    const environment = tabularEnvironment("Wide", wide, {
      observationSpace: box([2], 0, 9),
      maxEpisodeSteps: 9,
    });
    environment.reset({ options: { state: [6, 7] } });
    expect([...(environment.step(1).observation as Float32Array)]).toEqual([4, 5]);
    expect(environment.model!()).toBe(wide);
    expect(await checkEnv(environment)).toEqual([]);
    expect(() => environment.reset({ options: { state: [8, 9] } })).toThrow(
      'Wide: reset option "state" is [8,9], neither an integer from 0 to 4 nor an observation of a non-terminal state',
    );
    expect(() => tabularEnvironment("Wide", wide)).toThrow(
      "Wide: the model's observations have 2 numbers per state, but Discrete(5) has 1",
    );
  });

  it("refuses to start in a terminal state", () => {
    const environment = tabularEnvironment("Five", model);
    expect(() => environment.reset({ options: { state: 4 } })).toThrow(
      /state" is 4, which is a terminal state/,
    );
  });
});
