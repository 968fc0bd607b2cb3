/** @file Communities of annotators: the bound, recovery, and the models at its ends. */

import { describe, expect, it } from "vitest";
import {
  annotationsFrom,
  communities,
  pooledMultinomial,
  predictiveLikelihood,
  splitLabels,
} from "../../src/crowds/index.js";
import { createRng } from "../../src/random/rng.js";
import { accuracy, always, anaesthetists, coin, simulated } from "../support/crowds.js";

/** Thirty annotators of two kinds, and six labels of each item: few labels an annotator. */
function sparse(seed: number) {
  const crowd = [...new Array(15).fill(coin(0.85, 3)), ...new Array(15).fill(always(1, 3))];
  const full = simulated(crowd, 120, seed);
  const rng = createRng(`sparse ${seed}`);
  const rows = full.rows.filter(() => rng.uniform() < 0.2);
  return { ...full, annotations: annotationsFrom(rows, { classes: [0, 1, 2] }), rows };
}

describe("communities", () => {
  it("never lowers its objective", () => {
    let before = Number.NEGATIVE_INFINITY;
    for (let iterations = 1; iterations < 15; iterations++) {
      const options = { communities: 2, restarts: 1, iterations, tolerance: 1e-300 };
      const { objective } = communities(anaesthetists(), options);
      expect(objective).toBeGreaterThanOrEqual(before - 1e-9);
      before = objective;
    }
  });

  it("is the pooled multinomial with one community", () => {
    const options = { tolerance: 1e-300, iterations: 200 };
    const one = communities(anaesthetists(), {
      communities: 1,
      diagonal: 0,
      offDiagonal: 0,
      restarts: 1,
      ...options,
    });
    const pooled = pooledMultinomial(anaesthetists(), options);
    expect(one.logLikelihood).toBeCloseTo(pooled.logLikelihood, 6);
    expect(one.logLikelihood).toBeCloseTo(-209.628968, 5);
    for (const [i, p] of pooled.posterior.entries()) expect(one.posterior[i]).toBeCloseTo(p, 6);
  });

  it("finds who belongs together, and what a community answers", () => {
    const { annotations, truth } = sparse(1);
    const fit = communities(annotations, { communities: 2 });
    const spam = annotations.names.annotators.map((name) => Number(name) >= 15);
    const first = spam.indexOf(true);
    const c = Number(fit.membership[2 * first] < 0.5);
    for (const [l, isSpam] of spam.entries()) expect(fit.membership[2 * l + c] > 0.5).toBe(isSpam);
    const matrix = fit.communityConfusion.subarray(9 * c, 9 * c + 9);
    for (let k = 0; k < 3; k++) expect(matrix[3 * k + 1]).toBeGreaterThan(0.9);
    const order = annotations.names.items.map((name) => truth[Number(name)]);
    expect(accuracy(fit.posterior, order)).toBeGreaterThan(0.85);
    expect(fit.shares[0] + fit.shares[1]).toBeCloseTo(1, 12);
  });

  it("chooses their number by labels that were held out", () => {
    const { annotations } = sparse(2);
    const fit = communities(annotations, { communities: "held-out", restarts: 2 });
    expect(fit.shares.length).toBeGreaterThan(1);
    const { train, heldOut } = splitLabels(annotations, 0.2, createRng(0));
    const score = (count: number) =>
      predictiveLikelihood(communities(train, { communities: count }), heldOut);
    expect(score(2)).toBeGreaterThan(score(1));
  });

  it("keeps known truths, and does not depend on the order of rows", () => {
    const { rows, truth } = simulated([coin(0.7), coin(0.6), coin(0.9)], 30, 3);
    const known = annotationsFrom(rows, { truth: Object.fromEntries(truth.entries()) });
    expect([...communities(known).labels]).toEqual(truth);
    const one = { communities: 1 };
    const other = annotationsFrom(rows.toReversed());
    const fit = communities(annotationsFrom(rows), one);
    const back = communities(other, one);
    expect(back.objective).toBeCloseTo(fit.objective, 9);
  });
});
