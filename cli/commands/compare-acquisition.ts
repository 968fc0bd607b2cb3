/** @file `understudy-rl compare-acquisition --data D`: compares acquisitions of active learning over seeds. */

import * as z from "zod";
import type { ActiveLearningOptions } from "../../algorithms/active/active-learning.js";
import { activeLearning } from "../../algorithms/active/active-learning.js";
import { acquisitionOf } from "../../algorithms/active/shared/acquisition-option.js";
import type { Acquisition } from "../../src/active/index.js";
import { count, fraction } from "../../src/config/options.js";
import { readLabelled } from "../../src/datasets/labelled/read.js";
import { formatNumber } from "../../src/report/format.js";
import {
  type AcquisitionRun,
  acquisitionRun,
  compareAcquisitions,
} from "../../src/runs/acquisition-comparison.js";
import { acquisitionIn, isAcquisitionPath } from "../../src/runs/acquisition-file.js";
import { provenance } from "../../src/runs/provenance.js";
import { writeFileAt } from "../../src/state/files.js";
import { type Command, print, printJson, warn } from "../command.js";
import { json } from "../fields.js";
import { table } from "../table.js";

const { classifier, initial, initialBalanced, batch, budget, test, classes, standardise } =
  activeLearning.definition.schema.shape;

const schema = z.strictObject({
  data: z.string().describe(activeLearning.definition.source!.summary),
  acquisitions: z
    .array(z.string().regex(/^[^,\s]+$/))
    .min(1)
    .default(["margin", "entropy"])
    .describe(
      "names, or folders of runs that learnt an acquisition, with commas between them; margin@100 chooses among 100 drawn " +
        "at random; random always runs too",
    ),
  seeds: count().default(5).describe("number of seeds, from 0; each has a split and first items of its own"),
  reach: fraction()
    .optional()
    .describe("accuracy whose labels are counted; unset: 95 % of the best final one"),
  ...{ classifier, initial, initialBalanced, batch, budget, test, classes, standardise },
  out: z.string().optional().describe("JSON file for every curve and the items in order; unset: none"),
  json,
});

export const compareAcquisitionCommand: Command<typeof schema> = {
  name: "compare-acquisition",
  schema,
  examples: [
    "compare-acquisition --data digits.csv --acquisitions margin,margin@100,entropy --seeds 10",
    "compare-acquisition --data mnist --acquisitions bald,batch-bald@200 --classifier mlp --classifier.dropout 0.5",
  ],

  async run({ data: path, acquisitions, seeds, reach: asked, out, json, ...options }) {
    const data = await readLabelled(path);
    const names = [...new Set(["random", ...acquisitions])];
    const rules = new Map<string, Acquisition>();
    for (const name of names) {
      rules.set(
        name,
        isAcquisitionPath(name) ? await acquisitionIn(name) : acquisitionOf("compare-acquisition", name),
      );
    }
    const runs: AcquisitionRun[] = [];
    for (let seed = 0; seed < seeds; seed++) {
      for (const [name, rule] of rules) {
        const run = await acquisitionRun(data, rule, {
          name,
          seed,
          options: options as ActiveLearningOptions,
        });
        runs.push(run);
        if (!json) warn(`seed ${seed}  ${name}  accuracy ${formatNumber(run.accuracy.at(-1)!, 4)}`);
      }
    }
    const best = Math.max(...runs.map(({ accuracy }) => accuracy[accuracy.length - 1]));
    const reach = asked ?? Math.floor(95 * best) / 100;
    const summaries = compareAcquisitions(runs, { initial: options.initial, reach });
    if (out !== undefined) {
      const record = {
        data: path,
        options,
        reach,
        summaries,
        runs,
        provenance: await provenance(`0 to ${seeds - 1}`),
      };
      await writeFileAt(out, new TextEncoder().encode(`${JSON.stringify(record)}\n`));
    }
    if (json) return printJson({ reach, acquisitions: summaries });
    const rows = summaries.map(
      ({ acquisition, area, gain, gainInterval, deficiency, reached, final, overlap }) => {
        const isRandom = acquisition === "random";
        const [low, high] = gainInterval.map((x) => formatNumber(x, 3));
        return [
          acquisition,
          formatNumber(area, 3),
          isRandom ? "" : `${formatNumber(gain, 3)} [${low}, ${high}]`,
          isRandom ? "" : formatNumber(deficiency, 2),
          Number.isFinite(reached!.labels) ? formatNumber(reached!.labels, 3) : "–",
          formatNumber(final, 3),
          formatNumber(overlap.random, 2),
        ];
      },
    );
    const head = [
      "acquisition",
      "mean of curve",
      "gain over random [95 %]",
      "deficiency",
      `labels to ${reach}`,
      "end",
    ];
    print(table([...head, "shared with random"], rows));
    if (out !== undefined) print(`\nruns        ${out}`);
  },
};
