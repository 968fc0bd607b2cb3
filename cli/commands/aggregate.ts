/** @file `understudy-rl aggregate <answers>`: infers the labels of items and the reliability of annotators. */

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import {
  type Agreement,
  type Annotations,
  type Judgement,
  type LabelFit,
  readAnnotations,
} from "../../src/crowds/index.js";
import { didYouMean, UsageError } from "../../src/errors.js";
import { argmaxRow } from "../../src/mdp/tables.js";
import { formatNumber } from "../../src/report/format.js";
import { csvLine } from "../../src/state/csv.js";
import { writeFileAtomic } from "../../src/state/files.js";
import { answersFields, judgedAnswers, printAnnotators, warnOf } from "../answers.js";
import { type Command, print, printJson } from "../command.js";
import { json } from "../fields.js";
import { table } from "../table.js";

const schema = z.strictObject({
  ...answersFields,
  gold: z
    .string()
    .optional()
    .describe("CSV file with the columns item and label: known truths, to say how many labels are right"),
  show: z.int().min(0).default(20).describe("number of annotators to list, the least able first"),
  unsure: z
    .int()
    .min(0)
    .default(10)
    .describe("number of the least sure items to list, which want another answer"),
  out: z.string().optional().describe("folder to write labels.csv and annotators.csv to; unset: none"),
  json,
});

export const aggregateCommand: Command<typeof schema> = {
  name: "aggregate",
  schema,
  positionals: ["answers"],
  examples: ["aggregate answers.csv --out labels", "aggregate answers.csv --method mace --gold truth.csv"],

  async run({ method, gold, show, unsure, out, json, ...asked }) {
    const { annotations, fit, optima, agreed, people } = await judgedAnswers({ method, ...asked });
    const accuracy = gold === undefined ? undefined : await accuracyOf(annotations, fit, gold);
    if (out !== undefined) await write(out, annotations, fit, people);
    const facts = factsOf(annotations, fit, agreed, accuracy);
    const leastSure = leastSureItems(annotations, fit, unsure);
    if (json)
      return printJson({ method, ...facts, ...(optima && { optima }), leastSure, annotators: people });
    for (const [name, value] of Object.entries(facts)) print(`${words(name).padEnd(18)}${shown(value)}`);
    printAnnotators(people, show);
    printUnsure(leastSure);
    warnOf(annotations, fit, optima);
    if (out !== undefined) {
      print("");
      print(`labels       ${join(out, "labels.csv")}`);
      print(`annotators   ${join(out, "annotators.csv")}`);
    }
  },
};

/** Prints the items of which the answers say least. */
function printUnsure(items: readonly UnsureItem[]): void {
  if (items.length === 0) return;
  print("\nthe least sure items, which want another answer");
  const rows = items.map(({ item, label, confidence, or, labels }) => {
    return [item, label, formatNumber(confidence, 2), or.label, formatNumber(or.confidence, 2), labels];
  });
  print(table(["item", "label", "confidence", "or", "confidence", "labels"], rows));
}

const words = (name: string) => name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
const shown = (value: unknown) => (typeof value === "number" ? formatNumber(value, 4) : String(value));

/** Items whose label is less probable than this are unsure: candidates for another answer. */
const SURE = 0.8;

function factsOf(
  annotations: Annotations,
  fit: LabelFit,
  { krippendorffAlpha }: Agreement,
  accuracy?: number,
) {
  const { items, annotators, classes, label } = annotations;
  const unsure = fit.labels.reduce((sum, k, i) => sum + Number(fit.posterior[i * classes + k] < SURE), 0);
  return {
    ...{ items, annotators, labels: label.length, classes },
    agreementAlpha: krippendorffAlpha,
    unsureItems: unsure,
    ...(Number.isFinite(fit.logLikelihood) && { logLikelihood: fit.logLikelihood }),
    ...(accuracy !== undefined && { rightLabels: accuracy }),
  };
}

interface UnsureItem {
  item: string;
  label: string;
  confidence: number;
  /** The next probable class. */
  or: { label: string; confidence: number };
  /** Number of labels. */
  labels: number;
}

/** The items whose label is least probable, of those that are not sure; the first of equal ones. */
function leastSureItems(
  { items, classes: K, itemStart, names }: Annotations,
  { labels, posterior }: LabelFit,
  count: number,
): UnsureItem[] {
  const confidence = (i: number) => posterior[i * K + labels[i]];
  let found: number[] = [];
  const sort = () => {
    found = found.sort((a, b) => confidence(a) - confidence(b) || a - b).slice(0, count);
  };
  for (let i = 0; i < items; i++) {
    if (confidence(i) >= SURE) continue;
    found.push(i);
    // So that few are kept of millions.
    if (found.length > 2 * count + 100) sort();
  }
  sort();
  return found.map((i) => {
    const row = posterior.slice(i * K, (i + 1) * K);
    row[labels[i]] = -1;
    const next = argmaxRow(row, 0, K);
    return {
      item: names.items[i],
      label: names.classes[labels[i]],
      confidence: confidence(i),
      or: { label: names.classes[next], confidence: row[next] },
      labels: itemStart[i + 1] - itemStart[i],
    };
  });
}

/** The share of the known items whose inferred label is right. @throws UsageError for a class that is unknown */
async function accuracyOf({ names }: Annotations, { labels }: LabelFit, path: string): Promise<number> {
  const gold = await readAnnotations(path, { columns: { annotator: "item" } });
  const numbers = new Map(names.items.map((name, i) => [name, i]));
  let [known, right] = [0, 0];
  gold.names.items.forEach((name, i) => {
    const own = numbers.get(name);
    if (own === undefined) return;
    const truth = gold.names.classes[gold.label[gold.itemStart[i]]];
    if (!names.classes.includes(truth)) {
      throw new UsageError(
        `${path}: the label of item "${name}" is "${truth}", which is not one of the classes ` +
          `${names.classes.join(", ")}${didYouMean(truth, names.classes)}; --classes names those that no answer has`,
      );
    }
    known++;
    if (truth === names.classes[labels[own]]) right++;
  });
  if (known === 0) throw new UsageError(`${path}: none of its items has answers`);
  return right / known;
}

async function write(folder: string, annotations: Annotations, fit: LabelFit, people: readonly Judgement[]) {
  const { names, classes, itemStart } = annotations;
  await mkdir(folder, { recursive: true });
  await save(
    join(folder, "labels.csv"),
    ["item", "label", "confidence", "labels"],
    names.items.length,
    (i) => {
      const k = fit.labels[i];
      const confidence = fit.posterior[i * classes + k].toFixed(4);
      return [names.items[i], names.classes[k], confidence, itemStart[i + 1] - itemStart[i]];
    },
  );
  const head = [
    "annotator",
    "labels",
    "agrees",
    "ability",
    "right",
    "low",
    "high",
    "takes",
    "for",
    "probability",
  ];
  const hasTimes = people.some(({ seconds }) => seconds !== undefined);
  await save(join(folder, "annotators.csv"), hasTimes ? [...head, "seconds"] : head, people.length, (l) => {
    const { annotator, labels, takes, seconds, ...person } = people[l];
    const shares = [person.agrees, person.ability, person.right, person.low, person.high];
    return [
      ...[annotator, labels, ...shares.map((share) => share?.toFixed(4))],
      ...[takes?.class, takes?.for, takes?.probability.toFixed(4)],
      ...(hasTimes ? [seconds] : []),
    ];
  });
}

type Cells = Parameters<typeof csvLine>[0];

/** Writes a table, whose lines are made one by one: there may be millions. */
async function save(path: string, head: Cells, rows: number, row: (at: number) => Cells): Promise<void> {
  let text = `${csvLine(head)}\n`;
  for (let at = 0; at < rows; at++) text += `${csvLine(row(at))}\n`;
  await writeFileAtomic(path, new TextEncoder().encode(text));
}
