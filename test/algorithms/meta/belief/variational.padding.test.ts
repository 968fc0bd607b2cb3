/** @file Batches with trials of unequal lengths: loss and gradient of a bound are means of those of each trial alone. */

import { describe, expect, it } from "vitest";
import type { BeliefOptions } from "../../../../algorithms/meta/belief/options.js";
import { type Bound, boundTrainer } from "../../../../algorithms/meta/belief/variational.js";
import { clusteredBound, priorNetwork } from "../../../../algorithms/meta/milet.js";
import { evidenceBound } from "../../../../algorithms/meta/varibad.js";
import { feedbackLayout } from "../../../../src/env/wrappers/feedback-view.js";
import type * as nn from "../../../../src/nn/index.js";
import { beliefEncoder } from "../../../../src/policies/belief/encoder.js";
import { createRng } from "../../../../src/random/rng.js";
import type { TrialShape } from "../../../../src/rollout/trials.js";
import { box } from "../../../../src/spaces/index.js";
import * as t from "../../../../src/tensor/index.js";

const spaces = { observationSpace: box([2], -1, 1), actionSpace: box([1], -1, 1) };
const [WIDTH, CLUSTERS, LATENT] = [6, 3, 2];
const weights = { latent: 0.3, cluster: 0.2, inTrial: 0.5, prior: 0.4 };
/** Two trials, the time steps whose bounds are estimated and those that are decoded; the first has fewer than are drawn. */
const trials = [
  { length: 3, terms: [0, 1, 2, 3], decoded: [0, 1, 2] },
  { length: 5, terms: [0, 1, 2, 4, 5], decoded: [0, 1, 3, 4] },
];
const rng = createRng("trials");
const transitions = trials.map(({ length }) => rng.fillNormal(new Float32Array(length * WIDTH)));
const noise = trials.map(({ terms }) => ({
  latent: rng.fillNormal(new Float32Array(terms.length * LATENT)),
  cluster: rng.fillUniform(new Float32Array(terms.length * CLUSTERS)),
}));

const leavesOf = (tree: nn.TensorTree): t.Tensor[] =>
  Object.values(tree).flatMap((node) =>
    "shape" in node ? [node as t.Tensor] : leavesOf(node as nn.TensorTree),
  );

/** Loss, terms and gradient of these trials as one batch of `steps` time steps, with wild numbers as padding. */
async function lossOf(
  method: "varibad" | "milet",
  reward: "squared" | "bernoulli",
  batch: number[],
  steps: number,
) {
  const encoder = beliefEncoder({
    ...{ ...spaces, embeddings: { observation: 3, action: 2, reward: 2 }, units: 3, latent: LATENT },
    ...(method === "milet" && { clusters: CLUSTERS }),
  });
  const options = {
    ...{ vaeBatch: batch.length, vaeUpdates: 1, latent: LATENT, elboTerms: 5, decodedSteps: 4 },
    ...{ vaeLearningRate: 0.01, decoder: { hidden: [4, 3], reward, state: true } },
  } as unknown as BeliefOptions;
  const bound: Bound = {
    noise: {
      latent: { kind: "normal", width: LATENT },
      ...(method === "milet" && { cluster: { kind: "uniform" as const, width: CLUSTERS } }),
    },
    ...(method === "milet" && {
      parameters: { prior: priorNetwork(CLUSTERS, LATENT).parameters },
      targetEvery: 9,
    }),
    bound(inputs) {
      const { loss, reported } =
        method === "milet"
          ? clusteredBound(inputs, { clusters: CLUSTERS, latent: LATENT, temperature: 0.8, weights })
          : evidenceBound(inputs, { klWeight: 0.7, latent: LATENT });
      const gradient = t.grad(loss, leavesOf(inputs.p)).map((g) => t.reshape(g, [-1]));
      return { loss, reported: { ...reported, loss }, last: { gradient: t.concat(gradient, 0) } };
    },
  };
  const layout = feedbackLayout(spaces.observationSpace, spaces.actionSpace);
  const trainer = boundTrainer({ ...bound, options }, encoder, layout, { steps } as TrialShape);

  /** `[rows, batch, width]` of the trials' own rows `[own rows, width]`. */
  const together = <A extends Float32Array | Int32Array>(
    out: A,
    own: ArrayLike<number>[],
    width: number,
  ): A => {
    for (const [b, values] of own.entries()) {
      for (let k = 0; k < values.length; k++) {
        out[(Math.floor(k / width) * batch.length + b) * width + (k % width)] = values[k];
      }
    }
    return out;
  };
  const rowsOf = (most: number, longest: number) => Math.min(most, longest);
  const [terms, decoded] = [rowsOf(5, steps + 1), rowsOf(4, steps)];
  const size = batch.length;
  const state = trainer.initialise(createRng("parameters"));
  const { means, last } = await trainer.run(state, {
    transitions: together(
      new Float32Array(steps * size * WIDTH).fill(30),
      batch.map((b) => transitions[b]),
      WIDTH,
    ),
    lengths: Float32Array.from(batch, (b) => trials[b].length),
    terms: together(
      new Int32Array(terms * size),
      batch.map((b) => trials[b].terms),
      1,
    ),
    decoded: together(
      new Int32Array(decoded * size),
      batch.map((b) => trials[b].decoded),
      1,
    ),
    "noise.latent": together(
      new Float32Array(terms * size * LATENT).fill(5),
      batch.map((b) => noise[b].latent),
      LATENT,
    ),
    ...(method === "milet" && {
      "noise.cluster": together(
        new Float32Array(terms * size * CLUSTERS).fill(0.9),
        batch.map((b) => noise[b].cluster),
        CLUSTERS,
      ),
      copies: Float32Array.of(0),
    }),
  });
  return { means, gradient: last.gradient as Float32Array };
}

describe.each([
  ["varibad", "bernoulli"],
  ["milet", "squared"],
] as const)("the bound of %s with %s rewards", (method, reward) => {
  it("is, with its gradient, that of the unpadded trials", async () => {
    const alone = await Promise.all(trials.map(({ length }, b) => lossOf(method, reward, [b], length)));
    const batch = [1, 0, 0];
    const padded = await lossOf(method, reward, batch, 6);
    const mean = (of: (b: number) => number) =>
      batch.reduce<number>((sum, b) => sum + of(b) / batch.length, 0);
    expect(padded.means.loss).toBeCloseTo(
      mean((b) => alone[b].means.loss),
      4,
    );
    expect(padded.means.klLatent).toBeCloseTo(
      mean((b) => alone[b].means.klLatent),
      4,
    );
    for (const [k, g] of padded.gradient.entries()) {
      expect(Math.abs(g - mean((b) => alone[b].gradient[k]))).toBeLessThan(1e-4);
    }
    // The reported error of VariBAD is a mean over all steps, that of MILET over trials.
    const share = (b: number) => (method === "milet" ? 1 : trials[b].length / mean((c) => trials[c].length));
    expect(padded.means.rewardError).toBeCloseTo(
      mean((b) => share(b) * alone[b].means.rewardError),
      4,
    );
    expect(padded.means.stateError).toBeCloseTo(
      mean((b) => share(b) * alone[b].means.stateError),
      4,
    );
    expect(alone[0].gradient.some((g) => Math.abs(g) > 0.01)).toBe(true);
    expect(Math.abs(alone[0].means.loss - alone[1].means.loss)).toBeGreaterThan(0.01);
  });
});
