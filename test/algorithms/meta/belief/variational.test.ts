/** @file The training of encoder and decoder: the steps that are drawn, the noise, the target, and what a bound is given. */

import { describe, expect, it } from "vitest";
import type { BeliefOptions } from "../../../../algorithms/meta/belief/options.js";
import { addTrials, createTrialBuffer } from "../../../../algorithms/meta/belief/trial-buffer.js";
import {
  type Bound,
  type BoundInputs,
  boundTrainer,
  trainEncoder,
} from "../../../../algorithms/meta/belief/variational.js";
import { feedbackLayout } from "../../../../src/env/wrappers/feedback-view.js";
import type { Trainer, TrainState } from "../../../../src/learning/trainer.js";
import * as nn from "../../../../src/nn/index.js";
import { beliefEncoder } from "../../../../src/policies/belief/encoder.js";
import { createRng } from "../../../../src/random/rng.js";
import type { TrialShape } from "../../../../src/rollout/trials.js";
import { box } from "../../../../src/spaces/index.js";
import * as t from "../../../../src/tensor/index.js";

const STEPS = 4;
const [WIDTH, TRIALS] = [4, 3];
const shape = { steps: STEPS, horizon: 2, episodes: 2 } as TrialShape;
const spaces = { observationSpace: box([1], -1, 1), actionSpace: box([1], -1, 1) };

/** Trials of transitions [s, a, r, s′]: number 100 · trial + 10 · step + column. */
function filled(lengths: number[]) {
  const buffer = createTrialBuffer(8, STEPS, WIDTH);
  const rows = Float32Array.from({ length: STEPS * TRIALS * WIDTH }, (_, k) => {
    const [step, trial, column] = [
      Math.floor(k / (TRIALS * WIDTH)),
      Math.floor(k / WIDTH) % TRIALS,
      k % WIDTH,
    ];
    return 100 * trial + 10 * step + column;
  });
  addTrials(buffer, rows, STEPS, lengths);
  return buffer;
}

const small = { vaeBatch: 2, vaeUpdates: 3, latent: 2, elboTerms: 2, decodedSteps: 3, vaeLearningRate: 0.01 };
const noise = {
  latent: { kind: "normal", width: 2 },
  cluster: { kind: "uniform", width: 3 },
} as const;

/** What the trainer is fed in `calls` calls. */
async function fed(
  options: Partial<typeof small>,
  {
    targetEvery,
    calls = 1,
    taken = 0,
    lengths = [STEPS, STEPS, STEPS],
  }: {
    targetEvery?: number;
    calls?: number;
    taken?: number;
    lengths?: number[];
  } = {},
) {
  const all: Record<string, number[]>[] = [];
  const vae = { steps: taken } as TrainState;
  const trainer = {
    async run(state: TrainState, feeds: Record<string, ArrayLike<number>>) {
      all.push(Object.fromEntries(Object.entries(feeds).map(([key, x]) => [key, Array.from(x)])));
      state.steps += small.vaeUpdates;
      return { means: { kl: 7 } };
    },
  } as unknown as Trainer;
  const state = {
    vae,
    buffer: filled(lengths),
    batchRng: createRng("batches"),
    live: { shape, vae: trainer, batch: {} },
  };
  const method = {
    options: { ...small, ...options } as BeliefOptions,
    noise,
    targetEvery,
  } as unknown as Bound & {
    options: BeliefOptions;
  };
  for (let k = 0; k < calls; k++) expect(await trainEncoder(method, state)).toEqual({ kl: 7 });
  return all;
}

const parts = (x: number[], size: number) =>
  Array.from({ length: x.length / size }, (_, k) => x.slice(k * size, (k + 1) * size));

/** The time steps that were drawn for each gradient step, from `[K, B]` with the same ones for all trials. */
const shared = (x: number[], size: number) =>
  parts(x, size * small.vaeBatch).map((step) =>
    parts(step, small.vaeBatch).map((row) => {
      expect(new Set(row).size).toBe(1);
      return row[0];
    }),
  );

describe("the gradient steps after a rollout", () => {
  it("draw different time steps for each, in order, from all there are", async () => {
    const calls = await fed({}, { calls: 60 });
    const terms = calls.flatMap((feeds) => shared(feeds.terms, 2));
    const decoded = calls.flatMap((feeds) => shared(feeds.decoded, 3));
    expect([terms.length, decoded.length]).toEqual([180, 180]);
    for (const drawn of [...terms, ...decoded]) {
      expect(drawn).toEqual([...new Set(drawn)].sort((a, b) => a - b));
    }
    // Beliefs exist before the first and after the last step, transitions at steps only; all are as frequent.
    for (const [drawn, total] of [
      [terms, STEPS + 1],
      [decoded, STEPS],
    ] as const) {
      const counts = new Array(total).fill(0);
      for (const step of drawn.flat()) counts[step]++;
      const usual = drawn.flat().length / total;
      for (const count of counts) expect(Math.abs(count / usual - 1)).toBeLessThan(0.4);
    }
  });

  it("take all time steps where as many or more are asked for", async () => {
    const [{ terms, decoded }] = await fed({ elboTerms: 16, decodedSteps: 16 });
    for (const drawn of shared(terms, STEPS + 1)) expect(drawn).toEqual([0, 1, 2, 3, 4]);
    for (const drawn of shared(decoded, STEPS)) expect(drawn).toEqual([0, 1, 2, 3]);
  });

  it("draw different time steps of its own for a trial that ended early, and 0 where it has no more", async () => {
    const calls = await fed({ elboTerms: 4 }, { calls: 20, lengths: [STEPS, 2, 1] });
    const seen = new Set<string>();
    for (const { lengths, terms, decoded } of calls) {
      const columns = (x: number[], size: number) =>
        parts(x, size * small.vaeBatch).flatMap((step) =>
          Array.from({ length: small.vaeBatch }, (_, b) => step.filter((_, k) => k % small.vaeBatch === b)),
        );
      for (const [drawn, size, extra] of [
        [terms, 4, 1],
        [decoded, 3, 0],
      ] as const) {
        for (const [k, times] of columns(drawn, size).entries()) {
          const own = lengths[k] + extra;
          const real = times.slice(0, Math.min(size, own));
          expect(real).toEqual([...new Set(real)].sort((a, b) => a - b));
          expect(Math.max(...real)).toBeLessThan(own);
          expect(times.slice(own)).toEqual(times.slice(own).fill(0));
          seen.add(`${extra} ${own}`);
        }
      }
    }
    expect([...seen].sort()).toEqual(["0 1", "0 2", "0 4", "1 2", "1 3", "1 5"]);
  });

  it("are fed whole trials of the buffer, and fresh noise of each kind", async () => {
    const [first, second] = await fed({}, { calls: 2 });
    const batches = parts(first.transitions, STEPS * small.vaeBatch * WIDTH);
    expect(batches).toHaveLength(3);
    for (const batch of batches) {
      for (let b = 0; b < small.vaeBatch; b++) {
        const trial = Math.floor(batch[b * WIDTH] / 100);
        for (let step = 0; step < STEPS; step++) {
          const at = (step * small.vaeBatch + b) * WIDTH;
          expect(batch.slice(at, at + WIDTH)).toEqual([0, 1, 2, 3].map((j) => 100 * trial + 10 * step + j));
        }
      }
    }
    const terms = small.vaeUpdates * 2 * small.vaeBatch;
    expect([first["noise.latent"].length, first["noise.cluster"].length]).toEqual([2 * terms, 3 * terms]);
    expect(Math.min(...first["noise.latent"])).toBeLessThan(0);
    expect(Math.min(...first["noise.cluster"])).toBeGreaterThanOrEqual(0);
    expect(Math.max(...first["noise.cluster"])).toBeLessThan(1);
    expect(new Set([...first["noise.latent"], ...second["noise.latent"]]).size).toBe(4 * terms);
    expect("copies" in first).toBe(false);
  });

  it("renew the target at every so many steps of the whole training", async () => {
    const calls = await fed({}, { targetEvery: 4, calls: 3, taken: 0 });
    expect(calls.flatMap(({ copies }) => copies)).toEqual([1, 0, 0, 0, 1, 0, 0, 0, 1]);
    const [later] = await fed({}, { targetEvery: 4, taken: 6 });
    expect(later.copies).toEqual([0, 0, 1]);
  });
});

describe("the trainer of a bound", () => {
  const encoder = beliefEncoder({
    ...spaces,
    embeddings: { observation: 2, action: 2, reward: 2 },
    units: 3,
    latent: 2,
  });
  const layout = feedbackLayout(spaces.observationSpace, spaces.actionSpace);
  const options = {
    ...small,
    vaeUpdates: 1,
    decoder: { hidden: [3], reward: "squared", state: false },
  } as unknown as BeliefOptions;
  const parameters = { prior: nn.dense(1, 1).parameters };

  const create = (bound: (inputs: BoundInputs) => ReturnType<Bound["bound"]>, targetEvery?: number) =>
    boundTrainer({ options, noise, bound, parameters, targetEvery }, encoder, layout, shape);
  const feeds = (copies?: number) => ({
    transitions: Float32Array.from({ length: STEPS * small.vaeBatch * WIDTH }, (_, k) => k % 7),
    lengths: Float32Array.of(STEPS, STEPS),
    terms: Int32Array.of(1, 1, 4, 4),
    decoded: Int32Array.of(0, 0, 2, 2, 3, 3),
    "noise.latent": new Float32Array(8).fill(0.5),
    "noise.cluster": new Float32Array(12).fill(0.25),
    ...(copies !== undefined && { copies: Float32Array.of(copies) }),
  });
  const square = ({ p }: BoundInputs) =>
    t.sum(t.square((p as unknown as Record<string, Record<string, t.Tensor>>).prior.weight));

  it("gives it the drawn transitions, the memories and the noise by name", async () => {
    const seen = create((inputs) => {
      const { decoded, memories, atTerms, noise: given, steps } = inputs;
      const clock = t.broadcastTo(t.reshape(t.arange(STEPS + 1), [STEPS + 1, 1]), [STEPS + 1, 2]);
      return {
        loss: square(inputs),
        reported: {
          observation: t.sum(decoded.observation),
          action: t.sum(decoded.action),
          reward: t.sum(decoded.reward),
          next: t.sum(decoded.next),
          clock: t.sum(atTerms(t.cast(clock, "float32"))),
          first: t.sum(t.abs(t.slice(memories, 0, 1, 0))),
          later: t.sum(t.abs(t.slice(memories, 1, STEPS + 1, 0))),
          latent: t.sum(given.latent),
          cluster: t.sum(given.cluster),
          steps: t.constant(steps),
        },
      };
    });
    const { means } = await seen.run(seen.initialise(createRng(0)), feeds());
    const column = (j: number) => {
      let sum = 0;
      for (const step of [0, 2, 3]) for (const b of [0, 1]) sum += ((step * 2 + b) * WIDTH + j) % 7;
      return sum;
    };
    expect(means).toMatchObject({
      observation: column(0),
      action: column(1),
      reward: column(2),
      next: column(3),
      clock: 2 * (1 + 4),
      first: 0,
      latent: 4,
      cluster: 3,
      steps: STEPS,
    });
    expect(means.later).toBeGreaterThan(0);
  });

  it("moves the target to the parameters where it is renewed, and nowhere else", async () => {
    const learner = create((inputs) => ({ loss: square(inputs) }), 50);
    const state = learner.initialise(createRng(0));
    await learner.run(state, feeds(0));
    expect(state.targets).not.toEqual(state.parameters);
    await learner.run(state, feeds(1));
    const renewed = state.targets!.slice();
    await learner.run(state, feeds(0));
    expect(state.targets).toEqual(renewed);
    expect(state.parameters).not.toEqual(renewed);
    expect(create((inputs) => ({ loss: square(inputs) })).initialise(createRng(0)).targets).toBeUndefined();
  });
});
