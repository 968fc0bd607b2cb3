/** @file CrowdInG: its phases, the directions of its steps, and options that contradict each other. */

import { describe, expect, it } from "vitest";
import { crowdInG } from "../../../algorithms/index.js";
import { UsageError } from "../../../src/errors.js";
import { createRng } from "../../../src/random/rng.js";
import { labelledItems } from "../../support/crowd-items.js";
import { coin } from "../../support/crowds.js";

const set = labelledItems([coin(0.9, 3), coin(0.8, 3), coin(0.5, 3)], { items: 120, each: 2, seed: 2 });
const options = {
  ...{ annotations: set.annotations, hidden: [8], dropout: 0, minibatchSize: 32, learningRate: 1e-2 },
  ...{ epochs: 6, augmented: 2, rounds: 1, pairs: 256, heldOut: 0.2 },
};

describe("crowdInG", () => {
  it("trains a crowd layer first, then with generated answers, and keeps the classifier that it had", async () => {
    const learner = crowdInG(options);
    const state = await learner.init(set.items, createRng(0));
    const metrics = [];
    for (let epoch = 0; epoch < 6; epoch++) metrics.push(await learner.update(state));
    expect(metrics.map(({ steps }) => steps)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(metrics.map((row) => "deceit" in row)).toEqual([false, false, false, false, true, true]);
    expect(metrics[5].discriminatorRight).toBeGreaterThan(0.3);
    expect(metrics[5].deceit).toBeLessThan(0);
    expect(metrics[5].information).toBeGreaterThan(-2);
    expect(Number.isFinite(metrics[5].heldOutLikelihood)).toBe(true);
    expect(state.base.epochs).toBe(4);
    expect(state.classifier.steps).toBeGreaterThan(0);
    expect(learner.done!(state)).toBe(true);
  });

  it("raises the chance of answers that are judged better than μ, and lowers that of others", async () => {
    const learner = crowdInG(options);
    const state = await learner.init(set.items, createRng(1));
    const { learnGenerator, learnClassifier, generate } = state.live.programs;
    const B = 32;
    const ids = Int32Array.from({ length: B }, (_, i) => i);
    const item = ids.map((i) => i % 2);
    const label = ids.map((i) => i % 2);
    const repeated = <A extends Int32Array | Float32Array>(column: A) =>
      Object.assign(
        new (column.constructor as Float32ArrayConstructor)(16 * column.length),
        column,
      ) as unknown as A;
    const z = new Float32Array(B * 3).fill(1 / 3);
    const noise = new Float32Array(B * 8);
    const rows = {
      ...{ item: repeated(item), annotator: repeated(ids.fill(0)), label: repeated(label) },
      ...{ noise: repeated(noise), chance: new Float32Array(16 * B).fill(1 / 3) },
      advantage: repeated(Float32Array.from(label, (y) => (y === 0 ? -1 : 1))),
    };
    const { inputs, crowd } = state.base.live;
    const x = Float32Array.from({ length: 4 }, (_, i) => inputs[i]);
    const answers = async () => {
      const fed = { x, annotator: Int32Array.of(0, 0), z: z.slice(0, 6), noise: noise.slice(0, 16) };
      return (await generate.run({ parameters: state.generator.parameters, ...fed })).answers as Float32Array;
    };
    expect(crowd.width).toBe(2);
    const before = await answers();
    for (let n = 0; n < 3; n++)
      await learnGenerator.run(state.generator, { inputs, ...rows, z: repeated(z) }, 1);
    const after = await answers();
    expect(after[0]).toBeGreaterThan(before[0]);
    expect(after[3 + 1]).toBeLessThan(before[3 + 1]);
    const generator = { generator: state.generator.parameters };
    const losses: number[] = [];
    for (let n = 0; n < 30; n++) {
      losses.push(
        (await learnClassifier.run(state.classifier, { inputs, ...generator, ...rows }, 1)).means.loss,
      );
    }
    expect(losses.at(-1)).toBeLessThan(losses[0]);
  });

  it("refuses more augmented epochs than epochs", () => {
    expect(() => crowdInG({ ...options, augmented: 7 })).toThrow(UsageError);
  });
});
