/** @file What commands about answers of annotators share: reading them, and the model that is fitted to them. */

import * as z from "zod";
import {
  type Annotations,
  agreement,
  communities,
  dawidSkene,
  glad,
  type Judgement,
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
import { formatNumber } from "../src/report/format.js";
import { print, warn } from "./command.js";
import { table } from "./table.js";

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
  classes: z
    .string()
    .optional()
    .describe("the classes in their order, with commas between them; unset: those of the labels"),
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
async function readAnswers({
  answers,
  item,
  annotator,
  label,
  classes,
  pseudonyms,
}: Asked): Promise<Annotations> {
  const annotations = await readAnnotations(answers, {
    classes: classes?.split(",").map((name) => name.trim()),
    columns: { item, annotator, label },
  });
  if (annotations.classes < 2) {
    throw new UsageError(`${answers}: all labels are "${annotations.names.classes[0]}": nothing to infer`);
  }
  if (annotations.duplicates !== undefined) {
    const rows = annotations.duplicates === 1 ? "1 row repeats" : `${annotations.duplicates} rows repeat`;
    warn(`${answers}: ${rows} another one, with the same item, annotator and label; all of them count`);
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

/** What is shown of each annotator. */
export interface AnnotatorColumn {
  label: string;
  align?: "left";
  cell(person: Judgement): string | number;
}

/** The columns of a table of annotators: times only where they are known. */
export const annotatorColumns = (people: readonly Judgement[]): AnnotatorColumn[] => [
  { label: "annotator", align: "left", cell: ({ annotator }) => annotator },
  { label: "labels", cell: ({ labels }) => labels },
  { label: "right", cell: ({ right }) => formatNumber(right, 2) },
  { label: "95 %", cell: ({ low, high }) => `${formatNumber(low, 2)} to ${formatNumber(high, 2)}` },
  { label: "ability", cell: ({ ability }) => formatNumber(ability, 2) },
  ...(people.some(({ seconds }) => seconds !== undefined)
    ? [
        {
          label: "seconds",
          cell: ({ seconds, hurries }: Judgement) =>
            `${formatNumber(seconds, 2)}${hurries ? ", hurries" : ""}`,
        },
      ]
    : []),
  {
    label: "most often takes",
    align: "left",
    cell: ({ takes }) =>
      takes ? `${takes.class} for ${takes.for} (${Math.round(100 * takes.probability)} %)` : "",
  },
  { label: "same answers as", align: "left", cell: ({ copies }) => copies.join(", ") },
];

/** Prints the first annotators, and how many there are more. */
export function printAnnotators(people: readonly Judgement[], show: number): void {
  const shown = people.slice(0, show);
  if (shown.length === 0) return;
  const columns = annotatorColumns(people);
  const rows = shown.map((person) => columns.map(({ cell }) => cell(person)));
  print("");
  print(
    table(
      columns.map(({ label }) => label),
      rows,
    ),
  );
  if (people.length > shown.length) print(`and ${people.length - shown.length} more; --show lists them`);
}
