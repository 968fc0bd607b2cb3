/**
 * @file Two stages: infer the classes of items from their labels, then train a classifier on them [N §2.3]. With
 * `model: "truth"` it is trained on the true classes, which is the upper bound that other methods are measured by.
 */

import * as z from "zod";
import {
  type Annotations,
  communities,
  dawidSkene,
  glad,
  type LabelFit,
  mace,
  majorityVote,
  oneCoin,
} from "../../src/crowds/index.js";
import { UsageError } from "../../src/errors.js";
import { defineAlgorithm } from "../../src/learning/define.js";
import * as t from "../../src/tensor/index.js";
import {
  type Crowd,
  type CrowdLearner,
  type CrowdMethod,
  crowdLearner,
  itemsSource,
} from "./shared/learner.js";
import { classifierOptions } from "./shared/options.js";

const models = {
  "majority-vote": majorityVote,
  "dawid-skene": dawidSkene,
  "one-coin": oneCoin,
  glad,
  mace,
  communities,
} satisfies Record<string, (annotations: Annotations) => LabelFit>;

const aggregateThenTrainSchema = z.strictObject({
  model: z
    .enum([...(Object.keys(models) as (keyof typeof models)[]), "truth"])
    .default("dawid-skene")
    .describe("what the first stage infers the classes with; truth: the true classes of the data set"),
  soft: z
    .boolean()
    .default(true)
    .describe("whether the classifier learns the probabilities of the classes, or the most probable one"),
  ...classifierOptions,
});

export type AggregateThenTrainOptions = z.input<typeof aggregateThenTrainSchema>;

/** Labels inferred by a model of annotators, and a classifier trained on them. */
export const aggregateThenTrain = defineAlgorithm({
  name: "aggregateThenTrain",
  summary: "a classifier trained on classes that a model of annotators infers from their labels",
  schema: aggregateThenTrainSchema,
  needs: [["annotations"]],
  source: itemsSource,
  create: (options): CrowdLearner =>
    crowdLearner("aggregateThenTrain", options, (crowd) => onTargets(targetsOf(crowd, options))),
});

function targetsOf(
  { annotations, truth }: Crowd,
  { model, soft }: z.output<typeof aggregateThenTrainSchema>,
): Float32Array {
  const { items, classes } = annotations;
  const targets = new Float32Array(items * classes);
  if (model === "truth") {
    if (truth.every((k) => k < 0)) {
      throw new UsageError(
        'aggregateThenTrain: model "truth" needs the true classes of the items: give the data set a column truth',
      );
    }
    truth.forEach((k, i) => {
      if (k >= 0) targets[i * classes + k] = 1;
    });
    return targets;
  }
  const { posterior, labels } = models[model](annotations);
  for (let i = 0; i < items; i++) {
    for (let k = 0; k < classes; k++) {
      targets[i * classes + k] = soft ? posterior[i * classes + k] : Number(labels[i] === k);
    }
  }
  return targets;
}

/** The method that learns soft labels as they are: −Σ_k q_k log f_k. */
export const onTargets = (targets: Float32Array): CrowdMethod => ({
  examples: "items",
  targets,
  loss(_, { item, logProbabilities, shared }) {
    const rows = t.gather(shared.targets, item);
    return { loss: t.neg(t.mean(t.sum(t.mul(rows, logProbabilities), -1))) };
  },
});
