/** @file A trial as it is recorded: rows, transitions, values of successors and beliefs, with numbers written by hand. */

import { describe, expect, it } from "vitest";
import { playTrial, type TrialRecord } from "../../../../algorithms/meta/belief/rollout.js";
import type { VectorEnvironment } from "../../../../src/env/contracts.js";
import { createMoments } from "../../../../src/env/moments.js";
import { feedbackLayout } from "../../../../src/env/wrappers/feedback-view.js";
import type { BeliefPolicy } from "../../../../src/policies/belief.js";
import { createRng } from "../../../../src/random/rng.js";
import { createEpisodeTracker, createRollout } from "../../../../src/rollout/rollout-buffer.js";
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
) {
  const phases = bounds.slice(1).map((to, k) => ({
    from: bounds[k],
    to,
    rollout: createRollout(
      { count: COUNT, observationSpace: box([1], -1, 1), actionSpace },
      (to - bounds[k]) * HORIZON,
      "trial",
    ),
  }));
  const record: TrialRecord = {
    phases,
    horizon: HORIZON,
    transitions: new Float32Array(STEPS * COUNT * 6),
    clusters: new Float32Array((STEPS + 1) * COUNT * 2),
  };
  const moments = createMoments(1);
  const tracker = createEpisodeTracker(COUNT);
  await playTrial(policy, scripted(ends), record, tracker, moments, layout, createRng(0), trialEnd);
  return { record, phases, moments };
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

  it("has the returns of all episodes in the first phase, and none of the trial before", async () => {
    const { phases } = await played([0, 1, EPISODES], "bootstrap");
    const returns = [0, 1, 2].flatMap((e) => [0, 1].map((i) => reward(2 * e + 1, i) + reward(2 * e + 2, i)));
    expect(phases[0].rollout.episodeReturns).toEqual(returns);
    expect(phases[0].rollout.episodeLengths).toEqual(returns.map(() => HORIZON));
    expect(phases[1].rollout.episodeReturns).toEqual([]);
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

  it("is refused for episodes that end early or go on after the time limit", async () => {
    const early = (step: number, i: number) =>
      step === 3 && i === 1 ? "terminated" : wholeEpisodes(step, i);
    await expect(played([0, EPISODES], "bootstrap", early)).rejects.toThrow(
      "Script-v0: environment 1 ended an episode after step 3 of the trial",
    );
    const late = (step: number, i: number) => (step === 4 && i === 0 ? undefined : wholeEpisodes(step, i));
    await expect(played([0, EPISODES], "bootstrap", late)).rejects.toThrow(
      "environment 0 did not end its episode after step 4",
    );
  });
});
