/** @file A round of DAgger: the queries of every environment, who acts, and which answers a step and a round wait for. */

import { describe, expect, it } from "vitest";
import { createLabelStore } from "../../../../algorithms/imitation/dagger/labels.js";
import { type RolloutState, sampleRound } from "../../../../algorithms/imitation/dagger/rollout.js";
import { createPairs } from "../../../../algorithms/shared/labelled-pairs.js";
import type { Problem, VectorEnvironment } from "../../../../src/env/contracts.js";
import type { Labeller } from "../../../../src/people/labeller.js";
import { createQueryBook } from "../../../../src/people/query-book.js";
import type { LabelRequest } from "../../../../src/people/question.js";
import type { Policy } from "../../../../src/policies/contract.js";
import { createRng } from "../../../../src/random/rng.js";
import { box } from "../../../../src/spaces/index.js";

const COUNT = 3;
const observationSpace = box([2], -1e4, 1e4);
const actionSpace = box([2], -1e4, 1e4);

/** Observations are (100 · time + i, −i) in environment i; `done` keeps the actions of each step. */
function counting() {
  const done: number[][] = [];
  let time = 0;
  const view = {
    id: "Counting-v0",
    count: COUNT,
    observationSpace,
    actionSpace,
    observations: new Float32Array(2 * COUNT),
    step(actions: Float32Array) {
      done.push([...actions]);
      time++;
      show();
    },
    getState: () => ({ environments: [10, 11, 12].map((place) => ({ place, time })) }),
  };
  const show = () => {
    for (let i = 0; i < COUNT; i++) view.observations.set([100 * time + i, -i], 2 * i);
  };
  show();
  return { environments: view as unknown as VectorEnvironment, done };
}

/** Acts with (o₀ + 0.5, o₁ + 0.5). */
const learner = {
  act: async (rows: Float32Array) => ({ actions: rows.map((x) => x + 0.5) }),
} as unknown as Policy;

/** Answers with (−o₀, 7), or leaves out what `answers` refuses; keeps what it was asked. */
function watched(answers: (id: number) => boolean = () => true, wantsStates = false) {
  const asked: LabelRequest["queries"][number][][] = [];
  const labeller = {
    kind: "watched",
    wantsStates,
    async *label({ queries }: LabelRequest, signal: AbortSignal) {
      asked.push([...queries]);
      yield queries
        .filter(({ id }) => answers(id))
        .map(({ id, observation }) => ({ id, action: [-observation[0], 7] }));
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
    },
  } as unknown as Labeller;
  return { labeller, asked };
}

function start() {
  const { environments, done } = counting();
  const problem = { id: "Counting-v0", observationSpace, actionSpace } as Problem;
  const state: RolloutState = {
    round: 4,
    step: 0,
    learnerSteps: 0,
    book: createQueryBook(),
    ...createLabelStore(createPairs(problem, 20), 20),
    environments,
    mixtureRng: createRng("mixture"),
    live: { problem },
  };
  return { state, done };
}

const all = { roundSteps: 6, quorum: 1, patience: 0 };
/** What the learner does in environment i at a time. */
const own = (time: number, i: number) => [100 * time + i + 0.5, -i + 0.5];

describe("a round", () => {
  it("asks about the state of each environment at each step, with the learner's action there", async () => {
    const { state, done } = start();
    const { labeller, asked } = watched();
    await sampleRound(state, { ...all, labeller }, { learner, beta: 0 });
    expect(done).toEqual([0, 1].map((time) => [0, 1, 2].flatMap((i) => own(time, i))));
    expect(asked).toHaveLength(1);
    expect(asked[0].map(({ id, round, environment }) => [id, round, environment])).toEqual(
      [1, 2, 3, 4, 5, 6].map((id) => [id, 4, (id - 1) % COUNT]),
    );
    expect(asked[0].map(({ observation }) => [...observation])).toEqual(
      [0, 1].flatMap((time) => [0, 1, 2].map((i) => [100 * time + i, -i])),
    );
    expect(asked[0].some((query) => "own" in query || "state" in query)).toBe(false);
    // The learner's action beside the label gives their distance.
    const distances = [0, 1].flatMap((time) =>
      [0, 1, 2].map((i) => (-(100 * time + i) - own(time, i)[0]) ** 2 + (7 - own(time, i)[1]) ** 2),
    );
    expect(state.fresh.map(({ difference }) => difference)).toEqual(distances);
    expect([state.learnerSteps, state.step]).toEqual([6, 2]);
  });

  it("adds the state of each environment for a labeller that shows it", async () => {
    const { state } = start();
    const { labeller, asked } = watched(undefined, true);
    await sampleRound(state, { ...all, labeller }, { learner, beta: 0 });
    expect(asked[0].map((query) => (query as { state?: unknown }).state)).toEqual(
      [0, 1].flatMap((time) => [10, 11, 12].map((place) => ({ place, time }))),
    );
  });

  it("under β = 1 asks in each step, and acts as answered", async () => {
    const { state, done } = start();
    const { labeller, asked } = watched();
    await sampleRound(state, { ...all, labeller }, { learner, beta: 1 });
    expect(asked.map((queries) => queries.map(({ id }) => id))).toEqual([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    expect(done).toEqual([
      [-0, 7, -1, 7, -2, 7],
      [-100, 7, -101, 7, -102, 7],
    ]);
    expect(state.learnerSteps).toBe(0);
    expect(state.driving).toBeUndefined();
  });

  it("asks at once only where the expert acts, and for the others at the end", async () => {
    const { state, done } = start();
    const { labeller, asked } = watched();
    await sampleRound(state, { ...all, roundSteps: 60, labeller }, { learner, beta: 0.4 });
    expect(done).toHaveLength(20);
    const urgent = new Set(asked.slice(0, -1).flatMap((queries) => queries.map(({ id }) => id)));
    for (const [time, actions] of done.entries()) {
      for (let i = 0; i < COUNT; i++) {
        const byExpert = urgent.has(COUNT * time + i + 1);
        const expected = byExpert ? [-(100 * time + i), 7] : own(time, i);
        expect(actions.slice(2 * i, 2 * i + 2).map((x) => x + 0)).toEqual(expected.map((x) => x + 0));
      }
    }
    expect(asked.at(-1)!.length).toBe(60 - urgent.size);
    expect(state.learnerSteps).toBe(60 - urgent.size);
    // Four standard deviations about 24.
    expect(Math.abs(urgent.size - 24)).toBeLessThan(4 * Math.sqrt(60 * 0.24));
  });
});

describe("the quorum", () => {
  it.each([
    [0.5, 3, true],
    [0.5, 4, false],
    [2 / 3, 2, true],
    [2 / 3, 3, false],
    // (1 − 5/6) · 6 is a little below 1 in float64.
    [5 / 6, 1, true],
    [5 / 6, 2, false],
  ])("of %f leaves at most its share of 6 open: %i open are enough: %s", async (quorum, open, isEnough) => {
    const { state } = start();
    const stop = new AbortController();
    const { labeller } = watched((id) => id > open);
    const round = sampleRound(state, { ...all, quorum, labeller, signal: stop.signal }, { learner, beta: 0 });
    setTimeout(() => stop.abort(), 20);
    if (isEnough) await round;
    else await expect(round).rejects.toThrow();
    expect(state.book.open).toHaveLength(open);
    for (const { own } of state.book.open) expect(own).toHaveLength(2);
  });

  it("does not count the open queries of earlier rounds, and does not end the wait of a step", async () => {
    const { state } = start();
    const late = watched((id) => id > 3);
    await sampleRound(state, { ...all, quorum: 0.5, labeller: late.labeller }, { learner, beta: 0 });
    Object.assign(state, { round: 5, step: 0 });
    // The three of the last round stay open; three of the new ones may.
    const next = watched((id) => id > 9);
    await sampleRound(state, { ...all, quorum: 0.5, labeller: next.labeller }, { learner, beta: 0 });
    expect(state.book.open.map(({ id }) => id)).toEqual([1, 2, 3, 7, 8, 9]);

    const stop = new AbortController();
    Object.assign(state, { round: 6, step: 0 });
    const silent = watched((id) => id !== 13);
    const step = sampleRound(
      state,
      { ...all, quorum: 0.5, labeller: silent.labeller, signal: stop.signal },
      { learner, beta: 1 },
    );
    setTimeout(() => stop.abort(), 20);
    await expect(step).rejects.toThrow();
    expect(state.step).toBe(0);
    expect(state.driving).toEqual({ firstId: 13, byExpert: Uint8Array.of(1, 1, 1) });
  });
});
