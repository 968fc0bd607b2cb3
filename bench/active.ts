/**
 * @file Benchmark of active learning on one core, in processor time: scores of a pool of 60 000 items of 10 classes, batches
 * of core-set and BatchBALD, and with `--data FILE` a whole run on handwritten digits, the CSV file of 1797 lines of 64
 * pixels and the class. Prints one JSON line per result.
 */

import { parseArgs } from "node:util";
import { activeLearning } from "../algorithms/index.js";
import {
  baldScores,
  batchBaldPlaces,
  entropyScores,
  kCentreGreedy,
  marginScores,
  topB,
} from "../src/active/index.js";
import { readLabelled } from "../src/datasets/labelled/read.js";
import { createRng } from "../src/random/rng.js";
import { train } from "../src/runs/train.js";

const { values } = parseArgs({ options: { data: { type: "string" } } });
const [ITEMS, CLASSES, BATCH] = [60_000, 10, 10];
const rng = createRng("active");

/** Rows of random probabilities `[rows, CLASSES]`. */
function probabilities(rows: number): Float32Array {
  const p = rng.fillUniform(new Float32Array(rows * CLASSES)).map((u) => -Math.log(1 - u));
  for (let at = 0; at < p.length; at += CLASSES) {
    const row = p.subarray(at, at + CLASSES);
    const sum = row.reduce((a, b) => a + b, 0);
    for (let k = 0; k < CLASSES; k++) row[k] /= sum;
  }
  return p;
}

/** The median processor time (ms) of `rounds` calls after one that compiles. */
async function measure(name: string, rounds: number, run: () => unknown): Promise<void> {
  await run();
  const times: number[] = [];
  for (let i = 0; i < rounds; i++) {
    const before = process.cpuUsage();
    await run();
    const { user, system } = process.cpuUsage(before);
    times.push((user + system) / 1000);
  }
  const value = Number(times.sort((a, b) => a - b)[rounds >> 1].toPrecision(3));
  console.log(JSON.stringify({ name, value, unit: "ms of processor time" }));
}

const keys = rng.fillUniform(new Float64Array(ITEMS));
const p = probabilities(ITEMS);
const pool = "60 000 items";
await measure(`entropy of ${pool}, and the 10 largest`, 15, () =>
  topB(entropyScores(p, CLASSES), BATCH, keys),
);
await measure(`margin of ${pool}, and the 10 largest`, 15, () => topB(marginScores(p, CLASSES), BATCH, keys));

const samples = { count: 20, data: probabilities(20 * ITEMS) };
await measure(`BALD of ${pool}, 20 samples`, 7, () => topB(baldScores(samples, CLASSES), BATCH, keys));

const WIDTH = 128;
const normals = (rows: number) => ({ width: WIDTH, data: rng.fillNormal(new Float32Array(rows * WIDTH)) });
const [points, labelled] = [normals(ITEMS), normals(1000)];
await measure(`core-set of ${pool} of 128 features, 10 picks`, 5, () =>
  kCentreGreedy(points, { width: WIDTH, data: [] }, BATCH, keys),
);
await measure(`the same, with 1000 labelled items`, 5, () => kCentreGreedy(points, labelled, BATCH, keys));
const middles = rng.fillNormal(new Float32Array(CLASSES * WIDTH));
const around = ({ width, data }: typeof points) => ({
  width,
  data: data.map((x, n) => x + 3 * middles[(Math.floor(n / WIDTH) % CLASSES) * WIDTH + (n % WIDTH)]),
});
const [grouped, groupedLabelled] = [around(points), around(labelled)];
await measure(`the same, of items in ${CLASSES} groups`, 5, () =>
  kCentreGreedy(grouped, groupedLabelled, BATCH, keys),
);

const hundred = { count: 100, data: probabilities(100 * 1000) };
await measure("BatchBALD of 1000 items, 100 samples, batches of 5, exact", 1, () =>
  batchBaldPlaces(hundred, CLASSES, 5, { keys, rng: createRng(0), configurations: 10_000 }),
);

if (values.data !== undefined) {
  const data = await readLabelled(values.data);
  const learner = () =>
    activeLearning({ acquisition: "margin", initial: 10, batch: 10, budget: 150, test: 600 });
  await measure("digits, 15 fits, 10 to 150 labels by margin", 3, async () =>
    (await train.run(learner(), { data, seed: 0 })).close(),
  );
} else console.error("digits: give the file, --data FILE");
