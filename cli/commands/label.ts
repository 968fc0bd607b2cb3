/** @file `understudy-rl label --data D`: people label the items that active learning asks about. */

import { existsSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { activeLearning } from "../../algorithms/active/active-learning.js";
import { readLabelled } from "../../src/datasets/labelled/read.js";
import type { AlgorithmDefinition } from "../../src/learning/define.js";
import { loadArtefact } from "../../src/runs/artefact-files.js";
import { ARTEFACT_FILE } from "../../src/runs/run-folder.js";
import { readRunConfig } from "../../src/runs/run-records.js";
import { csvLine } from "../../src/state/csv.js";
import { writeFileAt } from "../../src/state/files.js";
import { type Command, print } from "../command.js";
import { folderOf, givenValues } from "../train-options.js";
import { trainWith } from "../train-run.js";
import { trainSchema } from "../train-schema.js";

const { definition } = activeLearning;
const found = { definition: definition as unknown as AlgorithmDefinition, reference: definition.name };

/** The options of `train active-learning`, without several seeds. */
const {
  seeds: _,
  jobs: __,
  ...fields
} = trainSchema(found.definition).schema.shape as Record<string, z.ZodType>;

const schema = z.strictObject(fields);

export const labelCommand: Command<typeof schema> = {
  name: "label",
  schema,
  examples: [
    "label --data items.csv --classes cat,dog --batch 5",
    "label --data mnist --acquisition margin --labeller-annotators ann,ben --out runs/digits",
    "label --out runs/items --resume",
  ],

  defaults: (file, typed, trust) => givenValues(found, schema, file, { typed, trust }),

  async run(_options, given, trust) {
    const asked = { labeller: "web", ...given };
    const out = await folderOf(found, asked);
    await trainWith(found, { given: asked, trust, command: "label" }, false);
    const path = join(out, ARTEFACT_FILE);
    if (!existsSync(path)) return;
    const { arrays, settings } = await loadArtefact(path);
    const { names } = await readLabelled(dataPath(given.data ?? readRunConfig(out)?.data));
    const { classes } = settings as { classes: string[] };
    const labels = arrays.labels.data;
    const rows = Array.from(arrays.items.data, (item, i) => [names?.[item] ?? item, classes[labels[i]]]);
    const text = [["item", "label"], ...rows].map((row) => `${csvLine(row)}\n`).join("");
    await writeFileAt(join(out, "labels.csv"), new TextEncoder().encode(text));
    print(`labels      ${join(out, "labels.csv")}  (${rows.length} items)`);
  },
};

const dataPath = (data: unknown): string =>
  typeof data === "string" ? data : String((data as { from?: string }).from);
