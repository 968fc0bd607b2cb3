/** @file The options of active learning, and their checks against the data. */

import * as z from "zod";
import { count, fraction, positive } from "../../../src/config/options.js";
import { itemsIn, type LabelledSet, type Split } from "../../../src/datasets/labelled.js";
import { UsageError } from "../../../src/errors.js";
import type { Labeller } from "../../../src/people/index.js";
import { waitOptions } from "../../../src/people/wait-for-answers.js";
import { classifierSchema } from "../classifiers/option.js";
import { acquisitionSchema } from "../shared/acquisition-option.js";
import { annotatorChoices, chosenAmong } from "./annotators.js";
import { aggregates } from "./answers.js";

const part = (what: string) =>
  z
    .number()
    .nonnegative()
    .describe(`items for ${what}: a share below 1, or a number; those that the files set apart count`);

export const activeLearningSchema = z.strictObject({
  acquisition: acquisitionSchema,
  classifier: classifierSchema,
  initial: count().default(20).describe("items that are asked about first, before there is a model"),
  initialBalanced: z
    .boolean()
    .optional()
    .describe("whether they have as many of each class; unset: yes, where the labels are known"),
  batch: count().default(10).describe("items that are asked about before the model learns again"),
  budget: count()
    .optional()
    .describe("questions in all, also skipped ones; unset: 200, or as many as there are"),
  test: part("the test").default(0.25),
  validation: part("the choice of models, which are no part of the pool").default(0),
  split: z
    .custom<Split>(
      (value) =>
        ["pool", "validation", "test"].every(
          (name) => Array.isArray(Object(value)[name]) || ArrayBuffer.isView(Object(value)[name]),
        ),
      "it must be the numbers of items, as { pool, validation, test }",
    )
    .meta({ type: "split" })
    .optional()
    .describe("the numbers of the items of the pool, the validation and the test; unset: drawn at random"),
  classes: z
    .array(z.union([z.string(), z.number()]))
    .min(2)
    .optional()
    .describe("names of all classes; unset: those of the labels in the data"),
  standardise: z
    .boolean()
    .default(true)
    .describe(
      "whether features are scaled to mean 0 and deviation 1 over the pool (images: all pixels alike)",
    ),
  labeller: z
    .custom<Labeller<"label">>(
      (value) => typeof (value as Labeller | undefined)?.label === "function",
      "it must be a labeller, with kind and label()",
    )
    .meta({ type: "labeller" })
    .optional()
    .describe("who labels; unset: the labels in the data"),
  annotators: z
    .array(fraction())
    .optional()
    .describe(
      "without a labeller: simulated annotators who err, by the share of their right answers; unset: none errs",
    ),
  annotatorsAbove: z
    .array(fraction())
    .optional()
    .describe(
      "their shares of right answers about items whose first feature is above the median of the pool; unset: as annotators",
    ),
  annotatorChoice: z
    .enum(annotatorChoices)
    .default("random")
    .describe(
      "which of the annotators is asked. yan: the best for the item, by the model of aggregate yan; yan-joint: item and " +
        "annotator together, of three times the items of a batch",
    ),
  annotatorExploration: fraction()
    .default(0.05)
    .describe("yan: least probability of asking an annotator at random; with few answers it is larger"),
  annotatorCosts: z
    .array(positive())
    .optional()
    .describe(
      "cost of an answer of each annotator: the choice is by what the answer is worth for its cost; unset: all alike",
    ),
  answersPerItem: count()
    .default(1)
    .describe(
      "answers about each item, by different annotators: simulated ones, or the people of the labeller",
    ),
  relabel: fraction()
    .default(0)
    .describe(
      "items whose class is less probable than this are asked about again, of other annotators, with up to half of the questions",
    ),
  aggregate: z
    .enum(aggregates)
    .default("dawid-skene")
    .describe("model of several annotators, from which the beliefs follow that the classifier learns"),
  refit: z
    .enum(["fresh", "warm"])
    .default("fresh")
    .describe(
      "weights that a network learns from after a batch: fresh ones, so that the curve shows labels; or those before",
    ),
  stopAccuracy: fraction()
    .optional()
    .describe("accuracy on the validation items at which the run ends; unset: it does not end early"),
  stableFor: count()
    .optional()
    .describe(
      "batches in a row after which the run ends because the predictions of the pool do not change (kappa at least 0.99)",
    ),
  quorum: fraction()
    .default(1)
    .describe("share of the answers to a batch after which the model learns again; the rest may come later"),
  ...waitOptions,
});

export type ActiveLearningOptions = z.input<typeof activeLearningSchema>;
export type Resolved = z.output<typeof activeLearningSchema>;

/** Questions of a run, if neither the options nor the data say less. */
export const BUDGET = 200;

/** @throws UsageError for options that contradict each other */
export function checkOptions(name: string, options: Resolved): void {
  const { labeller, annotators, answersPerItem, relabel, initial, budget } = options;
  const refuse = (what: string): never => {
    throw new UsageError(`${name}: ${what}`);
  };
  if (labeller && annotators) {
    refuse(
      "give either a labeller or simulated annotators, and not both: people are the annotators that the labeller names",
    );
  }
  const many = (labeller ? labeller.annotators : annotators)?.length ?? 1;
  const counts = {
    annotatorsAbove: annotators?.length,
    annotatorCosts: (labeller ?? options).annotators?.length,
  };
  for (const [list, named] of Object.entries(counts)) {
    const given = options[list as keyof typeof counts];
    if (given && given.length !== named) {
      refuse(
        `${list} has ${given.length} numbers, and annotators ${named ?? "none"}: give one for each annotator`,
      );
    }
  }
  if (options.annotatorChoice.startsWith("yan") && options.aggregate !== "yan") {
    refuse(
      `annotatorChoice ${options.annotatorChoice} chooses by the model of the aggregate yan, not by ${options.aggregate}: ` +
        "set aggregate to yan",
    );
  }
  if (options.stopAccuracy !== undefined && options.validation === 0 && !options.split?.validation.length) {
    refuse(
      "stopAccuracy is the accuracy on the validation items, and there are none: set validation, such as 100",
    );
  }
  if (answersPerItem > many) {
    refuse(
      `answersPerItem is ${answersPerItem}, and there ${many === 1 ? "is 1 annotator" : `are ${many} annotators`}: ` +
        nameMore(labeller),
    );
  }
  if (relabel > 0 && many === 1) {
    refuse(`relabel asks other annotators, and there is only one: ${nameMore(labeller)}`);
  }
  if (budget !== undefined && budget < initial) {
    refuse(
      `the budget of ${budget} questions is less than the initial ${initial} items: raise budget, or lower initial`,
    );
  }
}

const nameMore = (labeller: Labeller<"label"> | undefined): string =>
  labeller
    ? "name several people, as annotators of a labeller of files or web (--labeller-annotators ann,ben)"
    : "give more annotators, or a labeller with several people";

/** @throws UsageError for numbers that the pool does not have */
export function checkPool(name: string, options: Resolved, set: LabelledSet, pool: Int32Array): void {
  const { initial, batch, budget, labeller, answersPerItem } = options;
  const refuse = (what: string): never => {
    throw new UsageError(`${name}: ${what}`);
  };
  const size = `the pool has ${pool.length} of the ${itemsIn(set)} items`;
  if (initial > pool.length) refuse(`initial is ${initial}, and ${size}: lower initial`);
  if (batch > pool.length) refuse(`batch is ${batch}, and ${size}: lower batch`);
  if (
    budget !== undefined &&
    budget > pool.length * Math.max(answersPerItem, chosenAmong(options)?.length ?? 1)
  ) {
    refuse(`budget is ${budget}, and ${size}: lower budget`);
  }
  if (labeller) return;
  const unknown = pool.filter((item) => set.labels === undefined || set.labels[item] < 0);
  if (unknown.length > 0) {
    refuse(
      `${unknown.length} of ${pool.length} items of the pool have no label in the data, such as item ${unknown[0]}: ` +
        'give a labeller, such as "console"',
    );
  }
}
