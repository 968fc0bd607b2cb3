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
import { UsageError } from "../../src/errors.js";
import { formatNumber } from "../../src/report/format.js";
import { csvLine } from "../../src/state/csv.js";
import { writeFileAtomic } from "../../src/state/files.js";
import { answersFields, judgedAnswers, warnOf } from "../answers.js";
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
  out: z.string().optional().describe("folder to write labels.csv and annotators.csv to; unset: none"),
  json,
});

export const aggregateCommand: Command<typeof schema> = {
  name: "aggregate",
  schema,
  positionals: ["answers"],
  examples: ["aggregate answers.csv --out labels", "aggregate answers.csv --method mace --gold truth.csv"],

  async run({ method, gold, show, out, json, ...asked }) {
    const { annotations, fit, optima, agreed, people } = await judgedAnswers({ method, ...asked });
    const accuracy = gold === undefined ? undefined : await accuracyOf(annotations, fit, gold);
    if (out !== undefined) await write(out, annotations, fit, people);
    const facts = factsOf(annotations, fit, agreed, accuracy);
    if (json) return printJson({ method, ...facts, ...(optima && { optima }), annotators: people });
    for (const [name, value] of Object.entries(facts)) print(`${words(name).padEnd(18)}${shown(value)}`);
    const rows = people.slice(0, show).map(({ annotator: name, labels, agrees, ability, copies }) => {
      return [name, labels, formatNumber(agrees, 2), formatNumber(ability, 2), copies.join(", ")];
    });
    if (rows.length > 0) {
      print("");
      print(table(["annotator", "labels", "agrees", "ability", "same answers as"], rows));
      if (people.length > rows.length) print(`and ${people.length - rows.length} more; --show lists them`);
    }
    warnOf(annotations, fit, optima);
    if (out !== undefined) {
      print("");
      print(`labels       ${join(out, "labels.csv")}`);
      print(`annotators   ${join(out, "annotators.csv")}`);
    }
  },
};

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

/** The share of the known items whose inferred label is right. */
async function accuracyOf({ names }: Annotations, { labels }: LabelFit, path: string): Promise<number> {
  const gold = await readAnnotations(path, { columns: { annotator: "item" } });
  const numbers = new Map(names.items.map((name, i) => [name, i]));
  let [known, right] = [0, 0];
  gold.names.items.forEach((name, i) => {
    const own = numbers.get(name);
    if (own === undefined) return;
    known++;
    if (gold.names.classes[gold.label[gold.itemStart[i]]] === names.classes[labels[own]]) right++;
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
  const head = ["annotator", "labels", "agrees", "ability"];
  await save(join(folder, "annotators.csv"), head, people.length, (l) => {
    const { annotator, labels, agrees, ability } = people[l];
    return [annotator, labels, agrees.toFixed(4), ability?.toFixed(4)];
  });
}

type Cells = Parameters<typeof csvLine>[0];

/** Writes a table, whose lines are made one by one: there may be millions. */
async function save(path: string, head: Cells, rows: number, row: (at: number) => Cells): Promise<void> {
  let text = `${csvLine(head)}\n`;
  for (let at = 0; at < rows; at++) text += `${csvLine(row(at))}\n`;
  await writeFileAtomic(path, new TextEncoder().encode(text));
}
