/** @file Dawid and Skene's model: the table of 1979, brute force, invariances, spammers and adversaries. */

import { describe, expect, it } from "vitest";
import {
  type Annotations,
  annotationsFrom,
  type DawidSkeneOptions,
  dawidSkene,
  majorityVote,
  pooledMultinomial,
} from "../../src/crowds/index.js";
import { createRng } from "../../src/random/rng.js";
import { accuracy, always, anaesthetists, coin, simulated } from "../support/crowds.js";

const likelihood: DawidSkeneOptions = { smoothing: 0, iterations: 2000, tolerance: 1e-13 };

const expectClose = (found: ArrayLike<number>, expected: readonly number[], digits: number) => {
  expect(found).toHaveLength(expected.length);
  expected.forEach((x, i) => {
    expect(found[i], `entry ${i}`).toBeCloseTo(x, digits);
  });
};

/** Random annotations with weights, several labels an annotator, and an item without labels. */
function random(seed: number, { classes = 3, items = 5, annotators = 3, truth = {} } = {}): Annotations {
  const rng = createRng(seed);
  const rows = Array.from({ length: 14 }, () => ({
    item: rng.integer(items),
    annotator: rng.integer(annotators),
    label: rng.integer(classes),
    weight: rng.integer(3) === 0 ? 2 : 1,
  }));
  const names = Array.from({ length: classes }, (_, k) => k);
  return annotationsFrom(rows, { classes: names, truth: { unlabelled: 0, ...truth } });
}

describe("the table of 1979", () => {
  it("has the published optimum from votes, and a worse one from majorities", () => {
    const fit = dawidSkene(anaesthetists(), likelihood);
    expect(fit.logLikelihood).toBeCloseTo(-192.890881, 5);
    expectClose(fit.prior, [0.3996, 0.422, 0.1118, 0.0667], 4);
    const classes = [...fit.labels].map((k) => k + 1).join("");
    expect(classes).toBe("142222132243121111222222112111131224233111212");
    expect(fit.posterior[6 * 4]).toBeCloseTo(0.981, 3);
    const worse = dawidSkene(anaesthetists(), { ...likelihood, init: "majority" });
    expect(worse.logLikelihood).toBeCloseTo(-193.97464, 5);
    expectClose(worse.prior, [0.3997, 0.467, 0.1111, 0.0222], 4);
  });

  it("keeps the best of several starts, and reports all their optima", () => {
    const { objective, optima } = dawidSkene(anaesthetists(), { ...likelihood, init: "majority", starts: 4 });
    expect(optima).toHaveLength(4);
    expect(optima[0]).toBeCloseTo(-193.97464, 5);
    expect(optima[1]).toBeCloseTo(-192.890881, 5);
    expect(objective).toBe(Math.max(...optima));
  });

  it("has the optimum of one matrix for all", () => {
    for (const init of ["votes", "majority"] as const) {
      const fit = pooledMultinomial(anaesthetists(), { ...likelihood, init });
      expect(fit.logLikelihood).toBeCloseTo(-209.628968, 5);
      expectClose(fit.prior, [0.4017, 0.4267, 0.1493, 0.0222], 4);
      const expected = [
        0.9181, 0.0819, 0, 0, 0.0805, 0.7994, 0.1201, 0, 0, 0.1526, 0.6773, 0.1701, 0, 0, 0, 1,
      ];
      expectClose(fit.confusion!.subarray(16, 32), expected, 4);
    }
  });
});

/** log p(labels) by the sum over all truths. */
function bruteForce(annotations: Annotations, prior: Float64Array, confusion: Float64Array): number {
  const { items, classes: K, itemStart, annotator, label, weight } = annotations;
  let sum = 0;
  for (let code = 0; code < K ** items; code++) {
    let p = 1;
    for (let i = 0; i < items; i++) {
      const k = Math.floor(code / K ** i) % K;
      p *= prior[k];
      for (let n = itemStart[i]; n < itemStart[i + 1]; n++) {
        p *= confusion[(annotator[n] * K + k) * K + label[n]] ** (weight ? weight[n] : 1);
      }
    }
    sum += p;
  }
  return Math.log(sum);
}

describe("dawidSkene", () => {
  it("reports the likelihood of its parameters: the sum over all truths", () => {
    for (let seed = 0; seed < 5; seed++) {
      const annotations = { ...random(seed), truth: undefined };
      const { prior, confusion, logLikelihood } = dawidSkene(annotations, {
        ...likelihood,
        tolerance: 1e-15,
      });
      expect(logLikelihood).toBeCloseTo(bruteForce(annotations, prior, confusion), 6);
    }
  });

  it.each([
    { smoothing: 0 as const },
    {},
    { smoothing: { diagonal: 2, offDiagonal: 0.5, prior: 1.5 } },
  ])("never lowers its objective (%o)", (options) => {
    for (let seed = 0; seed < 5; seed++) {
      const annotations = random(seed);
      let before = Number.NEGATIVE_INFINITY;
      for (let iterations = 1; iterations < 12; iterations++) {
        const { objective } = dawidSkene(annotations, { ...options, iterations, tolerance: 1e-300 });
        expect(objective).toBeGreaterThanOrEqual(before - 1e-9);
        before = objective;
      }
    }
  });

  it("is at a maximum: no small change of the parameters raises the objective", () => {
    const annotations = { ...random(1), truth: undefined };
    const options = { smoothing: { diagonal: 1.5, offDiagonal: 1.2, prior: 1.3 } };
    const fit = dawidSkene(annotations, { ...options, iterations: 5000, tolerance: 1e-15 });
    const objective = (prior: Float64Array, confusion: Float64Array) => {
      let sum = bruteForce(annotations, prior, confusion);
      for (const p of prior) sum += 1.3 * Math.log(p);
      confusion.forEach((p, at) => {
        const diagonal = Math.floor(at / 3) % 3 === at % 3;
        sum += (diagonal ? 1.5 : 1.2) * Math.log(p);
      });
      return sum;
    };
    const best = objective(fit.prior, fit.confusion);
    expect(best).toBeCloseTo(fit.objective, 8);
    const rng = createRng(0);
    for (let trial = 0; trial < 50; trial++) {
      const [prior, confusion] = [fit.prior.slice(), fit.confusion.slice()];
      const rows = [prior, ...Array.from({ length: 9 }, (_, r) => confusion.subarray(3 * r, 3 * r + 3))];
      for (const row of rows) {
        const moved = row.map((p) => p * Math.exp(0.01 * rng.normal()));
        const total = moved.reduce((sum, p) => sum + p, 0);
        row.set(moved.map((p) => p / total));
      }
      expect(objective(prior, confusion)).toBeLessThanOrEqual(best + 1e-9);
    }
  });

  it("gives the same answer for any order of rows, items, annotators and classes", () => {
    const { rows } = simulated([coin(0.8, 3), coin(0.6, 3), coin(0.7, 3)], 20, 0);
    const fit = dawidSkene(annotationsFrom(rows), likelihood);
    const renamed = [...rows].reverse().map(({ item, annotator, label }) => ({
      item: `i${item}`,
      annotator: `a${annotator}`,
      label: 2 - Number(label),
    }));
    const other = annotationsFrom(renamed);
    const mirrored = dawidSkene(other, likelihood);
    expect(mirrored.logLikelihood).toBeCloseTo(fit.logLikelihood, 8);
    other.names.items.forEach((name, i) => {
      for (let k = 0; k < 3; k++) {
        expect(mirrored.posterior[3 * i + 2 - k]).toBeCloseTo(
          fit.posterior[3 * Number(name.slice(1)) + k],
          6,
        );
      }
    });
  });

  it("treats a label of weight 2 as two labels, and doubled labels as doubled evidence", () => {
    const rows = simulated([coin(0.8), coin(0.6), coin(0.7)], 12, 1).rows;
    const doubled = dawidSkene(annotationsFrom([...rows, ...rows]), likelihood);
    const weighted = dawidSkene(annotationsFrom(rows.map((row) => ({ ...row, weight: 2 }))), likelihood);
    expect(weighted.logLikelihood).toBeCloseTo(doubled.logLikelihood, 9);
    expectClose(weighted.posterior, [...doubled.posterior], 9);
    expectClose(weighted.confusion, [...doubled.confusion], 9);
  });

  it("with all truths known, counts answers", () => {
    const { truth, rows } = simulated([coin(0.8, 3), coin(0.4, 3)], 30, 2);
    const annotations = annotationsFrom(rows, {
      classes: [0, 1, 2],
      truth: Object.fromEntries(truth.entries()),
    });
    const { confusion, prior, labels, posterior } = dawidSkene(annotations, likelihood);
    expect([...labels]).toEqual(truth);
    expect(posterior.filter((p) => p === 1)).toHaveLength(30);
    for (let l = 0; l < 2; l++) {
      for (let k = 0; k < 3; k++) {
        const own = rows.filter(({ item, annotator }) => annotator === l && truth[Number(item)] === k);
        expect(prior[k]).toBeCloseTo(own.length / 30, 12);
        for (let y = 0; y < 3; y++) {
          const share = own.filter(({ label }) => label === y).length / own.length;
          expect(confusion[(l * 3 + k) * 3 + y]).toBeCloseTo(share, 12);
        }
      }
    }
  });

  it("gives the pseudo-counts' row to an annotator without labels, or a uniform one", () => {
    const annotations = { ...random(0), annotators: 4 };
    const row = (options: DawidSkeneOptions) => [
      ...dawidSkene(annotations, options).confusion.subarray(27, 30),
    ];
    expectClose(row(likelihood), [1 / 3, 1 / 3, 1 / 3], 12);
    expectClose(row({}), [0.5 / 0.6, 0.05 / 0.6, 0.05 / 0.6], 12);
  });

  it("accepts one item, one annotator and one class", () => {
    const annotations = annotationsFrom([{ item: 0, annotator: 0, label: "only" }]);
    expect(dawidSkene(annotations)).toMatchObject({ converged: true, logLikelihood: 0 });
  });

  it("says whether it converged", () => {
    expect(dawidSkene(anaesthetists(), { iterations: 2 })).toMatchObject({ converged: false, iterations: 2 });
  });

  it("refuses more matrices than fit in memory, and unknown options", () => {
    const many = { ...random(0), annotators: 1e6, classes: 100 };
    expect(() => dawidSkene(many)).toThrow(/1000000 annotators with 100 classes .* use oneCoin/);
    expect(() => dawidSkene(random(0), { smooth: 1 } as never)).toThrow(/smooth/);
  });
});

describe("200 items of two classes, all labelled by all", () => {
  const meanAccuracies = (crowd: Parameters<typeof simulated>[0]) => {
    const seeds = Array.from({ length: 20 }, (_, seed) => simulated(crowd, 200, seed));
    const mean = (of: (annotations: Annotations) => Float64Array) =>
      seeds.reduce((sum, { annotations, truth }) => sum + accuracy(of(annotations), truth), 0) / seeds.length;
    return {
      votes: mean((annotations) => majorityVote(annotations).posterior),
      fitted: mean((annotations) => dawidSkene(annotations, { smoothing: 0 }).posterior),
    };
  };

  it("sees through those who always give the same answer, where the vote does not", () => {
    const spammers = Array.from({ length: 5 }, () => always(0));
    const five = meanAccuracies([...Array.from({ length: 5 }, () => coin(0.8)), ...spammers]);
    expect(five.votes).toBeLessThan(0.6);
    expect(five.fitted).toBeGreaterThan(0.92);
    const three = meanAccuracies([...Array.from({ length: 3 }, () => coin(0.8)), ...spammers]);
    expect(three.votes).toBeLessThan(0.52);
    expect(three.fitted).toBeGreaterThan(0.84);
  });

  it("uses an adversary instead of dropping them", () => {
    const crowd = [
      ...Array.from({ length: 4 }, () => coin(0.8)),
      ...Array.from({ length: 3 }, () => always(0)),
    ];
    const without = meanAccuracies(crowd);
    const withOne = meanAccuracies([...crowd, coin(0.1)]);
    expect(withOne.fitted).toBeGreaterThan(0.94);
    expect(withOne.fitted).toBeGreaterThan(without.fitted + 0.02);
  });
});
