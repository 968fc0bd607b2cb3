/** @file Replays by task: what a step stores where, and from what contexts are drawn. */

import { describe, expect, it } from "vitest";
import { MetaBatches, StepReader, taskReplays } from "../../../../algorithms/meta/shared/task-replays.js";
import { makeVector } from "../../../../envs/index.js";
import { feedbackView } from "../../../../src/env/wrappers/feedback-view.js";
import { createRng } from "../../../../src/random/rng.js";
import { box } from "../../../../src/spaces/index.js";

const spaces = { id: "World", observationSpace: box([1], -9, 9), actionSpace: box([1], -2, 2) };
const HORIZON = 3;

/** Replays of two tasks with `episodes` first episodes each; observation 100 task + 10 episode + step. */
function filled(episodes: number, contextEpisodes: number) {
  const replays = taskReplays(spaces, 2, HORIZON, { replaySize: 100, contextEpisodes });
  for (let task = 0; task < 2; task++) {
    const steps = Array.from({ length: episodes * HORIZON }, (_, k) => {
      return 100 * task + 10 * Math.floor(k / HORIZON) + (k % HORIZON);
    });
    const rows = {
      observations: Float32Array.from(steps),
      nextObservations: Float32Array.from(steps, (x) => x + 0.5),
      actions: new Float32Array(steps.length),
      rewards: steps,
      terminated: new Uint8Array(steps.length),
    };
    replays.all[task].add(rows);
    replays.first[task].add(rows);
  }
  return replays;
}
const SIZES = { metaBatch: 4, minibatchSize: 5, contextSize: HORIZON };

describe("batches", () => {
  it("have transitions and a whole recent episode of one task in each part, of all tasks in the long run", () => {
    const replays = filled(5, 2);
    const batches = new MetaBatches(spaces, SIZES, HORIZON, 20);
    batches.draw(replays, 20, 0.9, createRng(0));
    const { transitions, context } = batches;
    const tasks = new Set<number>();
    const episodes = new Set<number>();
    for (let k = 0; k < 80; k++) {
      const of = (x: number) => Math.floor(x / 100);
      const rows = [...context.observations.slice(k * HORIZON, (k + 1) * HORIZON)];
      tasks.add(of(rows[0]));
      const first = Math.min(...rows);
      episodes.add((first % 100) / 10);
      expect(rows.sort((a, b) => a - b)).toEqual([first, first + 1, first + 2]);
      for (const x of transitions.observations.slice(5 * k, 5 * (k + 1))) expect(of(x)).toBe(of(first));
    }
    expect([...tasks].sort()).toEqual([0, 1]);
    expect([...episodes].sort()).toEqual([3, 4]);
    expect(context.returns).toEqual(context.observations);
    expect(new Set(transitions.discounts)).toEqual(new Set([Math.fround(0.9)]));
  });

  it("have smaller contexts without repetitions", () => {
    const batches = new MetaBatches(spaces, { ...SIZES, contextSize: 2 }, HORIZON, 30);
    batches.draw(filled(1, 2), 30, 0.9, createRng(1));
    const seen = new Set<number>();
    for (let k = 0; k < 120; k++) {
      const [a, b] = batches.context.observations.slice(2 * k, 2 * k + 2);
      expect(a).not.toBe(b);
      seen.add(a % 100).add(b % 100);
    }
    expect([...seen].sort()).toEqual([0, 1, 2]);
  });
});

describe("a step", () => {
  it("gives the observations before and after it, the final one at the end of an episode", async () => {
    const vector = await makeVector("PointGoal-v0", 2, { options: { maxEpisodeSteps: 2 } });
    const shown = feedbackView(vector);
    const reader = new StepReader(shown, vector);
    const { rows } = reader;
    const paths: number[][][] = [];
    for (let step = 0; step < 5; step++) {
      reader.step(Float32Array.of(1, 0, 0, -1));
      paths.push([[...rows.observations], [...rows.nextObservations]]);
    }
    const close = (xs: number[]) => xs.map((x) => expect.closeTo(x, 6));
    for (const step of [0, 2, 4]) {
      expect(paths[step][0]).toEqual(close([0, 0, 0, 0]));
      expect(paths[step][1]).toEqual(close([0.1, 0, 0, -0.1]));
    }
    for (const step of [1, 3]) {
      expect(paths[step][0]).toEqual(close([0.1, 0, 0, -0.1]));
      expect(paths[step][1]).toEqual(close([0.2, 0, 0, -0.2]));
    }
    expect([...rows.actions]).toEqual([1, 0, 0, -1]);
    vector.close();
  });
});
