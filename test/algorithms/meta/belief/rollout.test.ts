/** @file A trial as it is recorded: rows, transitions, values of successors and beliefs, with numbers written by hand. */

import { describe, expect, it } from "vitest";
import { playTrial } from "../../../../algorithms/meta/belief/rollout.js";
import { createTrialRecord, trialLengths } from "../../../../algorithms/meta/belief/trial-record.js";
import type { VectorEnvironment } from "../../../../src/env/contracts.js";
import { createMoments } from "../../../../src/env/moments.js";
import { feedbackLayout } from "../../../../src/env/wrappers/feedback-view.js";
import type { BeliefPolicy } from "../../../../src/policies/belief.js";
import { createRng } from "../../../../src/random/rng.js";
import { gae } from "../../../../src/rollout/gae.js";
import { box } from "../../../../src/spaces/index.js";

const [COUNT, HORIZON, EPISODES] = [2, 2, 3];
const STEPS = HORIZON * EPISODES;
const actionSpace = box([1], -1, 1);
/** Rows [o₀, o₁, a₋₁, r₋₁, d₋₁, s′₀, s′₁, first]. */
const layout = feedbackLayout(box([2], -1, 1), actionSpace);

/** The number in column j of the row that environment i shows after `time` steps; final rows are negative. */
const entry = (time: number, i: number, j: number, isFinal = false) =>
  (isFinal ? -1 : 1) * (1000 * time + 100 * i + 10 * j + 1);
const reward = (time: number, i: number) => time + 10 * i;

/** Rows of numbers that tell their place; `ends`: after which steps an episode of environment i is over. */
function scripted(ends: (step: number, i: number) => "terminated" | "truncated" | undefined) {
  const { width } = layout;
  let time = 0;
  const view = {
    id: "Script-v0",
    count: COUNT,
    observationSpace: box([width], -Infinity, Infinity),
    actionSpace,
    observations: new Float32Array(COUNT * width),
    finalObservations: new Float32Array(COUNT * width),
    rewards: new Float64Array(COUNT),
    terminated: new Uint8Array(COUNT),
    truncated: new Uint8Array(COUNT),
    resets: 0,
    reset() {
      view.resets++;
    },
    step() {
      time++;
      for (let i = 0; i < COUNT; i++) {
        const end = ends(time, i);
        view.rewards[i] = reward(time, i);
        view.terminated[i] = Number(end === "terminated");
        view.truncated[i] = Number(end === "truncated");
      }
      show();
    },
  };
  const show = () => {
    for (let k = 0; k < COUNT * width; k++) {
      const [i, j] = [Math.floor(k / width), k % width];
      view.observations[k] = entry(time, i, j);
      view.finalObservations[k] = entry(time, i, j, true);
    }
  };
  show();
  return view as unknown as VectorEnvironment;
}

/** Values are 10⁴ × (1 + the actor) + o₀ / 10, from rows that the actor sees as o₀ + ½, the memory counts steps, and q(c) is (memory, −memory). */
const policy = {
  memoryWidth: 1,
  values: async (seen: Float32Array, actor: number) => seen.map((o) => 1e4 * (1 + actor) + (o - 0.5) / 10),
  async step(rows: Float32Array, memory: Float32Array) {
    const first = rows.filter((_, k) => k % layout.width === 0);
    const next = memory.map((m) => m + 1);
    return {
      actions: first.map(() => 0),
      unclipped: first.map((o) => o + 0.25),
      logProbs: first.map((o) => -o),
      memory: next,
      raw: first.map((o) => o / 1000),
      seen: first.map((o) => o + 0.5),
      clusters: Float32Array.from({ length: 2 * COUNT }, (_, k) => (k % 2 ? -1 : 1) * next[k >> 1]),
    };
  },
} as unknown as BeliefPolicy;

const wholeEpisodes = (step: number, i: number) =>
  step % HORIZON === 0 ? (i === 1 && step === STEPS ? "terminated" : "truncated") : undefined;

async function played(
  bounds: number[],
  trialEnd: "bootstrap" | "terminal",
  ends: Parameters<typeof scripted>[0] = wholeEpisodes,
  acting = policy,
) {
  const spaces = { rowSpace: box([1], -1, 1), actionSpace };
  const record = createTrialRecord(COUNT, spaces, bounds, HORIZON, 6, 2);
  const moments = createMoments(1);
  const view = scripted(ends) as VectorEnvironment & { resets: number };
  await playTrial(acting, view, record, moments, layout, createRng(0), trialEnd);
  return { record, phases: record.phases, moments, resets: view.resets };
}

describe("the record of a trial", () => {
  it("has the transitions [s, a, r, s′], the last of them from the final rows", async () => {
    const { record } = await played([0, EPISODES], "bootstrap");
    for (let step = 0; step < STEPS; step++) {
      for (let i = 0; i < COUNT; i++) {
        const at = (step * COUNT + i) * 6;
        const reached = (j: number) => entry(step + 1, i, j, step === STEPS - 1);
        expect([...record.transitions.subarray(at, at + 6)]).toEqual([
          ...[entry(step, i, 0), entry(step, i, 1)],
          ...[reached(2), reached(3)],
          ...[reached(5), reached(6)],
        ]);
      }
    }
  });

  it.each([
    [[0, EPISODES]],
    [[0, 1, EPISODES]],
  ])("has in phases %j what the policy saw, did and valued, and what it earned", async (bounds) => {
    const { phases, moments } = await played(bounds, "bootstrap");
    for (const [actor, { from, rollout }] of phases.entries()) {
      for (let t = 0; t < rollout.steps; t++) {
        for (let i = 0; i < COUNT; i++) {
          const [k, time] = [t * COUNT + i, from * HORIZON + t];
          const o = entry(time, i, 0);
          expect(rollout.observations[k]).toBe(o + 0.5);
          expect(rollout.actions[k]).toBe(o + 0.25);
          expect(rollout.logProbs[k]).toBe(-o);
          expect(rollout.values[k]).toBeCloseTo(1e4 * (1 + actor) + o / 10, 2);
          expect(rollout.rewards[k]).toBe(reward(time + 1, i));
          const end = wholeEpisodes(time + 1, i);
          expect([rollout.terminated[k], rollout.truncated[k]]).toEqual([
            Number(end === "terminated"),
            Number(end === "truncated"),
          ]);
          expect(rollout.ends![k]).toBe(Number(t === rollout.steps - 1));
        }
      }
    }
    // Each row that was acted on counts once.
    const rows = Array.from({ length: STEPS * COUNT }, (_, k) => entry(k >> 1, k % COUNT, 0) / 1000);
    expect(moments.count).toBe(STEPS * COUNT);
    expect(moments.mean[0]).toBeCloseTo(rows.reduce((a, b) => a + b) / rows.length, 4);
  });

  it("has the returns and lengths of all episodes", async () => {
    const { record, resets } = await played([0, 1, EPISODES], "bootstrap");
    const returns = [0, 1, 2].flatMap((e) => [0, 1].map((i) => reward(2 * e + 1, i) + reward(2 * e + 2, i)));
    expect([...record.returns]).toEqual(returns);
    expect([...record.lengths]).toEqual(returns.map(() => HORIZON));
    // All environments are at the start of the next trial.
    expect(resets).toBe(0);
  });

  it.each([
    "bootstrap",
    "terminal",
  ] as const)("has as values of successors those of the next rows, and at the end (%s) of the final rows", async (trialEnd) => {
    const { phases } = await played([0, 1, EPISODES], trialEnd);
    for (const [actor, { from, rollout }] of phases.entries()) {
      for (let t = 0; t < rollout.steps; t++) {
        for (let i = 0; i < COUNT; i++) {
          const isEnd = t === rollout.steps - 1;
          const isOver = isEnd && actor === 1 && (trialEnd === "terminal" || i === 1);
          const row = entry(from * HORIZON + t + 1, i, 0, isEnd);
          const value = isOver ? 0 : 1e4 * (1 + actor) + row / 10;
          expect(rollout.nextValues[t * COUNT + i]).toBeCloseTo(value, 2);
        }
      }
    }
  });

  it("has q(c) before each step and after the last, with the memory of the whole trial", async () => {
    const { record } = await played([0, 1, EPISODES], "terminal");
    const expected = Array.from({ length: (STEPS + 1) * COUNT * 2 }, (_, k) => {
      const memory = Math.floor(k / (COUNT * 2)) + 1;
      return k % 2 ? -memory : memory;
    });
    expect([...record.clusters]).toEqual(expected);
  });

  it("is refused for episodes that go on after the time limit", async () => {
    const late = (step: number, i: number) => (step === 4 && i === 0 ? undefined : wholeEpisodes(step, i));
    await expect(played([0, EPISODES], "bootstrap", late)).rejects.toThrow(
      "environment 0 did not end its episode after step 4",
    );
  });
});

describe("the record of a trial with episodes that end early", () => {
  /**
   * The episodes of environment 0 end after steps 1 (terminal), 3 and 4 (truncated early); the trial is then over. Those of
   * environment 1 end after steps 2, 3 (terminal) and 5. What they do afterwards has ends of its own.
   */
  const ends = (step: number, i: number) => {
    const own = [
      { 1: "terminated", 3: "truncated", 4: "truncated", 5: "terminated" },
      { 2: "truncated", 3: "terminated", 5: "truncated" },
    ] as Record<number, "terminated" | "truncated">[];
    return own[i][step];
  };
  /** [first step, steps] of the phases [0, 1) and [1, 3) in each environment. */
  const spans = [
    [
      [0, 1],
      [0, 2],
    ],
    [
      [1, 3],
      [2, 3],
    ],
  ];
  const lengths = [4, 5];
  /** What the actor does tells which it is. */
  const telling = {
    ...policy,
    async step(rows: Float32Array, memory: Float32Array, actor: number, options: object) {
      const result = await policy.step(rows, memory, actor, options);
      const { unclipped, logProbs } = result;
      return {
        ...result,
        unclipped: (unclipped as Float32Array).map((x) => x + actor / 8),
        logProbs: logProbs.map((x) => x - actor / 4),
      };
    },
  } as BeliefPolicy;
  const valueAt = (actor: number, row: number) => 1e4 * (1 + actor) + row / 10;
  const play = (trialEnd: "bootstrap" | "terminal" = "bootstrap", bounds = [0, 1, EPISODES]) =>
    played(bounds, trialEnd, ends, telling);

  it("has the steps of each phase from its first row on, by its own actor–critic, and then padding of 0", async () => {
    const { phases, moments, resets } = await play();
    for (const [actor, { rollout }] of phases.entries()) {
      for (let k = 0; k < rollout.steps * COUNT; k++) {
        const i = k % COUNT;
        const [first, length] = spans[actor][i];
        const t = Math.floor(k / COUNT);
        const o = entry(first + t, i, 0);
        const end = ends(first + t + 1, i);
        const found = [
          ...[rollout.weights[k], rollout.observations[k], rollout.actions[k], rollout.logProbs[k]],
          ...[rollout.rewards[k], rollout.terminated[k], rollout.truncated[k], rollout.ends[k]],
        ];
        const flags = [Number(end === "terminated"), Number(end === "truncated"), Number(t === length - 1)];
        expect(found).toEqual(
          t < length
            ? [1, o + 0.5, o + 0.25 + actor / 8, -o - actor / 4, reward(first + t + 1, i), ...flags]
            : found.map(() => 0),
        );
        if (t >= length) expect([rollout.values[k], rollout.nextValues[k]]).toEqual([0, 0]);
      }
    }
    // Each row that was acted on counts once, and no padding; all environments start their next trial together.
    expect(moments.count).toBe(9);
    expect(resets).toBe(1);
  });

  it("has the transitions of the trial without gaps, its returns and its lengths", async () => {
    const { record } = await play();
    expect([...trialLengths(record)]).toEqual(lengths);
    expect([...record.lengths]).toEqual([1, 2, 2, 1, 1, 2]);
    expect([...record.returns]).toEqual([1, 23, 5, 13, 4, 29]);
    for (let step = 0; step < STEPS; step++) {
      for (let i = 0; i < COUNT; i++) {
        const at = (step * COUNT + i) * 6;
        const reached = (j: number) => entry(step + 1, i, j, step === lengths[i] - 1);
        const transition = [
          ...[entry(step, i, 0), entry(step, i, 1)],
          ...[reached(2), reached(3), reached(5), reached(6)],
        ];
        const expected = step < lengths[i] ? transition : [0, 0, 0, 0, 0, 0];
        expect([...record.transitions.subarray(at, at + 6)]).toEqual(expected);
        const q = [...record.clusters.subarray((step * COUNT + i) * 2, (step * COUNT + i) * 2 + 2)];
        if (step <= lengths[i]) expect(q).toEqual([step + 1, -step - 1]);
      }
    }
  });

  it.each([
    ["bootstrap", [0, 1, EPISODES]],
    ["terminal", [0, 1, EPISODES]],
    ["bootstrap", [0, EPISODES]],
    ["terminal", [0, EPISODES]],
  ] as const)("gives advantages (%s, phases %j) that are sums of δ to the end of the phase", async (trialEnd, bounds) => {
    const { phases } = await play(trialEnd, [...bounds]);
    const [discount, gaeLambda] = [0.9, 0.8];
    for (const [actor, { rollout }] of phases.entries()) {
      const { advantages, returns } = gae(rollout, { discount, gaeLambda });
      for (let i = 0; i < COUNT; i++) {
        const [first, length] = phases.length === 1 ? [0, lengths[i]] : spans[actor][i];
        const delta = (t: number) => {
          const time = first + t;
          const isEnd = t === length - 1;
          // An end inside the trial is followed by the next episode; the last end of the phase by nothing or its value.
          const isLast = isEnd && actor === phases.length - 1;
          const over = isEnd && (ends(time + 1, i) === "terminated" || (isLast && trialEnd === "terminal"));
          const next = over ? 0 : valueAt(actor, entry(time + 1, i, 0, isEnd));
          return reward(time + 1, i) + discount * next - valueAt(actor, entry(time, i, 0));
        };
        for (let t = 0; t < rollout.steps; t++) {
          let sum = 0;
          for (let u = t; u < length; u++) sum += (discount * gaeLambda) ** (u - t) * delta(u);
          const value = t < length ? valueAt(actor, entry(first + t, i, 0)) : 0;
          expect(Math.abs(advantages[t * COUNT + i] - sum)).toBeLessThan(0.02);
          expect(Math.abs(returns[t * COUNT + i] - sum - value)).toBeLessThan(0.02);
        }
      }
    }
  });
});
