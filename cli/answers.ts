/** @file What commands about answers of annotators share: reading them, and the model that is fitted to them. */

import * as z from "zod";
import {
  type Annotations,
  agreement,
  communities,
  dawidSkene,
  glad,
  judgeAnnotators,
  type LabelFit,
  mace,
  majorityVote,
  oneCoin,
  pooledMultinomial,
  raykar,
  readAnnotations,
  readItems,
  withPseudonyms,
  yan,
} from "../src/crowds/index.js";
import { UsageError } from "../src/errors.js";
import { warn } from "./command.js";

type Starts = { starts: number; workers: number };

const methods = {
  "dawid-skene": (annotations: Annotations, some: Starts) => dawidSkene(annotations, some),
  "majority-vote": (annotations: Annotations) => majorityVote(annotations),
  pooled: (annotations: Annotations, some: Starts) => pooledMultinomial(annotations, some),
  "one-coin": (annotations: Annotations) => oneCoin(annotations),
  glad: (annotations: Annotations) => glad(annotations),
  mace: (annotations: Annotations) => mace(annotations),
  communities: (annotations: Annotations) => communities(annotations),
} satisfies Record<string, (annotations: Annotations, some: Starts) => LabelFit>;

/** Those that also learn a classifier of features. */
const withFeatures = { raykar, yan };

const names = [...Object.keys(methods), ...Object.keys(withFeatures)] as [
  keyof typeof methods | keyof typeof withFeatures,
];

const column = (what: string) => z.string().optional().describe(`name of the column with ${what}`);

export const answersFields = {
  answers: z
    .string()
    .describe("answers: a CSV file with the columns item, annotator and label, JSON lines, or a dense table"),
  item: column("items"),
  annotator: column("annotators"),
  label: column("labels"),
  pseudonyms: z
    .string()
    .optional()
    .describe("a secret text: annotators are named by pseudonyms that follow from it and from their names"),
  method: z.enum(names).default("dawid-skene").describe("model of the annotators"),
  features: z
    .string()
    .optional()
    .describe("for raykar and yan: a CSV file with a column item and a number in each other column"),
  starts: z
    .int()
    .min(1)
    .default(2)
    .describe("for dawid-skene and pooled: number of fits from different starts, which are compared"),
  workers: z
    .int()
    .min(1)
    .default(1)
    .describe("for dawid-skene and pooled: number of threads, with the same result; small sets use fewer"),
};

type Asked = z.output<z.ZodObject<typeof answersFields>>;

/** The answers, the fit of the model to them, the objectives of its starts, and what they say of each annotator. */
export async function judgedAnswers(asked: Asked) {
  const annotations = await readAnswers(asked);
  const { fit, optima } = await fitOf(annotations, asked);
  const agreed = agreement(annotations);
  return { annotations, fit, optima, agreed, people: judgeAnnotators(annotations, fit, agreed) };
}

/** @throws UsageError where all labels are the same */
async function readAnswers({ answers, item, annotator, label, pseudonyms }: Asked): Promise<Annotations> {
  const annotations = await readAnnotations(answers, { columns: { item, annotator, label } });
  if (annotations.classes < 2) {
    throw new UsageError(`${answers}: all labels are "${annotations.names.classes[0]}": nothing to infer`);
  }
  return pseudonyms === undefined ? annotations : withPseudonyms(annotations, pseudonyms);
}

/** The fit of a model, and the objectives of its starts. @throws UsageError where features are missing or not used */
async function fitOf(
  annotations: Annotations,
  { method, features, starts, workers }: Asked,
): Promise<{ fit: LabelFit; optima?: readonly number[] }> {
  if (method === "raykar" || method === "yan") {
    if (features === undefined) {
      throw new UsageError(`--method ${method} learns a classifier of features: give --features`);
    }
    const items = await readItems(features);
    return { fit: withFeatures[method](annotations, items) };
  }
  if (features !== undefined) {
    throw new UsageError(`--features has no use with --method ${method}: raykar and yan learn from features`);
  }
  const fit = methods[method](annotations, { starts, workers });
  return { fit, optima: (fit as { optima?: readonly number[] }).optima };
}

/** Warns where a fit has not converged, or where its starts end in different optima. */
export function warnOf(annotations: Annotations, fit: LabelFit, optima: readonly number[] = []): void {
  if (!fit.converged) warn(`the fit has not converged after ${fit.iterations} iterations`);
  const worst = Math.min(...optima);
  // MACE and communities start at random and often end elsewhere; the best of them is meant.
  if (optima.length > 3 || !(fit.objective - worst > 1e-3 * annotations.label.length ** 0.5)) return;
  warn(
    `the answer depends on the start: ${optima.length} fits end at ${optima.map((x) => x.toFixed(2)).join(", ")}; ` +
      "the best is shown. Known truths of some items, or more labels, would decide",
  );
}
