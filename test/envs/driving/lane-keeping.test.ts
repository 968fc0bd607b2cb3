/** @file LaneKeeping-v0: dynamics, an expert whose demonstrations contain no recovery, and refused options. */

import { describe, expect, it } from "vitest";
import { checkEnv, laneKeeper, laneKeeping } from "../../../envs/index.js";
import { collect, evaluate } from "../../../index.js";
import { createRng } from "../../../src/random/rng.js";

const env = "LaneKeeping-v0";
const at = (observation: unknown): number[] => Array.from(observation as Float32Array);

describe("LaneKeeping-v0", () => {
  it("passes checkEnv, with and without gusts", async () => {
    expect(await checkEnv(env)).toEqual([]);
    expect(await checkEnv(() => laneKeeping({ gust: 0.05, halfWidth: 3, maxEpisodeSteps: 20 }))).toEqual([]);
  });

  it("turns by steering minus curvature, then moves sideways by its heading", () => {
    const car = laneKeeping();
    car.reset({ seed: 3, options: { state: [0.5, 0.1] } });
    const [, , bend] = at(car.step([0]).observation);
    car.reset({ seed: 3, options: { state: [0.5, 0.1] } });
    const before = at(car.reset({ seed: 3, options: { state: [0.5, 0.1] } }).observation);
    const curvature = 0.1 * before[2];
    const along = (10 * Math.cos(0.1)) / (1 - curvature * 0.5);
    const heading = 0.1 + 0.1 * (10 * 0.1 * 0.3 - curvature * along);
    const offset = 0.5 + Math.sin(heading);
    const { observation, reward } = car.step([0.3]);
    expect(at(observation).slice(0, 2)).toEqual([expect.closeTo(offset, 5), expect.closeTo(heading, 5)]);
    expect(at(observation)[2]).toBeCloseTo(bend, 5);
    expect(reward).toBeCloseTo(1 - (offset / 2) ** 2, 6);
  });

  it("is displaced sideways by a gust after it has moved, whose size is that of the option", () => {
    const after = (gust: number) => {
      const car = laneKeeping({ gust });
      car.reset({ seed: 3, options: { state: [0.5, 0.1] } });
      return at(car.step([0.3]).observation);
    };
    const [still, weak, strong] = [0, 0.1, 0.2].map(after);
    expect(Math.abs(weak[0] - still[0])).toBeGreaterThan(0.01);
    expect(strong[0] - still[0]).toBeCloseTo(2 * (weak[0] - still[0]), 6);
    // The heading and the way along the road are those without a gust.
    expect(weak.slice(1)).toEqual(still.slice(1));
  });

  it("observes the bends ahead", () => {
    const car = laneKeeping();
    const first = at(car.reset({ seed: 1 }).observation);
    let last = first;
    for (let step = 0; step < 10; step++) last = at(car.step([last[2]]).observation);
    // Ten metres on.
    expect(last[2]).toBeCloseTo(first[4], 3);
    expect(last[3]).toBeCloseTo(first[5], 3);
  });

  it("terminates off the road, with reward 0", () => {
    const car = laneKeeping();
    car.reset({ seed: 1, options: { state: [1.9, 0.5] } });
    expect(car.step([0])).toMatchObject({ reward: 0, terminated: true });
  });

  it("has no bend beyond full lock", () => {
    const car = laneKeeping();
    for (let seed = 0; seed < 200; seed++) {
      expect(Math.max(...at(car.reset({ seed }).observation).slice(2).map(Math.abs))).toBeLessThan(0.61);
    }
  });

  it("has an expert that stays on the centre line, so that its demonstrations contain no recovery", async () => {
    const { trajectories } = await collect(laneKeeper(), { env, episodes: 3, seed: 0, deterministic: true });
    for (const { observations, rewards } of trajectories) {
      expect(rewards.length).toBe(200);
      for (let i = 0; i < observations.length; i += 6) {
        expect(Math.abs(observations[i])).toBeLessThan(1e-5);
        expect(Math.abs(observations[i + 1])).toBeLessThan(1e-5);
      }
    }
  });

  it("has an expert that recovers from anywhere on the road, and in gusts", async () => {
    const expert = laneKeeper();
    const car = laneKeeping();
    for (const state of [
      [1.5, 0.2],
      [-1.8, 0],
      [0, -0.3],
    ]) {
      let row = at(car.reset({ seed: 2, options: { state } }).observation);
      for (let step = 0; step < 60; step++) {
        const { actions } = await expert.act(Float32Array.from(row), {
          rng: createRng(0),
          deterministic: true,
        });
        const result = car.step(actions);
        expect(result.terminated).toBe(false);
        row = at(result.observation);
      }
      expect(Math.abs(row[0])).toBeLessThan(0.02);
    }
    const windy = await evaluate(expert, { env, environmentOptions: { gust: 0.1 }, episodes: 10, seed: 0 });
    expect(windy.mean).toBeGreaterThan(190);
  });

  it("refuses invalid starts, and renders itself", () => {
    const car = laneKeeping();
    for (const state of [[3, 0], [0, 2], [1], "here", null]) {
      expect(() => car.reset({ options: { state } })).toThrow(
        'reset option "state" must be an offset on the road',
      );
    }
    car.reset({ seed: 0, options: { state: [2, 0] } });
    expect(car.render!()).toMatch(/^\|A {9}: {10}\| {3}heading 0\.000 {3}bend (left|right|none)$/);
    expect(car.renderSvg!()).toMatch(/^<svg [\s\S]*<\/svg>$/);
    expect(() => laneKeeping({ halfWidth: 0 })).toThrow('LaneKeeping-v0: option "halfWidth" is 0');
  });
});
