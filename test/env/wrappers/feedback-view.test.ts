/** @file The feedback view: each part of its rows within an episode, between episodes and between trials. */

import { describe, expect, it } from "vitest";
import { makeVector } from "../../../envs/index.js";
import { feedbackLayout, feedbackView } from "../../../src/env/wrappers/feedback-view.js";
import { snapshot } from "../../../src/state/snapshot.js";

/** The parts of row i, by name. */
function partsOf(row: Float32Array, parts: readonly number[]) {
  let at = 0;
  const [observation, action, reward, ended, next, first] = parts.map((n) => {
    at += n;
    return Array.from(row.subarray(at - n, at));
  });
  return { observation, action, reward: reward[0], ended: ended[0], next, first: first[0] };
}

const pointGoal = () =>
  makeVector("PointGoal-v0", 1, { seed: 0, options: { maxEpisodeSteps: 2, episodesPerTask: 2 } });

describe("feedbackView", () => {
  it("shows what the last action did, across the episodes of a trial", async () => {
    const vector = await pointGoal();
    const view = feedbackView(vector);
    const { parts, width } = feedbackLayout(vector.observationSpace, vector.actionSpace);
    expect([parts, width]).toEqual([[2, 2, 1, 1, 2, 1], 9]);
    const shown = () => partsOf(view.observations, parts);
    const start = { observation: [0, 0], action: [0, 0], reward: 0, ended: 0, next: [0, 0], first: 1 };
    expect(shown()).toEqual(start);

    view.step(Float32Array.of(1, 0.5));
    const moved = [Math.fround(0.1), Math.fround(0.05)];
    const reward = Math.fround(vector.rewards[0]);
    expect(reward).toBeLessThan(0);
    expect(shown()).toEqual({
      observation: moved,
      action: [1, 0.5],
      reward,
      ended: 0,
      next: moved,
      first: 0,
    });

    // The end of the first episode: the next one starts at the origin, but the encoder sees what was reached.
    view.step(Float32Array.of(1, 0));
    const reached = [Math.fround(0.2), Math.fround(0.05)];
    const between = shown();
    expect(between).toMatchObject({ observation: [0, 0], action: [1, 0], ended: 1, next: reached, first: 0 });
    expect(partsOf(view.finalObservations, parts)).toEqual({ ...between, observation: reached, ended: 0 });

    // The end of the trial: nothing of it is shown in the next.
    view.step(Float32Array.of(0, 1));
    view.step(Float32Array.of(0, 1));
    expect(vector.trialEnded![0]).toBe(1);
    expect(shown()).toEqual(start);
    expect(partsOf(view.finalObservations, parts)).toMatchObject({ ended: 0, first: 0, action: [0, 1] });
  });

  it("encodes discrete observations and actions one-hot, and scales box actions to ±1", async () => {
    const grid = feedbackView(await makeVector("GridNavi-v0", 1, { seed: 0 }));
    const { observation, action } = feedbackLayout(
      (await makeVector("GridNavi-v0", 1)).observationSpace,
      grid.actionSpace,
    );
    grid.step(Int32Array.of(2));
    const row = Array.from(grid.observations);
    expect(row.slice(observation, observation + action)).toEqual([0, 0, 1, 0, 0].slice(0, action));
    const sum = row.slice(0, observation).reduce((a, b) => a + b);
    expect(sum).toBeGreaterThanOrEqual(1);

    const pendulum = feedbackView(await makeVector("Pendulum-v1", 1, { seed: 0 }));
    pendulum.step(Float32Array.of(1.5));
    expect(pendulum.observations[3]).toBe(0.75);
  });

  it("starts afresh with each episode where there are no trials", async () => {
    const view = feedbackView(
      await makeVector("Pendulum-v1", 1, { seed: 0, options: { maxEpisodeSteps: 2 } }),
    );
    const last = view.observations.length - 1;
    const first = () => view.observations[last];
    expect(first()).toBe(1);
    view.step(Float32Array.of(1));
    expect(first()).toBe(0);
    view.step(Float32Array.of(1));
    expect(first()).toBe(1);
  });

  it("continues from a snapshot", async () => {
    const [view, other] = [feedbackView(await pointGoal()), feedbackView(await pointGoal())];
    view.step(Float32Array.of(1, 0.5));
    const saved = snapshot(view.getState());
    other.setState(saved);
    expect(other.observations).toEqual(view.observations);
    for (const each of [view, other]) each.step(Float32Array.of(0.3, 0));
    expect(other.observations).toEqual(view.observations);
  });
});
