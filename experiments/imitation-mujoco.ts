/**
 * @file Imitation of the zoo's experts on MuJoCo: score against number of trajectories. `node
 * dist/experiments/imitation-mujoco.js` saves every run in experiments/results/imitation-mujoco.json as soon as it is
 * finished, skips runs that are there, and writes docs/evidence/imitation/mujoco.svg and the table of
 * docs/evidence/imitation.md.
 *
 *     --only gail,Hopper-v5     only these methods and environments
 *     --demonstrations 4,11     only these numbers of trajectories
 *     --seeds 100,101,31        other seeds than 0, 1 and 2
 *     --pictures                train nothing, draw the saved results
 *
 * Trajectories follow the mode of the expert; the mode of the learner is evaluated in 50 episodes. A score of 0 is the
 * return of a random policy, and 1 that of the demonstrating expert.
 */

import { parseArgs } from "node:util";
import { loadExpert } from "../index.js";
import { writeFileAtomic } from "../src/state/files.js";
import { COUNTS, type MujocoRun, methods, mujocoRuns, recordedRows, TASKS } from "./imitation-mujoco/runs.js";
import { picture, scoreTable } from "./imitation-mujoco/show.js";
import { writeBetween } from "./lib/marks.js";
import { Results } from "./lib/results.js";
import { selection } from "./lib/selection.js";

const { values } = parseArgs({
  options: {
    only: { type: "string" },
    demonstrations: { type: "string" },
    seeds: { type: "string", default: "0,1,2" },
    pictures: { type: "boolean", default: false },
  },
});
const only = values.only?.split(",") ?? [];
const chosen = selection(only, [...TASKS, ...Object.keys(methods)]);

const results = await Results.open<MujocoRun>("experiments/results/imitation-mujoco.json");
if (!values.pictures) {
  for (const env of chosen(TASKS)) {
    await mujocoRuns(results, {
      env,
      expert: await loadExpert(env),
      methods: chosen(Object.keys(methods)),
      demonstrations: values.demonstrations?.split(",").map(Number) ?? COUNTS,
      seeds: values.seeds.split(",").map(Number),
    });
  }
}
await results.record(recordedRows(TASKS, Object.keys(methods), COUNTS));
await writeFileAtomic("docs/evidence/imitation/mujoco.svg", await picture(results.runs));
await writeBetween("docs/evidence/imitation.md", "robots", scoreTable(results.runs));
