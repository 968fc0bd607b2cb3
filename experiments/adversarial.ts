/**
 * @file Adversarial imitation on CartPole from every 20th pair of one episode: the score of each method, and failure
 * cases: GAIL and SQIL with terminal value 0, density rewards with other bandwidths, and reward transfer to an
 * environment with other dynamics. `node dist/experiments/adversarial.js` writes the numbers to
 * experiments/results/adversarial.json and the pictures to docs/evidence/adversarial. It takes half an hour.
 */

import { mkdir } from "node:fs/promises";
import { mean } from "../index.js";
import { provenance } from "../src/runs/provenance.js";
import { writeFileAtomic } from "../src/state/files.js";
import { bandwidths, demonstrations, returns, scores } from "./adversarial/cartpole.js";
import { endsOfGail, endsOfSqil } from "./adversarial/ends.js";
import { ENV, methods, recordedRows } from "./adversarial/methods.js";
import { carriedRewards, carriedTable } from "./adversarial/turned-around.js";
import { writeBetween } from "./lib/marks.js";

const SEEDS = 10;

const from = await provenance("0, 1, …");
const results = [];
for (const [method, row] of Object.entries(methods)) {
  const found = await scores(row, SEEDS);
  results.push({ method, mean: mean(found), scores: found });
  console.log(`${method}: ${mean(found).toFixed(2)} (${found.map((x) => x.toFixed(2)).join(", ")})`);
}
const horizons = await endsOfGail(SEEDS);
const goal = await endsOfSqil(SEEDS);
const kernels = await bandwidths(SEEDS);
const carried = await carriedRewards(SEEDS);

const pictures = {
  horizon: horizons.picture,
  goal: goal.picture,
  bandwidth: kernels.picture,
  "turned-around": carried.maps,
  "carried-over": carried.picture,
};
await mkdir("docs/evidence/adversarial", { recursive: true });
for (const [name, svg] of Object.entries(pictures)) {
  await writeFileAtomic(`docs/evidence/adversarial/${name}.svg`, new TextEncoder().encode(svg));
}
const report = {
  provenance: from,
  rows: recordedRows(),
  env: ENV,
  pairs: demonstrations.trajectories[0].steps!.length,
  expertReturn: returns.expert,
  randomReturn: returns.random,
  results,
  horizons: horizons.rows,
  goal: goal.rows,
  bandwidths: kernels.rows,
  carried: carried.rows,
};
await mkdir("experiments/results", { recursive: true });
await writeFileAtomic(
  "experiments/results/adversarial.json",
  new TextEncoder().encode(`${JSON.stringify(report, undefined, 1)}\n`),
);
await writeBetween("docs/evidence/adversarial.md", "carried", carriedTable(carried.rows));
