/** @file The deck of tasks: every task once a pass, and a trial's task from its own start to its end. */

import { expect, it } from "vitest";
import { dealAll, dealNext, startNext } from "../../../../algorithms/meta/shared/task-deck.js";
import type { Task, VectorEnvironment } from "../../../../src/env/contracts.js";
import { createRng } from "../../../../src/random/rng.js";

it("deals every task once before any again, and each environment plays the task that was set for it", () => {
  const tasks = Array.from({ length: 5 }, (_, k) => ({ number: k })) as unknown as Task[];
  const count = 2;
  /** What `setTask` was given last, by environment; in play from the next trial on. */
  const set: (Task | undefined)[] = [undefined, undefined];
  const vector = {
    count,
    episodeInTrial: new Int32Array(count),
    stepInEpisode: new Int32Array(count),
    trialEnded: new Uint8Array(count),
    setTask(i: number, task: Task) {
      set[i] = task;
    },
    reset() {},
  };
  const given = vector as unknown as VectorEnvironment;
  const rng = createRng(0);
  const deck = dealAll(given, tasks, rng);
  const played = [...deck.playing];
  expect(set).toEqual(played.map((k) => tasks[k]));

  /** Both environments: two episodes of two steps make a trial. */
  for (let step = 1; step <= 36; step++) {
    dealNext(deck, given, tasks, 2, rng);
    const before = [...deck.playing];
    const time = step % 4;
    vector.episodeInTrial.fill(time < 2 ? 0 : 1);
    vector.stepInEpisode.fill(time % 2);
    vector.trialEnded.fill(Number(time === 0));
    startNext(deck, given);
    if (time !== 0) expect([...deck.playing]).toEqual(before);
    else {
      expect([...deck.playing].map((k) => tasks[k])).toEqual(set);
      played.push(...deck.playing);
    }
  }
  expect(played).toHaveLength(20);
  const passes = [0, 5, 10, 15].map((from) => played.slice(from, from + 5));
  for (const pass of passes) expect(pass.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4]);
  expect(new Set(passes.map(String)).size).toBeGreaterThan(1);
});
