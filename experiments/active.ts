/**
 * @file Active learning: acquisitions over seeds, and acquisitions that were learnt. `node dist/experiments/active.js
 * --data FILE` saves every run in experiments/results/active.json or, of learnt ones, active-imitation.json as soon as it
 * is finished, skips runs that are there, and writes the tables and pictures of docs/evidence/active-learning.md.
 *
 *     --data FILE   the test part of the UCI set "Optical Recognition of Handwritten Digits": 1797 lines of 64 pixels and
 *                   the class; scikit-learn has the same digits
 *     --parts linear,learnt,mnist-to-fashion  parts; by default all
 *     --fashion DIR folder of Fashion-MNIST; by default where Debian's dataset-fashion-mnist has it
 *     --mnist DIR   folder of MNIST, of which the test part is enough
 *     --policies DIR folder of the runs that learn acquisitions; by default runs/active
 *     --seeds 0,1   seeds; by default 0 to 9
 *     --pages       train nothing, write the tables of the saved results
 */

import { mkdir } from "node:fs/promises";
import { parseArgs } from "node:util";
import { acquisitionRun } from "../src/runs/acquisition-comparison.js";
import { writeFileAtomic } from "../src/state/files.js";
import { digitsFrom } from "./active/digits.js";
import { imitationParts } from "./active/imitation-parts.js";
import { imitationPictures, pictured } from "./active/imitation-pictures.js";
import { ruleOf } from "./active/imitation-rules.js";
import { imitationTable } from "./active/imitation-show.js";
import { type ActiveRun, partNames, parts } from "./active/parts.js";
import { publishedTable } from "./active/published.js";
import { tableOf } from "./active/show.js";
import { writeBetween } from "./lib/marks.js";
import { Results } from "./lib/results.js";
import { selection } from "./lib/selection.js";

const { values } = parseArgs({
  options: {
    data: { type: "string" },
    parts: { type: "string" },
    fashion: { type: "string", default: "/usr/share/datasets/fashion-mnist" },
    mnist: { type: "string" },
    policies: { type: "string", default: "runs/active" },
    seeds: { type: "string", default: "0,1,2,3,4,5,6,7,8,9" },
    pages: { type: "boolean", default: false },
  },
});
const allNames = [...partNames, ...Object.keys(imitationParts)];
const chosen = selection(values.parts?.split(",") ?? [], allNames)(allNames);
const seeds = values.seeds.split(",").map(Number);

const results = await Results.open<ActiveRun>("experiments/results/active.json");
const learnt = await Results.open<ActiveRun>("experiments/results/active-imitation.json");
if (!values.pages) {
  if (values.data === undefined) throw new Error("give the file of the digits: --data FILE");
  const digits = await digitsFrom(values.data);
  for (const part of partNames.filter((name) => chosen.includes(name))) {
    const { acquisitions, options, classifiers = {}, set = (whole) => whole } = parts[part];
    for (const seed of seeds) {
      for (const [name, acquisition] of Object.entries(acquisitions)) {
        const own = { ...options, classifier: classifiers[name] ?? options.classifier };
        await results.keep(`${part}, ${name}, seed ${seed}`, async () => ({
          part,
          ...(await acquisitionRun(set(digits), acquisition, { name, seed, options: own })),
        }));
      }
    }
  }
  for (const [part, { sizes, names, data, policies = part }] of Object.entries(imitationParts)) {
    const sets = chosen.includes(part)
      ? await data({ digits: values.data, fashion: values.fashion, mnist: values.mnist })
      : undefined;
    if (!sets) continue;
    const folder = `${values.policies}/${policies}`;
    for (const seed of seeds) {
      for (const name of names) {
        await learnt.keep(`${part}, ${name}, seed ${seed}`, async () => {
          const { acquisition, options } = await ruleOf(name, { sizes, source: sets.source, folder });
          return { part, ...(await acquisitionRun(sets.target, acquisition, { name, seed, options })) };
        });
      }
    }
  }
}
const page = "docs/evidence/active-learning.md";
for (const part of partNames) await writeBetween(page, part, tableOf(results.runs, part));
await mkdir("docs/evidence/active-learning", { recursive: true });
for (const part of Object.keys(imitationParts))
  await writeBetween(page, part, imitationTable(learnt.runs, part));
await writeBetween(page, "published", publishedTable(learnt.runs));
for (const part of pictured) {
  for (const [name, svg] of Object.entries(imitationPictures(learnt.runs, part)))
    await writeFileAtomic(`docs/evidence/active-learning/${name}.svg`, svg);
}
