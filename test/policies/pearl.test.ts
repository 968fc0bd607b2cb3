/** @file The policy of PEARL: its belief over a trial, z by episode, and its file. */

import { describe, expect, it } from "vitest";
import { feedbackLayout } from "../../src/env/wrappers/feedback-view.js";
import { loadPolicy, PearlPolicy, pearlNetworks, savePolicy } from "../../src/policies/index.js";
import { createRng } from "../../src/random/rng.js";
import { box } from "../../src/spaces/index.js";
import * as t from "../../src/tensor/index.js";

const LATENT = 2;
const settings = {
  observationSpace: box([2], -Infinity, Infinity),
  actionSpace: box([1], -2, 4),
  hidden: [5],
  activation: "tanh" as const,
  encoderHidden: [4],
  latent: LATENT,
  encodeNext: true,
};
const networks = pearlNetworks(settings);
const parameters = {
  actor: createRng("actor").fillNormal(new Float32Array(networks.actor.layout.size)),
  encoder: createRng("encoder").fillNormal(new Float32Array(networks.encoder.layout.size)),
};
const policy = new PearlPolicy(settings, parameters);
const { width } = feedbackLayout(settings.observationSpace, settings.actionSpace);

interface Step {
  o: number[];
  /** The previous action, scaled to ±1, reward and reached observation; absent at the start of a trial. */
  after?: { a: number; r: number; next: number[]; ended?: boolean };
}
const row = ({ o, after }: Step) =>
  after ? [...o, after.a, after.r, Number(after.ended ?? false), ...after.next, 0] : [...o, 0, 0, 0, 0, 0, 1];

/** A trial of two episodes of two steps. */
const trial: Step[] = [
  { o: [0, 0] },
  { o: [0.5, 1], after: { a: 0.3, r: -1, next: [0.5, 1] } },
  { o: [0, 0.1], after: { a: -1, r: 2, next: [-0.5, 1.5], ended: true } },
  { o: [0.2, 0.4], after: { a: 0.1, r: 0, next: [0.2, 0.4] } },
];

/** The states and actions of the trial in row 1 of a batch of two; row 0 stays at the start of trials. */
async function play(options: { deterministic?: boolean; seed?: number } = {}) {
  const rng = createRng(options.seed ?? 0);
  let state: Float32Array | undefined;
  const states: number[][] = [];
  const actions: number[] = [];
  for (const step of trial) {
    const rows = Float32Array.from([...row({ o: [1, 1] }), ...row(step)]);
    expect(rows).toHaveLength(2 * width);
    const result = await policy.act(rows, { rng, deterministic: options.deterministic, state });
    state = result.state!;
    states.push([...state.slice(policy.memoryWidth)]);
    actions.push(result.actions[1]);
  }
  return { states, actions };
}
const part = (state: number[], k: number) => state.slice(k * LATENT, (k + 1) * LATENT);

/** Σ 1/σ² and Σ μ/σ² of the transitions before step `until`, from the encoder. */
function evidenceBefore(until: number): number[][] {
  const sums = [new Array(LATENT).fill(0), new Array(LATENT).fill(0)];
  for (let k = 1; k <= until; k++) {
    const { a, r, next } = trial[k].after!;
    const out = t
      .program(
        { o: t.float32([1, 2]), a: t.float32([1, 1]), r: t.float32([1, 1]), n: t.float32([1, 2]) },
        (x) => {
          const p = networks.encoder.layout.unflatten(
            t.constant(parameters.encoder, [parameters.encoder.length]),
          );
          const { precision, weighted } = networks.encoder.factors(p, {
            observations: x.o,
            actions: x.a,
            rewards: x.r,
            nextObservations: x.n,
          });
          return { precision, weighted };
        },
      )
      .interpret({
        o: Float64Array.from(trial[k - 1].o),
        a: Float64Array.of(a),
        r: Float64Array.of(r),
        n: Float64Array.from(next),
      });
    for (let l = 0; l < LATENT; l++) {
      sums[0][l] += out.precision[l];
      sums[1][l] += out.weighted[l];
    }
  }
  return sums;
}

describe("a trial", () => {
  it("adds the factor of each transition, with the observation before it, also across the end of an episode", async () => {
    const { states } = await play();
    for (const [k, state] of states.entries()) {
      const [precision, weighted] = evidenceBefore(k);
      part(state, 0).forEach((x, l) => {
        expect(x).toBeCloseTo(precision[l], 3);
        expect(part(state, 1)[l]).toBeCloseTo(weighted[l], 3);
      });
      expect(state.slice(3 * LATENT)).toEqual(trial[k].o.map(Math.fround));
    }
  });

  it("draws z from the prior at its start, from the posterior at the start of its next episode, and keeps it between", async () => {
    const { states } = await play();
    const z = states.map((state) => part(state, 2));
    expect(z[1]).toEqual(z[0]);
    expect(z[2]).not.toEqual(z[0]);
    expect(z[3]).toEqual(z[2]);
    // Row 0 starts a trial at every step, so it draws at each of them; row 1 at the first step and at the third.
    const rng = createRng(0);
    const normals = Array.from({ length: 10 }, () => rng.normal());
    const drawn = (await play({ deterministic: true })).states;
    expect(part(drawn[0], 2)).toEqual(normals.slice(2, 4).map((x) => expect.closeTo(x, 5)));
    const [precision, weighted] = evidenceBefore(2);
    const expected = normals.slice(8).map((x, l) => weighted[l] / precision[l] + x / Math.sqrt(precision[l]));
    expect(part(drawn[2], 2)).toEqual(expected.map((x) => expect.closeTo(x, 3)));
  });

  it("starts from nothing, whatever the state was", async () => {
    const state = new Float32Array(policy.memoryWidth).fill(3);
    const { state: after } = await policy.act(Float32Array.from(row(trial[0])), { rng: createRng(0), state });
    expect([...after!].slice(0, 2 * LATENT)).toEqual([0, 0, 0, 0]);
  });
});

describe("actions", () => {
  it("are inside the bounds, and have the log-probabilities of logProb given z", async () => {
    const rng = createRng(3);
    const rows = Float32Array.from(row(trial[1]));
    const { state } = await policy.act(Float32Array.from(row(trial[0])), { rng });
    const { actions, logProbs } = await policy.act(rows, { rng, state });
    expect(actions[0]).toBeGreaterThanOrEqual(-2);
    expect(actions[0]).toBeLessThanOrEqual(4);
    expect((await policy.logProb(rows, actions, state))[0]).toBeCloseTo(logProbs![0], 3);
  });

  it("of calls at the same time are those of calls one after the other", async () => {
    const seeds = [1, 2, 3, 4];
    const together = await Promise.all(seeds.map((seed) => play({ seed })));
    for (const [k, seed] of seeds.entries()) expect(together[k]).toEqual(await play({ seed }));
  });

  it("need rng to be sampled", async () => {
    await expect(policy.act(Float32Array.from(row(trial[0])), {})).rejects.toThrow("needs rng");
  });
});

describe("the file of the policy", () => {
  it("gives the same policy", async () => {
    const again = loadPolicy(savePolicy(policy));
    expect(again.view).toBe("feedback");
    expect(again.toData()).toEqual(policy.toData());
    const rows = Float32Array.from(row(trial[0]));
    expect(await again.act(rows, { rng: createRng(5) })).toEqual(
      await policy.act(rows, { rng: createRng(5) }),
    );
  });

  it("is refused if weights are missing or of other sizes", () => {
    const { kind, arrays, settings: shape } = policy.toData();
    const { "encoder.output.bias": _, ...fewer } = arrays;
    expect(() => PearlPolicy.fromData({ kind, arrays: fewer, settings: shape })).toThrow(
      "missing: output.bias",
    );
    expect(() => PearlPolicy.fromData({ kind, arrays, settings: { ...shape, latent: 3 } })).toThrow(
      "has shape",
    );
    expect(() => new PearlPolicy(settings, { ...parameters, encoder: new Float32Array(3) })).toThrow(
      /the encoder has \d+ parameters, but the vector has 3/,
    );
  });

  it("has a step as an ONNX model", () => {
    expect(policy.toOnnx().length).toBeGreaterThan(500);
  });
});
