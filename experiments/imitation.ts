/**
 * @file Gap against number of demonstrations for every method, and error against horizon for behaviour cloning and
 * DAgger. `node dist/experiments/imitation.js` saves every run in experiments/results/imitation.json as soon as it is
 * finished, skips runs that are there, and writes the pictures to docs/evidence/imitation.
 *
 *     --only horizon,Gridworld-v0,bc    only these parts, environments and methods
 *     --demonstrations 1,10             only these numbers of demonstrations
 *     --seeds 3                         fewer seeds than 10
 *     --pictures                        train nothing, draw the saved results
 */

import { mkdir } from "node:fs/promises";
import { parseArgs } from "node:util";
import { writeFileAtomic } from "../src/state/files.js";
import { type HorizonRun, horizonRuns, logSlope, recordedHorizonRows } from "./imitation/horizon.js";
import { methods } from "./imitation/methods.js";
import { environments, gapPicture, gapTable, horizonPicture } from "./imitation/pictures.js";
import { CONTROL, type GapRun, gapRuns, recordedGapRows, TABULAR } from "./imitation/worlds.js";
import { Results } from "./lib/results.js";
import { selection } from "./lib/selection.js";

const { values } = parseArgs({
  options: {
    only: { type: "string" },
    demonstrations: { type: "string" },
    seeds: { type: "string", default: "10" },
    pictures: { type: "boolean", default: false },
  },
});
const only = values.only?.split(",") ?? [];
const chosen = selection(only, ["horizon", ...environments, ...Object.keys(methods)]);
const seeds = Number(values.seeds);

const results = await Results.open<GapRun | HorizonRun>("experiments/results/imitation.json");
if (!values.pictures) {
  if (only.length === 0 || only.includes("horizon")) await horizonRuns(results as Results<HorizonRun>, seeds);
  if (only.length === 0 || only.some((name) => name !== "horizon")) {
    await gapRuns(results as Results<GapRun>, {
      envs: chosen(environments),
      methods: chosen(Object.keys(methods)),
      demonstrations: values.demonstrations?.split(",").map(Number),
      seeds,
    });
  }
}

await results.record({ ...recordedGapRows(), ...recordedHorizonRows() });
const gaps = results.runs.filter((run) => run.kind === "gap");
const horizons = results.runs.filter((run) => run.kind === "horizon");
await mkdir("docs/evidence/imitation", { recursive: true });
const draw = async (name: string, svg: string | undefined) => {
  if (svg) await writeFileAtomic(`docs/evidence/imitation/${name}`, new TextEncoder().encode(svg));
};
const trying = Object.keys(methods).filter((method) => methods[method].tries);
const asking = Object.keys(methods).filter((method) => !trying.includes(method));
await draw("gap-tabular.svg", await gapPicture(gaps, TABULAR, asking));
await draw("gap-tabular-tried.svg", await gapPicture(gaps, TABULAR, ["bc", "dagger", ...trying]));
await draw("gap-control.svg", await gapPicture(gaps, CONTROL));
if (horizons.length > 0) await draw("horizon.svg", await horizonPicture(horizons));

for (const line of gapTable(gaps)) console.log(line);
for (const method of ["bc", "dagger"]) {
  const own = horizons.filter((run) => run.method === method);
  if (own.length === 0) continue;
  const slope = logSlope(own.map(({ horizon, gap }) => [horizon, gap]));
  const tightness = Math.max(...own.map(({ gap, bound }) => gap / bound));
  console.log(
    `${method} on the tightrope: slope ${slope.toFixed(2)}; gap / bound at most ${tightness.toPrecision(2)}`,
  );
}
