/**
 * @file Rewards recovered by inverse reinforcement learning: every method on macro-cells, objectworlds and slippery
 * grids, by seed; the bias of models of whole trajectories; and learning from a poor expert. `node
 * dist/experiments/irl.js` writes experiments/results/irl.json, the pictures of docs/evidence/inverse-rl and the table
 * of docs/evidence/inverse-rl.md in a few minutes.
 */

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { gridSvg } from "../envs/gridworld/picture.js";
import { iqm, mean } from "../index.js";
import { provenance } from "../src/runs/provenance.js";
import { writeFileAtomic } from "../src/state/files.js";
import { compareMethods, type MethodResult, recordedRows } from "./irl/compare-methods.js";
import { poorExpert, poorExpertChart } from "./irl/poor-expert.js";
import { fewChart, lucky, luckyChart, marginChart, momentsChart } from "./irl/shown.js";
import { methodTable } from "./irl/table.js";
import { worlds } from "./irl/worlds.js";
import { writeBetween } from "./lib/marks.js";
import { sideBySide } from "./lib/side-by-side.js";

const SEEDS = 10;
const RESULTS = "experiments/results";
const PICTURES = "docs/evidence/inverse-rl";

const write = (folder: string, name: string, text: string) =>
  writeFileAtomic(join(folder, name), new TextEncoder().encode(text));

const started = await provenance(0);
await mkdir(RESULTS, { recursive: true });
await mkdir(PICTURES, { recursive: true });

await write(PICTURES, "margin.svg", await marginChart());
await write(PICTURES, "few-demonstrations.svg", await fewChart());
await write(PICTURES, "poor-expert.svg", await poorExpertChart());
await write(PICTURES, "moments.svg", await momentsChart());
const gambles = lucky();
await write(PICTURES, "luck.svg", luckyChart(gambles));
const shown = { luck: gambles, poorExpert: await poorExpert(SEEDS) };

const rows: (Omit<MethodResult, "reward"> & { world: string })[] = [];
for (const world of Object.keys(worlds)) {
  for (let seed = 0; seed < SEEDS; seed++) {
    const { results, environment } = await compareMethods(
      world,
      seed,
      ({ method, score, featureGap, epic, seconds }) =>
        console.log(
          `${world}, seed ${seed}, ${method}: score ${score.toFixed(3)}, feature gap ${featureGap.toPrecision(3)}, ` +
            `EPIC ${epic.toFixed(3)}, ${seconds.toFixed(1)} s`,
        ),
    );
    for (const { reward: _, ...row } of results) rows.push({ world, ...row });
    if (seed === 0) {
      const picture = environment.model!().grid!;
      const cell = { cell: 14 };
      const maps = [
        { title: "true reward", svg: gridSvg(picture, { heat: environment.grid.reward, ...cell }) },
        ...results.map(({ method, reward }) => ({
          title: method.replace("apprenticeship, ", ""),
          svg: gridSvg(picture, { heat: reward, ...cell }),
        })),
      ];
      await write(PICTURES, `${world.replace(" ", "-")}.svg`, sideBySide(maps, 4));
    }
  }
}

const summary = Object.keys(worlds).flatMap((world) =>
  [...new Set(rows.map(({ method }) => method))].map((method) => {
    const own = rows.filter((row) => row.world === world && row.method === method);
    const of = (field: "score" | "featureGap" | "epic") => own.map((row) => row[field]);
    return {
      world,
      method,
      seeds: own.length,
      score: { mean: mean(of("score")), iqm: iqm(of("score")), least: Math.min(...of("score")) },
      featureGap: mean(of("featureGap")),
      epic: mean(of("epic")),
    };
  }),
);
const result = { provenance: started, seeds: SEEDS, rows: recordedRows(), summary, ...shown, runs: rows };
await write(RESULTS, "irl.json", `${JSON.stringify(result, undefined, 1)}\n`);
await writeBetween("docs/evidence/inverse-rl.md", "results", methodTable(summary));
