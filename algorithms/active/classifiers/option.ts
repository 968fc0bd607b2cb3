/** @file The option `classifier`: a kind of model by its name and options, or a function that makes one. */

import * as z from "zod";
import type { Classifier, ClassifierData } from "../../../src/active/index.js";
import { count, nonNegative, positive, resolveOptions } from "../../../src/config/options.js";
import { didYouMean, UsageError } from "../../../src/errors.js";
import { committee } from "./committee.js";
import { type EmbeddingNetwork, gradientClassifier } from "./gradient-classifier.js";
import { naiveBayes, naiveBayesModels } from "./naive-bayes.js";
import { cnnNetwork, linearNetwork, mlpNetwork } from "./networks.js";
import { parzen } from "./parzen.js";

/** Makes a classifier for items of a shape. */
export type MakesClassifier = (data: ClassifierData) => Classifier;

/** The name of a kind, its name and options, or a function. */
export type ClassifierOption = string | ({ name: string } & Record<string, unknown>) | MakesClassifier;

const committeeFields = {
  members: count()
    .optional()
    .describe(
      "models in a committee; unset: 5 if the acquisition needs samples that one model does not have, else 1",
    ),
  bootstrap: z
    .boolean()
    .default(true)
    .describe("whether each member of a committee learns from examples drawn with replacement"),
};

const fitFields = (defaults: { learningRate: number; l2: number; fitSteps: number }) => ({
  learningRate: positive().default(defaults.learningRate).describe("step size of Adam"),
  l2: nonNegative().default(defaults.l2).describe("weight of the penalty ½ ‖θ‖²"),
  fitSteps: count().default(defaults.fitSteps).describe("gradient steps of a fit from fresh weights"),
  minibatchSize: count().default(256).describe("examples in a gradient step; all, if they are fewer"),
  ...committeeFields,
});

const networkFields = {
  hidden: z.array(count()).default([128]).describe("sizes of the hidden layers (ReLU)"),
  dropout: z
    .number()
    .min(0)
    .lt(1)
    .default(0.25)
    .describe("probability with which a hidden unit is left out of a gradient step, and of a sample"),
  samples: count().default(20).describe("dropout masks of a prediction, for acquisitions that need samples"),
};

const convolution = z.strictObject({
  filters: count(),
  size: count().describe("side of the kernel"),
  stride: count().default(1),
  padding: z.int().nonnegative().default(0),
  pool: count().default(1).describe("side of the squares of which the largest value is kept"),
});

const kinds = {
  "softmax-regression": kind(
    z.strictObject(fitFields({ learningRate: 0.05, l2: 0.01, fitSteps: 200 })),
    (data, options) => fitted(linearNetwork(data), data, options),
  ),
  mlp: kind(
    z.strictObject({ ...networkFields, ...fitFields({ learningRate: 3e-3, l2: 0, fitSteps: 200 }) }),
    (data, options) => fitted(mlpNetwork(data, options), data, options),
  ),
  cnn: kind(
    z.strictObject({
      ...networkFields,
      convolutions: z
        .array(convolution)
        .default([
          { filters: 16, size: 3, stride: 2, padding: 1, pool: 1 },
          { filters: 16, size: 3, stride: 2, padding: 1, pool: 1 },
        ])
        .describe("convolutions (ReLU) before the hidden layers"),
      ...fitFields({ learningRate: 3e-3, l2: 0, fitSteps: 200 }),
    }),
    (data, options) => fitted(cnnNetwork(data, options), data, options),
  ),
  "naive-bayes": kind(
    z.strictObject({
      model: z
        .enum(naiveBayesModels)
        .default("gaussian")
        .describe(
          "distribution of the features of a class: gaussian, or multinomial for counts such as words",
        ),
      ...committeeFields,
    }),
    (data, { model }) => naiveBayes(data, model),
  ),
  parzen: kind(
    z.strictObject({
      bandwidth: positive()
        .default(0.3)
        .describe("deviation of the Gaussian kernel, in units of the root of the number of features"),
      prior: positive().default(0.01).describe("votes that all classes share, where there are no examples"),
      ...committeeFields,
    }),
    parzen,
  ),
};

type Kind = {
  schema: z.ZodObject;
  create(data: ClassifierData, options: never): Classifier;
};

function kind<S extends z.ZodObject>(
  schema: S,
  create: (data: ClassifierData, options: z.output<S>) => Classifier,
): { schema: S; create(data: ClassifierData, options: z.output<S>): Classifier } {
  return { schema, create };
}

type FitOutput = z.output<z.ZodObject<ReturnType<typeof fitFields>>>;

const fitted = (
  network: EmbeddingNetwork,
  data: ClassifierData,
  options: FitOutput & { samples?: number },
): Classifier => gradientClassifier(network, data, { samples: 1, ...options });

const classifierNames: readonly string[] = Object.keys(kinds);

/** Members of a committee that is made because one model has no samples. */
const COMMITTEE = 5;

export const classifierSchema = z
  .custom<ClassifierOption>(
    (value) =>
      typeof value === "function" ||
      classifierNames.includes(value as string) ||
      (typeof value === "object" && value !== null && !Array.isArray(value)),
    `it must be one of ${classifierNames.join(", ")}, { name: such a name, …options }, or a function that makes a classifier`,
  )
  .meta({ tag: "name", type: "name, options or function" })
  .default("softmax-regression")
  .describe(
    `model that learns the classes: ${classifierNames.join(", ")}; its options as in --classifier.fit-steps 400`,
  );

/**
 * The option with all defaults filled in, as plain data; `{ given }` for a function.
 *
 * @throws UsageError for an unknown name, or options that the kind does not have
 */
export function resolvedClassifier(what: string, option: ClassifierOption): Record<string, unknown> {
  if (typeof option === "function") return { given: option.name || "a function" };
  const { name = "softmax-regression", ...options } = typeof option === "string" ? { name: option } : option;
  if (!Object.hasOwn(kinds, name)) {
    throw new UsageError(`${what}: unknown classifier "${name}"${didYouMean(name, classifierNames)}`);
  }
  const { schema } = (kinds as Record<string, Kind>)[name];
  return { name, ...resolveOptions(`${what}, classifier ${name}`, schema, options) };
}

/**
 * The classifier of an option, for these data.
 *
 * @param needsSamples whether to make a committee where one model has no samples
 */
export function classifierOf(
  what: string,
  option: ClassifierOption,
  data: ClassifierData,
  needsSamples: boolean,
): Classifier {
  if (typeof option === "function") return option(data);
  const { name, members: given, bootstrap, ...options } = resolvedClassifier(what, option);
  const one = (kinds as Record<string, Kind>)[name as string].create(data, options as never);
  const members = (given as number | undefined) ?? (needsSamples && !one.samples ? COMMITTEE : 1);
  return members > 1 ? committee(one, { members, bootstrap: bootstrap as boolean }) : one;
}
