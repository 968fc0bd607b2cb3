/**
 * @file Kills the run, the server and the browser while somebody teaches: `node dist/experiments/teaching-kills.js [--kills
 * 200] [--seed 0]` saves what was lost and what was counted twice in experiments/results/teaching.json.
 */

import { parseArgs } from "node:util";
import { Results } from "./lib/results.js";
import { killed } from "./teaching/kills.js";

const { values } = parseArgs({
  options: { kills: { type: "string", default: "200" }, seed: { type: "string", default: "0" } },
});
const [kills, seed] = [Number(values.kills), Number(values.seed)];
const results = await Results.open<object>("experiments/results/teaching.json");
await results.keep(`kills/${kills}/${seed}`, () => killed({ kills, seed, comparisons: 2 * kills }));
