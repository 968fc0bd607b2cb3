/** @file The view of an oracle: feedback rows with the true cluster of the current task. */

import { expect, it } from "vitest";
import { makeVector } from "../../../envs/index.js";
import { clusterView } from "../../../src/env/wrappers/cluster-view.js";
import { feedbackView } from "../../../src/env/wrappers/feedback-view.js";

const vector = () =>
  makeVector("PointGoal-v0", 3, { seed: 2, options: { maxEpisodeSteps: 2, episodesPerTask: 2 } });

it("adds the cluster of the task that is played, also to the last rows of a trial that has ended", async () => {
  const raw = await vector();
  const view = clusterView(raw);
  const plain = feedbackView(await vector());
  const clusters = () => Array.from({ length: 3 }, (_, i) => raw.tasks!.clusterOf(raw.getTask!(i)));
  const last = (rows: Float32Array) => [9, 19, 29].map((k) => rows[k]);
  const first = clusters();
  expect(last(view.observations)).toEqual(first);
  for (let step = 0; step < 4; step++) {
    const actions = Float32Array.of(1, 0, 0, 1, -1, 0);
    view.step(actions);
    plain.step(actions);
    for (let i = 0; i < 3; i++) {
      expect(view.observations.subarray(10 * i, 10 * i + 9)).toEqual(
        plain.observations.subarray(9 * i, 9 * i + 9),
      );
    }
  }
  expect(raw.trialEnded![0]).toBe(1);
  expect(last(view.finalObservations)).toEqual(first);
  expect(last(view.observations)).toEqual(clusters());
  expect(clusters()).not.toEqual(first);
});

it("refuses an environment without tasks", async () => {
  const single = await makeVector("Pendulum-v1", 1);
  expect(() => clusterView(single)).toThrow("Pendulum-v1 is no task family");
});
