/**
 * @file Max-MIG [Cao et al. 2019]: a classifier of features and an aggregator of labels, whose outputs are to have as much
 * mutual information as possible: they agree on an item more than on two different ones.
 */

import * as z from "zod";
import { transposed } from "../../src/crowds/fit.js";
import { type Annotations, dawidSkene } from "../../src/crowds/index.js";
import { UsageError } from "../../src/errors.js";
import { defineAlgorithm } from "../../src/learning/define.js";
import type * as nn from "../../src/nn/index.js";
import type { Tensor } from "../../src/tensor/index.js";
import * as t from "../../src/tensor/index.js";
import {
  type Crowd,
  type CrowdLearner,
  type CrowdMethod,
  crowdLearner,
  itemsSource,
} from "./shared/learner.js";
import { softmaxRows } from "./shared/matrices.js";
import { classifierOptions } from "./shared/options.js";

const maxMigSchema = z.strictObject({
  prior: z
    .enum(["dawid-skene", "uniform"])
    .default("dawid-skene")
    .describe("shares p of the classes, by which agreement is divided"),
  ...classifierOptions,
});

export type MaxMigOptions = z.input<typeof maxMigSchema>;

/** A classifier and an aggregator of labels, trained to agree. */
export const maxMig = defineAlgorithm({
  name: "maxMig",
  summary: "a classifier and an aggregator of labels, with as much mutual information as possible",
  schema: maxMigSchema,
  needs: [["annotations"]],
  source: itemsSource,
  create: (options): CrowdLearner =>
    crowdLearner("maxMig", options, (crowd) => maxMigMethod(crowd, options.prior)),
});

/**
 * The loss is −mean_n log K(n, n) + mean_{n ≠ m} K(n, m) − 1, with K(n, m) = Σ_k f_k(x_n) g_k(y_m) / p_k: the negative of
 * the bound of the mutual information by the Kullback–Leibler divergence. Minibatches of 64 items or more estimate it well.
 */
export function maxMigMethod({ annotations }: Crowd, prior: "dawid-skene" | "uniform"): CrowdMethod {
  const { annotators: R, classes: K } = annotations;
  const fit = dawidSkene(annotations);
  const shares = prior === "uniform" ? new Float64Array(K).fill(1 / K) : fit.prior;
  const { codes, mask, most } = padded(annotations);
  return {
    examples: "items",
    shared: {
      codes: { spec: t.int32([annotations.items, most]), data: codes },
      mask: { spec: t.float32([annotations.items, most]), data: mask },
    },
    parameters: {
      crowd: {
        // [annotators · observed, true]: the log-weight of each class that an answer gives.
        weight: {
          shape: [R * K, K],
          initialise: (out) => out.set(transposed(fit.confusion, K).map((p) => Math.log(p + 1e-3))),
        },
        bias: { shape: [K], initialise: (out) => out.set(shares.map((p) => Math.log(p + 1e-3))) },
      },
    },
    loss({ crowd }, { item, logProbabilities, shared }) {
      const { weight, bias } = crowd as nn.TensorTree as Record<string, Tensor>;
      const given = t.gather(weight, t.gather(shared.codes, item));
      const votes = t.sum(t.mul(given, t.expandDims(t.gather(shared.mask, item), 2)), 1);
      const g = t.softmax(t.add(votes, bias));
      const inverse = t.constant(
        Float32Array.from(shares, (p) => 1 / Math.max(p, 1e-3)),
        [1, K],
      );
      return mutualInformationLoss(t.exp(logProbabilities), t.mul(g, inverse));
    },
    // exp W is p(answer | class) up to a factor.
    confusion: (views) => softmaxRows({ data: transposed(views["crowd.weight"].data, K), shape: [R, K, K] }),
  };
}

/** The loss of agreement K = f gᵀ, with `g` divided by the shares already. */
export function mutualInformationLoss(f: Tensor, g: Tensor) {
  const B = f.shape[0] as number;
  if (B < 2) {
    throw new UsageError("maxMig: a minibatch has one item; it compares items, so give at least two");
  }
  const together = t.sum(t.mul(f, g), -1);
  const all = t.sum(t.matmul(f, t.transpose(g)));
  const apart = t.div(t.sub(all, t.sum(together)), B * (B - 1));
  const information = t.sub(t.add(t.mean(t.log(t.add(together, 1e-12))), 1), apart);
  return { loss: t.neg(information), reported: { information } };
}

/** The answers of each item as codes annotator · K + label, in rows of the same length; `mask` is 0 where there is none. */
function padded({ items, classes: K, itemStart, annotator, label }: Annotations) {
  let most = 1;
  for (let i = 0; i < items; i++) most = Math.max(most, itemStart[i + 1] - itemStart[i]);
  const [codes, mask] = [new Int32Array(items * most), new Float32Array(items * most)];
  for (let i = 0; i < items; i++) {
    for (let n = itemStart[i]; n < itemStart[i + 1]; n++) {
      const at = i * most + n - itemStart[i];
      codes[at] = annotator[n] * K + label[n];
      mask[at] = 1;
    }
  }
  return { codes, mask, most };
}
