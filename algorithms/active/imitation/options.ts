/** @file The options that learning an acquisition by imitation takes, whatever the expert, and their checks. */

import * as z from "zod";
import { count, fraction, positive } from "../../../src/config/options.js";
import type { LabelledSet } from "../../../src/datasets/labelled.js";
import { UsageError } from "../../../src/errors.js";
import { activeLearningSchema } from "../active-learning/options.js";
import { type ClassifierOption, classifierSchema } from "../classifiers/option.js";
import { type FeatureName, featureNames } from "./situation.js";

const betaSchema = z
  .discriminatedUnion(
    "kind",
    [
      z.strictObject({
        kind: z.literal("constant").describe("schedule of the probability over the episodes"),
        value: fraction().default(0.5).describe("constant: the probability in every episode"),
      }),
      z.strictObject({
        kind: z.literal("exponential"),
        factor: fraction()
          .default(0.9)
          .describe("exponential: factor by which it is multiplied after each episode"),
      }),
    ],
    "it must be constant or exponential",
  )
  .meta({ tag: "kind" });

export type Beta = z.output<typeof betaSchema>;

/** β_e of episode e = 0, 1, … */
export const betaOf = (beta: Beta, episode: number): number =>
  beta.kind === "constant" ? beta.value : beta.factor ** episode;

const { initialBalanced, classes, standardise } = activeLearningSchema.shape;

/** @param defaults the features, and the number of episodes */
export const imitationFields = (defaults: { features: readonly FeatureName[]; episodes: number }) => ({
  classifier: classifierSchema
    .unwrap()
    .default("mlp")
    .describe(
      "model that learns the classes, with embeddings: mlp, cnn or softmax-regression; its options as in --classifier.dropout 0.5",
    ),
  initial: count().default(20).describe("labelled items that an episode starts with"),
  initialBalanced,
  budget: count().default(1000).describe("labelled items that an episode ends with"),
  episodes: count()
    .default(defaults.episodes)
    .describe("courses of active learning, after each of which the policy learns anew"),
  judge: count().default(100).describe("items, apart from the pool, on which what experts chose is judged"),
  beta: betaSchema
    .default({ kind: "constant", value: 0.5 })
    .describe(
      "probability that the expert's choice is labelled, and not the policy's: constant with --beta.value, or " +
        "exponential with --beta.factor",
    ),
  coin: z
    .enum(["step", "episode"])
    .default("step")
    .describe("whether chance decides at each step who chooses, or once an episode"),
  features: z
    .array(z.enum(featureNames))
    .min(1)
    .default([...defaults.features])
    .describe(`parts of the input of the policy: ${featureNames.join(", ")}`),
  standardiseEmbeddings: z
    .boolean()
    .default(false)
    .describe(
      "whether embeddings are scaled to mean 0 and deviation 1 over the candidates, for data of another scale",
    ),
  hidden: z.array(count()).default([128, 128]).describe("sizes of the hidden layers of the policy (ReLU)"),
  epochs: count()
    .default(30)
    .describe("passes over all choices so far, from fresh weights, after each episode"),
  learningRate: positive().default(1e-3).describe("step size of Adam, of the policy"),
  minibatchSize: count().default(256).describe("candidates in a gradient step of the policy"),
  classes,
  standardise,
});

export type ImitationOptions = z.output<z.ZodObject<ReturnType<typeof imitationFields>>>;

/** The option with the kind mlp where only options of it are given. */
export const namedClassifier = (option: ClassifierOption): ClassifierOption =>
  typeof option === "object" && !("name" in option) ? { name: "mlp", ...(option as object) } : option;

/** Sizes of a step: the items that are labelled, and the candidates that are drawn for them. */
export interface StepSizes {
  batch: number;
  subPool: number;
  /** Names of the options with these sizes; without a name it is fixed. */
  names: { batch?: string; subPool: string };
}

/** @throws UsageError for options that contradict each other */
export function checkImitation(
  what: string,
  { initial, budget }: ImitationOptions,
  { batch, subPool, names }: StepSizes,
): void {
  const refuse = (message: string): never => {
    throw new UsageError(`${what}: ${message}`);
  };
  if (budget <= initial) {
    refuse(
      `the budget of ${budget} items is no more than the initial ${initial}, so that nothing is chosen: raise budget, ` +
        "or lower initial",
    );
  }
  if (subPool < batch) {
    refuse(
      `${names.subPool} is ${subPool}, from which a batch of ${batch} is chosen: raise ${names.subPool}, or lower batch`,
    );
  }
  if (subPool === batch) {
    refuse(
      `${names.subPool} is ${subPool} and so is the batch: there is nothing to choose; raise ${names.subPool}` +
        (names.batch ? `, or lower ${names.batch}` : ""),
    );
  }
}

/** @throws UsageError for numbers of items that the data do not have */
export function checkData(
  what: string,
  { budget, judge, initial }: ImitationOptions,
  { subPool, names }: StepSizes,
  { set, items, pool }: { set: LabelledSet; items: number; pool: number },
): void {
  const refuse = (message: string): never => {
    throw new UsageError(`${what}: ${message}`);
  };
  if (!set.labels) refuse("the data have no labels, which the experts are judged by");
  const apart = set.test ? `, besides the ${set.test.length} that the files set apart` : "";
  const have = `the data have ${items} items with a label${apart}`;
  if (judge >= items) {
    refuse(`judge is ${judge}, and ${have}: lower judge`);
  }
  const rest = `${pool} of the ${items} items with a label are left beside the ${judge} of judge${apart}`;
  if (initial > pool) refuse(`initial is ${initial}, and ${rest}: lower initial`);
  if (budget > pool) refuse(`budget is ${budget}, and ${rest}: lower budget or judge`);
  if (subPool > pool - budget) {
    refuse(
      `${names.subPool} is ${subPool}, and with a budget of ${budget} the last steps would have fewer candidates, because ${rest}: ` +
        `lower budget or ${names.subPool}`,
    );
  }
}
