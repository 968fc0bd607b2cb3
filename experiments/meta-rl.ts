/**
 * @file Learners of task families compared: RL², VariBAD, MILET and its ablations. `node dist/experiments/meta-rl.js` saves
 * every run in experiments/results/meta-rl.json as soon as it is finished, skips runs that are there, goes on with a run
 * that was stopped, from its folder under runs/meta-rl, and writes the tables and pictures of docs/evidence/meta-rl.md.
 *
 *     --only point-clusters,rl2   only these worlds and methods
 *     --seeds 0,1,2               seeds; unset: 0 to 9
 *     --frames 300000             other frames than those of the worlds
 *     --quick                     one seed and few frames in two worlds, printed and not saved
 *     --pictures                  train nothing, show the saved results
 */

import { mkdir, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { writeFileAtomic } from "../src/state/files.js";
import { writeBetween } from "./lib/marks.js";
import { Results } from "./lib/results.js";
import { selection } from "./lib/selection.js";
import { type MetaRun, metaRuns, methods, recordedRows } from "./meta-rl/runs.js";
import { clusterPictures, learningPictures, tables, tracePictures } from "./meta-rl/show.js";
import { worlds } from "./meta-rl/worlds.js";

const { values } = parseArgs({
  options: {
    only: { type: "string" },
    seeds: { type: "string", default: "0,1,2,3,4,5,6,7,8,9" },
    frames: { type: "string" },
    quick: { type: "boolean", default: false },
    pictures: { type: "boolean", default: false },
  },
});
const chosen = selection(values.only?.split(",") ?? [], [...Object.keys(worlds), ...Object.keys(methods)]);
const asked = {
  worlds: chosen(Object.keys(worlds)),
  methods: chosen(Object.keys(methods)),
  seeds: values.seeds.split(",").map(Number),
  ...(values.frames !== undefined && { frames: Number(values.frames) }),
};

if (values.quick) {
  const folder = await mkdtemp(join(tmpdir(), "meta-rl-"));
  const results = await Results.open<MetaRun>(join(folder, "results.json"));
  const few = values.only === undefined ? ["point-clusters", "bandit-2"] : asked.worlds;
  await metaRuns(results, { frames: 10_000, ...asked, worlds: few, seeds: [0], folder });
  console.log(await tables(results.runs));
} else {
  const results = await Results.open<MetaRun>("experiments/results/meta-rl.json");
  if (!values.pictures) await metaRuns(results, { ...asked, folder: "runs/meta-rl" });
  await results.record(recordedRows(results.runs));
  await mkdir("docs/evidence/meta-rl", { recursive: true });
  const pictures = {
    ...(await learningPictures(results.runs)),
    ...(await clusterPictures(results.runs)),
    ...tracePictures(results.runs),
  };
  for (const [name, svg] of Object.entries(pictures)) {
    await writeFileAtomic(`docs/evidence/meta-rl/${name}.svg`, svg);
  }
  await writeBetween("docs/evidence/meta-rl.md", "results", await tables(results.runs));
}
