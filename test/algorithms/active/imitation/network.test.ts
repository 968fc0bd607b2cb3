/** @file The network of an acquisition policy: its losses, its class weights, and what a fit learns. */

import { describe, expect, it } from "vitest";
import {
  binaryCrossEntropy,
  choiceCrossEntropy,
  classWeights,
  type Output,
  type Pair,
  policyNetwork,
} from "../../../../algorithms/active/imitation/network.js";
import { inputsFor } from "../../../../algorithms/active/imitation/situation.js";
import { createRng } from "../../../../src/random/rng.js";
import * as t from "../../../../src/tensor/index.js";

const scores = [-1.5, 0.3, 2, -0.2, 0.7, 40];
const chosen = [0, 1, 0, 1, 0, 1];
const weight = [0.1, 0.9, 0.1, 0.9, 0.1, 0.9];

/** The loss and its gradient at scores, from the program that training uses. */
async function valueAt(loss: (scores: t.Tensor) => t.Tensor, at: number[]) {
  const program = t.program({ scores: t.float32([at.length]) }, ({ scores: s }) => {
    const value = loss(s);
    return { value, gradient: t.grad(value, [s])[0] };
  });
  const { value, gradient } = await program.run({ scores: Float32Array.from(at) });
  return { value: value[0], gradient: [...gradient] };
}

const constant = (values: number[], shape: number[]) => t.constant(Float32Array.from(values), shape);

/** Central differences of a function of six scores. */
const slopes = (of: (at: number[]) => number, at: number[]) =>
  at.map((_, i) => {
    const moved = (by: number) => of(at.map((x, j) => (j === i ? x + by : x)));
    return (moved(1e-5) - moved(-1e-5)) / 2e-5;
  });

describe("the loss", () => {
  it("of single candidates is −t log ρ − (1 − t) log(1 − ρ), weighted, with its gradient", async () => {
    const byHand = (at: number[]) =>
      at.reduce((sum, s, i) => {
        const rho = 1 / (1 + Math.exp(-s));
        const term = chosen[i] === 1 ? -Math.log(rho) : -Math.log(1 - rho);
        return sum + weight[i] * term;
      }, 0);
    const { value, gradient } = await valueAt(
      (s) => binaryCrossEntropy(s, constant(chosen, [6]), constant(weight, [6])),
      scores,
    );
    expect(value).toBeCloseTo(byHand(scores), 5);
    slopes(byHand, scores).forEach((slope, i) => {
      expect(gradient[i]).toBeCloseTo(slope, 4);
    });
    // A step down the gradient raises the scores of what was chosen, and lowers those of the rest.
    gradient.slice(0, 5).forEach((g, i) => {
      expect(Math.sign(g)).toBe(chosen[i] === 1 ? -1 : 1);
    });
  });

  it("of a choice is −log softmax, with its gradient", async () => {
    const [groups, size] = [2, 3];
    const one = [0, 1, 0, 1, 0, 0];
    const byHand = (at: number[]) =>
      Array.from({ length: groups }, (_, g) => {
        const own = at.slice(g * size, (g + 1) * size);
        const sum = own.reduce((total, s) => total + Math.exp(s), 0);
        return -Math.log(Math.exp(own[one.slice(g * size, (g + 1) * size).indexOf(1)]) / sum);
      }).reduce((a, b, g) => a + b * (g === 0 ? 1 : 0.5), 0);
    const at = scores.map((s) => Math.min(s, 3));
    const { value, gradient } = await valueAt(
      (s) =>
        choiceCrossEntropy(
          t.reshape(s, [groups, size]),
          constant(one, [groups, size]),
          constant([1, 0.5], [groups]),
        ),
      at,
    );
    // The weights are by group.
    expect(value).toBeCloseTo(byHand(at), 5);
    slopes(byHand, at).forEach((slope, i) => {
      expect(gradient[i]).toBeCloseTo(slope, 4);
    });
  });
});

/** Situations of six candidates in which those with the largest first embedding are chosen. */
function pairs(count: number, take: number, seed = 1): Pair[] {
  const rng = createRng(seed);
  return Array.from({ length: count }, () => {
    const embeddings = rng.fillNormal(new Float32Array(12));
    const firsts = Array.from({ length: 6 }, (_, i) => embeddings[2 * i]);
    const limit = [...firsts].sort((a, b) => b - a)[take - 1];
    return {
      labelledMean: new Float32Array(2),
      labelShares: new Float32Array(2),
      predictedShares: new Float32Array(2),
      embeddings,
      probabilities: new Float32Array(12).fill(0.5),
      chosen: Float32Array.from(firsts, (x) => Number(x >= limit)),
    };
  });
}

const form = { classes: 2, embeddingWidth: 2, features: ["embedding"] as const, hidden: [8] };
const fitting = { epochs: 20, learningRate: 0.01, minibatchSize: 32 };

describe("the weights of the classes", () => {
  it("are each the share of the other", () => {
    expect(classWeights(pairs(5, 2))).toEqual({ chosen: 1 - 10 / 30, other: 10 / 30 });
  });
});

describe.each<[Output, number]>([
  ["sigmoid", 2],
  ["softmax", 1],
])("a fit for a %s", (output, take) => {
  const network = policyNetwork(form, { ...fitting, output });

  it("learns what was chosen, better than fresh weights", async () => {
    const shown = pairs(40, take);
    const { parameters, loss } = await network.fit(shown, createRng(2));
    const hits = async (vector: Float32Array) => {
      let right = 0;
      for (const pair of pairs(50, take, 9)) {
        const s = await network.scores(vector, inputsFor(form.features, pair, form));
        right += Number(pair.chosen[s.indexOf(s.reduce((a, b) => Math.max(a, b)))] === 1);
      }
      return right / 50;
    };
    expect(await hits(parameters)).toBeGreaterThan(0.9);
    expect(await hits(network.initialise(createRng(2)))).toBeLessThan(0.7);
    // The loss without knowledge.
    const blind = output === "softmax" ? Math.log(6) : 2 * (2 / 6) * (4 / 6) * Math.log(2);
    expect(loss).toBeLessThan(0.7 * blind);
  });

  it("is the same with the same stream, and starts from fresh weights", async () => {
    const other = policyNetwork(form, { ...fitting, output });
    const once = await network.fit(pairs(6, take), createRng(3));
    expect(await other.fit(pairs(6, take), createRng(3))).toEqual(once);
  });
});
