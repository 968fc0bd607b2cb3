/** @file The context encoder: the product of Gaussians against hand values, its order, and the empty context. */

import { describe, expect, it } from "vitest";
import { contextEncoder, latentPosterior } from "../../src/policies/context-encoder.js";
import { createRng } from "../../src/random/rng.js";
import { box, discrete } from "../../src/spaces/index.js";
import * as t from "../../src/tensor/index.js";

const product = (precision: number[], weighted: number[]) => {
  const shape = [precision.length];
  const program = t.program({ precision: t.float32(shape), weighted: t.float32(shape) }, (evidence) => {
    const { mean, logStd } = latentPosterior(evidence as Record<"precision" | "weighted", t.Tensor>);
    return { mean, logStd };
  });
  return program.interpret({
    precision: Float64Array.from(precision),
    weighted: Float64Array.from(weighted),
  });
};

describe("the product of Gaussian factors", () => {
  it("of N(1, 2) and N(4, 1) is N(3, 2/3)", () => {
    const { mean, logStd } = product([1 / 2 + 1], [1 / 2 + 4]);
    expect(mean[0]).toBeCloseTo(3, 12);
    expect(Math.exp(2 * logStd[0])).toBeCloseTo(2 / 3, 12);
  });

  it("of no factor is the prior N(0, 1)", () => {
    const { mean, logStd } = product([0, 4], [0, 8]);
    expect([...mean]).toEqual([0, 2]);
    expect([...logStd]).toEqual([expect.closeTo(0, 12), expect.closeTo(-Math.log(2), 12)]);
  });
});

describe("the factors of transitions", () => {
  const settings = {
    observationSpace: box([2], -1, 1),
    actionSpace: box([1], -3, 5),
    encoderHidden: [4],
    latent: 3,
    encodeNext: true,
  };
  const rng = createRng("context");
  const ROWS = 4;
  const rows = (width: number) => Float64Array.from({ length: ROWS * width }, () => rng.normal());
  const feeds = {
    observations: rows(2),
    actions: rows(1),
    rewards: rows(1),
    nextObservations: rows(2),
  };
  const run = (changed: object, given: Record<string, Float64Array> = feeds) => {
    const encoder = contextEncoder({ ...settings, ...changed });
    const parameters = encoder.layout.initialise(createRng(0)).map((x) => x + 0.1);
    const widths = { observations: 2, actions: 1, rewards: 1, nextObservations: 2 };
    const inputs = Object.fromEntries(
      Object.entries(widths).map(([name, width]) => [name, t.float32([ROWS, width])]),
    );
    return t
      .program(inputs, (fed) => {
        const p = encoder.layout.unflatten(t.constant(parameters, [parameters.length]));
        const { precision, weighted } = encoder.factors(
          p,
          fed as unknown as Parameters<typeof encoder.factors>[1],
        );
        return { precision, weighted, total: t.sum(weighted, 0) };
      })
      .interpret(given);
  };

  it("have positive precisions, one factor for each transition", () => {
    const { precision, weighted } = run({});
    expect(precision).toHaveLength(ROWS * 3);
    expect(Math.min(...precision)).toBeGreaterThan(0);
    expect(new Set(weighted).size).toBe(ROWS * 3);
  });

  it("have the same product in any order", () => {
    const order = [2, 0, 3, 1];
    const permuted = Object.fromEntries(
      Object.entries(feeds).map(([name, x]) => {
        const width = x.length / ROWS;
        return [name, Float64Array.from(x, (_, k) => x[order[Math.floor(k / width)] * width + (k % width)])];
      }),
    );
    const [total, again] = [run({}).total, run({}, permuted).total];
    total.forEach((x, k) => {
      expect(again[k]).toBeCloseTo(x, 12);
    });
  });

  it("depend on the next observation only if it is encoded", () => {
    const other = { ...feeds, nextObservations: rows(2) };
    expect(run({ encodeNext: false }, other)).toEqual(run({ encodeNext: false }));
    expect(run({}, other)).not.toEqual(run({}));
  });

  it("receive discrete parts one-hot", () => {
    const encoder = contextEncoder({
      ...settings,
      observationSpace: discrete(5),
      actionSpace: discrete(3),
      encodeNext: false,
    });
    const [first] = encoder.layout.entries;
    expect(first.shape).toEqual([5 + 3 + 1, 4]);
  });
});
