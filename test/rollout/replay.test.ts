/**
 * @file The replay buffer: stored transitions, n-step returns against the definition, uniform samples, exact snapshots.
 */

import { describe, expect, it } from "vitest";
import { makeVector } from "../../envs/index.js";
import { createRng } from "../../src/random/rng.js";
import { createTransitionBatch, Replay } from "../../src/rollout/replay.js";
import { restore, snapshot } from "../../src/state/snapshot.js";
import { constantReward } from "../support/environments.js";
import { EPISODE, scriptedVector } from "../support/scripted.js";

const COUNT = 3;

/** Episodes of 1 to 6 steps that end both ways, with rewards that tell environment and clock. */
const world = () =>
  scriptedVector({
    count: COUNT,
    length: (i, episode) => 1 + ((5 * i + 3 * episode) % 6),
    ending: (i, episode) => ((i + episode) % 2 === 0 ? "terminated" : "truncated"),
    reward: (i, clock) => Math.fround(Math.sin(1 + 3 * i + 0.7 * clock)),
  });

interface Step {
  observation: number[];
  action: number;
  reward: number;
  next: number[];
  end: "terminated" | "truncated" | undefined;
}

/** A replay after `steps` steps, and what happened to each environment, recorded by hand. */
function play(steps: number, capacity: number) {
  const vector = world();
  const replay = new Replay(vector, capacity);
  const history: Step[][] = Array.from({ length: COUNT }, () => []);
  for (let step = 0; step < steps; step++) {
    const before = Float32Array.from(vector.observations);
    const actions = Int32Array.from({ length: COUNT }, (_, i) => (7 * step + i) % EPISODE);
    replay.step(vector, actions);
    for (let i = 0; i < COUNT; i++) {
      const end = vector.terminated[i] ? "terminated" : vector.truncated[i] ? "truncated" : undefined;
      const next = end ? vector.finalObservations : vector.observations;
      history[i].push({
        observation: [...before.slice(2 * i, 2 * i + 2)],
        action: actions[i],
        reward: vector.rewards[i],
        next: [...next.slice(2 * i, 2 * i + 2)],
        end,
      });
    }
  }
  return { vector, replay, history };
}

/** All rows, in order. */
const everyRow = (replay: Replay) => Int32Array.from({ length: replay.size }, (_, row) => row);

function gathered(replay: Replay, options = { nStep: 1, discount: 0.9 }, rows = everyRow(replay)) {
  const batch = createTransitionBatch(world(), rows.length);
  replay.gather(rows, options, batch);
  return Array.from(rows, (_, i) => ({
    observation: [...batch.observations.slice(2 * i, 2 * i + 2)],
    action: batch.actions[i],
    return: batch.returns[i],
    next: [...batch.nextObservations.slice(2 * i, 2 * i + 2)],
    discount: batch.discounts[i],
  }));
}

describe("a replay buffer", () => {
  it("stores each transition with its true next observation, also at the end of an episode", () => {
    const { replay, history } = play(40, 1000);
    const rows = gathered(replay);
    expect(replay.size).toBe(40 * COUNT);
    rows.forEach((row, k) => {
      const { observation, action, reward, next, end } = history[k % COUNT][Math.floor(k / COUNT)];
      expect(row).toMatchObject({ observation, action, return: reward, next });
      expect(row.discount).toBe(end === "terminated" ? 0 : Math.fround(0.9));
      // The clock goes on by one within an episode and jumps between two: no transition crosses an end.
      expect(row.next[1]).toBe(row.observation[1] + 1);
    });
    expect(new Set(history.flat().map(({ end }) => end)).size).toBe(3);
  });

  it("keeps the latest transitions when full, with a capacity of whole steps", () => {
    for (const steps of [4, 5, 6, 13]) {
      const { replay, history } = play(steps, 17);
      expect(replay.capacity).toBe(15);
      const kept = gathered(replay).map(({ observation, action }) => [...observation, action].join());
      const last = history.flatMap((all) =>
        all.slice(-5).map(({ observation, action }) => [...observation, action].join()),
      );
      expect(kept.sort()).toEqual(last.sort());
    }
  });

  it("sums rewards over n steps by the definition, before and after it wraps", () => {
    const discount = 0.9;
    for (const capacity of [1000, 30]) {
      const { replay, history } = play(47, capacity);
      const stored = replay.size / COUNT;
      for (const nStep of [1, 2, 3, 5, 20]) {
        const rows = gathered(replay, { nStep, discount });
        for (const row of rows) {
          const all = history[row.observation[0]].slice(-stored);
          const start = all.findIndex((step) => step.observation[1] === row.observation[1]);
          // Σ γ^k r up to n steps, the end of the episode, or the newest step; then γ^m of what followed.
          let sum = 0;
          let last = start;
          for (let k = 0; k < nStep && start + k < all.length; k++) {
            last = start + k;
            sum += discount ** k * all[last].reward;
            if (all[last].end) break;
          }
          expect(row.return).toBeCloseTo(sum, 5);
          expect(row.next).toEqual(all[last].next);
          const weight = all[last].end === "terminated" ? 0 : discount ** (last - start + 1);
          expect(row.discount).toBeCloseTo(weight, 6);
        }
      }
    }
  });

  it("stores transitions from elsewhere in the same way, also beyond its capacity", () => {
    for (const capacity of [1000, 30]) {
      const { replay, history } = play(20, capacity);
      const copy = new Replay(world(), capacity);
      const steps = history[0].map((_, step) => history.map((own) => own[step]));
      // Step by step, in one go, and in two.
      for (const [from, to] of [
        [0, 1],
        [1, 13],
        [13, 20],
      ]) {
        const rows = steps.slice(from, to).flat();
        copy.add({
          observations: Float32Array.from(rows.flatMap(({ observation }) => observation)),
          actions: Int32Array.from(rows, ({ action }) => action),
          rewards: rows.map(({ reward }) => reward),
          nextObservations: Float32Array.from(rows.flatMap(({ next }) => next)),
          terminated: Uint8Array.from(rows, ({ end }) => Number(end === "terminated")),
          truncated: Uint8Array.from(rows, ({ end }) => Number(end === "truncated")),
        });
      }
      expect(snapshot(copy)).toEqual(snapshot(replay));
    }
  });

  it("refuses transitions that are not whole steps of its environments", () => {
    const [rows, none] = [new Float32Array(8), new Uint8Array(4)];
    const four = {
      observations: rows,
      actions: new Int32Array(4),
      rewards: [1, 2, 3, 4],
      nextObservations: rows,
    };
    expect(() => new Replay(world(), 12).add({ ...four, terminated: none })).toThrow(
      /4 transitions are not whole steps of 3 environments/,
    );
  });

  it("gathers from a row of the batch on, with the termination flags", () => {
    const { replay } = play(40, 1000);
    const batch = createTransitionBatch(world(), 8);
    const rows = Int32Array.of(30, 31, 32, 33, 34);
    replay.gather(rows, { nStep: 1, discount: 0.9 }, batch, 3);
    const alone = createTransitionBatch(world(), 5);
    replay.gather(rows, { nStep: 1, discount: 0.9 }, alone);
    expect(batch.observations).toEqual(Float32Array.of(0, 0, 0, 0, 0, 0, ...alone.observations));
    expect(batch.returns).toEqual(Float32Array.of(0, 0, 0, ...alone.returns));
    expect([...alone.terminated]).toEqual([...alone.discounts].map((discount) => Number(discount === 0)));
  });

  it("samples every row equally often", () => {
    const { replay } = play(20, 1000);
    const draws = 60_000;
    const counts = new Float64Array(replay.size);
    for (const row of replay.sample(new Int32Array(draws), createRng("uniform"))) counts[row]++;
    const expected = draws / replay.size;
    const chiSquare = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    // 59 degrees of freedom: 98.3 is exceeded once in 1000 times.
    expect(replay.size).toBe(60);
    expect(chiSquare).toBeLessThan(98.3);
    expect(chiSquare).toBeGreaterThan(30);
  });

  it("samples the same rows from a stream, independent of other streams", () => {
    const { replay } = play(20, 1000);
    const root = createRng("streams");
    const first = replay.sample(new Int32Array(32), root.stream("replay"));
    replay.sample(new Int32Array(7), root.stream("other"));
    expect(replay.sample(new Int32Array(32), root.stream("replay"))).toEqual(first);
  });

  it("resumes from a snapshot bit for bit, before and after it wraps", () => {
    for (const [steps, capacity] of [
      [5, 3000],
      [400, 3000],
      [9, 15],
    ]) {
      const original = play(steps, capacity);
      const saved = snapshot(original.replay);
      const copy = { replay: new Replay(world(), capacity) };
      restore(copy, { replay: saved });
      expect(snapshot(copy.replay)).toEqual(saved);
      expect(gathered(copy.replay, { nStep: 3, discount: 0.9 })).toEqual(
        gathered(original.replay, { nStep: 3, discount: 0.9 }),
      );
      // Both go on, on vectors that are at the same point.
      const [one, other] = [play(steps, capacity).vector, original.vector];
      for (let step = 0; step < 600; step++) {
        const actions = Int32Array.of(step % 9, step % 7, step % 5);
        copy.replay.step(one, actions);
        original.replay.step(other, actions);
      }
      expect(snapshot(copy.replay)).toEqual(snapshot(original.replay));
    }
  });

  it("does not change with the replay buffer that it was copied from", () => {
    const { replay, vector } = play(5, 15);
    const copy = new Replay(world(), 15);
    copy.setState(replay.getState());
    const before = snapshot(copy);
    replay.step(vector, Int32Array.of(1, 2, 3));
    expect(snapshot(copy)).toEqual(before);
  });

  it("saves only the filled part, and allocates no more than needed", async () => {
    const vector = await makeVector("Pendulum-v1", 2);
    const replay = new Replay(vector, 1_000_000);
    for (let step = 0; step < 10; step++) replay.step(vector, new Float32Array(2));
    const state = replay.getState() as unknown as { observations: Float32Array; rewards: Float32Array };
    expect(state.rewards.length).toBe(20);
    expect(state.observations.length).toBe(60);
    expect(state.observations.buffer.byteLength).toBeLessThan(100_000);
  });

  it("refuses a capacity below one step of its environments, and vectors with rows that are not transitions", async () => {
    expect(() => new Replay(world(), 2)).toThrow(/a replay of 2 transitions cannot hold a step of 3/);
    const vector = await makeVector(() => constantReward({ limit: 3 }), 2, { autoreset: "next-step" });
    expect(() => new Replay(vector, 10)).toThrow(/autoreset "next-step"/);
  });
});
