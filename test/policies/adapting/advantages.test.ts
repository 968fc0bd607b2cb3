/** @file The advantages of a few episodes: the linear baseline against the normal equations, and the definition. */

import { describe, expect, it } from "vitest";
import {
  type Episodes,
  episodeAdvantages,
  linearBaseline,
} from "../../../src/policies/adapting/advantages.js";
import { createRng } from "../../../src/random/rng.js";

const width = 2;
const horizon = 7;

/** Three episodes, one of full length; the entries after an end are noise that must not matter. */
function episodes(noise = 1): Episodes {
  const rng = createRng("episodes");
  const observations = rng.fillNormal(new Float32Array(3 * horizon * width));
  const rewards = Array.from({ length: 3 * horizon }, () => rng.normal());
  const lengths = [7, 4, 6];
  for (let k = 0; k < 3; k++) {
    for (let step = lengths[k]; step < horizon; step++) {
      rewards[k * horizon + step] = noise;
      observations.fill(noise, (k * horizon + step) * width, (k * horizon + step + 1) * width);
    }
  }
  return { horizon, observations, rewards, lengths };
}

const steps = ({ lengths }: Episodes) =>
  Array.from(lengths).flatMap((length, k) =>
    Array.from({ length }, (_, i) => ({ k, i, at: k * horizon + i })),
  );

/** Gaussian elimination with the largest pivot. */
function solve(matrix: number[][], right: number[]): number[] {
  const rows = matrix.map((row, i) => [...row, right[i]]);
  for (let i = 0; i < rows.length; i++) {
    const pivot = rows
      .slice(i)
      .reduce((best, row, k) => (Math.abs(row[i]) > Math.abs(rows[best][i]) ? k + i : best), i);
    [rows[i], rows[pivot]] = [rows[pivot], rows[i]];
    for (let k = 0; k < rows.length; k++) {
      if (k === i) continue;
      const factor = rows[k][i] / rows[i][i];
      rows[k] = rows[k].map((x, j) => x - factor * rows[i][j]);
    }
  }
  return rows.map((row, i) => row[rows.length] / row[i]);
}

describe("the linear baseline", () => {
  it("solves the normal equations of its features, with a ridge of 1e-5", () => {
    const data = episodes();
    data.observations[0] = 25;
    const targets = Float64Array.from({ length: 3 * horizon }, (_, k) => Math.sin(k));
    const features = steps(data).map(({ i, at }) => {
      const o = [0, 1].map((j) => Math.max(-10, Math.min(10, data.observations[at * width + j])));
      const time = i / 100;
      return [...o, ...o.map((x) => x * x), time, time ** 2, time ** 3, 1];
    });
    const y = steps(data).map(({ at }) => targets[at]);
    const gram = features[0].map((_, a) =>
      features[0].map((_, b) => features.reduce((sum, row) => sum + row[a] * row[b], a === b ? 1e-5 : 0)),
    );
    const coefficients = solve(
      gram,
      features[0].map((_, a) => features.reduce((sum, row, n) => sum + row[a] * y[n], 0)),
    );
    const fitted = linearBaseline(data, targets);
    for (const [n, { at }] of steps(data).entries()) {
      expect(fitted[at]).toBeCloseTo(
        features[n].reduce((sum, x, j) => sum + x * coefficients[j], 0),
        9,
      );
    }
  });

  it("fits columns of zeros", () => {
    const data = { ...episodes(), observations: new Float32Array(3 * horizon * width) };
    const targets = new Float64Array(3 * horizon).fill(3);
    expect(linearBaseline(data, targets)[0]).toBeCloseTo(3, 4);
  });
});

describe("the advantages", () => {
  it.each([
    [0.9, 1],
    [0.95, 0.7],
    [1, 0],
  ])("equal their definition, normalised over the task (γ %d, λ %d)", (discount, gaeLambda) => {
    const data = episodes();
    const togo = new Float64Array(3 * horizon);
    for (const { k, i, at } of steps(data)) {
      for (let j = i; j < data.lengths[k]; j++)
        togo[at] += discount ** (j - i) * data.rewards[k * horizon + j];
    }
    const baseline = linearBaseline(data, togo);
    const raw = steps(data).map(({ k, i }) => {
      let sum = 0;
      for (let j = i; j < data.lengths[k]; j++) {
        const at = k * horizon + j;
        const next = j + 1 < data.lengths[k] ? baseline[at + 1] : 0;
        sum += (discount * gaeLambda) ** (j - i) * (data.rewards[at] + discount * next - baseline[at]);
      }
      return sum;
    });
    const mean = raw.reduce((a, b) => a + b) / raw.length;
    const deviation = Math.sqrt(raw.reduce((sum, x) => sum + (x - mean) ** 2, 0) / raw.length);
    const { advantages } = episodeAdvantages(data, { discount, gaeLambda });
    for (const [n, { at }] of steps(data).entries()) {
      expect(advantages[at]).toBeCloseTo((raw[n] - mean) / deviation, 4);
    }
  });

  it("give every step the same share, and none to what follows an end", () => {
    const options = { discount: 0.9, gaeLambda: 1 };
    const { advantages, shares } = episodeAdvantages(episodes(), options);
    const inside = new Set(steps(episodes()).map(({ at }) => at));
    for (let at = 0; at < shares.length; at++) expect(shares[at]).toBeCloseTo(inside.has(at) ? 1 / 17 : 0, 9);
    expect(episodeAdvantages(episodes(1e6), options).advantages).toEqual(advantages);
  });

  it("are 0 for a single step", () => {
    const one = { horizon: 1, observations: new Float32Array(2), rewards: [5], lengths: [1] };
    expect(episodeAdvantages(one, { discount: 1, gaeLambda: 1 })).toEqual({
      advantages: Float32Array.of(0),
      shares: Float32Array.of(1),
    });
  });
});
