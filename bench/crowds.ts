/**
 * @file Benchmark of models of annotators on a million labels, on one core. Prints one JSON line per result: processor
 * milliseconds an iteration, and the share of items whose label is right.
 */

import { dawidSkene, majorityVote } from "../src/crowds/index.js";
import { createRng } from "../src/random/rng.js";

const ITEMS = 200_000;
const LABELS_EACH = 5;
const ANNOTATORS = 1000;
const ITERATIONS = 20;

/** Labels by annotators of abilities from 0.5 to 0.9, as columns: what a reader would give. */
function crowd(classes: number) {
  const rng = createRng(`crowd of ${classes}`);
  const labels = ITEMS * LABELS_EACH;
  const truth = Int32Array.from({ length: ITEMS }, () => rng.integer(classes));
  const ability = Float64Array.from({ length: ANNOTATORS }, () => 0.5 + 0.4 * rng.uniform());
  const [annotator, label] = [new Int32Array(labels), new Int32Array(labels)];
  for (let n = 0; n < labels; n++) {
    const right = truth[Math.floor(n / LABELS_EACH)];
    annotator[n] = rng.integer(ANNOTATORS);
    const wrong = rng.integer(classes - 1);
    label[n] = rng.uniform() < ability[annotator[n]] ? right : wrong + Number(wrong >= right);
  }
  const itemStart = Int32Array.from({ length: ITEMS + 1 }, (_, i) => i * LABELS_EACH);
  const annotations = {
    ...{ items: ITEMS, annotators: ANNOTATORS, classes, itemStart, annotator, label },
    names: { items: [], annotators: [], classes: [] },
  };
  return { annotations, truth };
}

for (const classes of [2, 4, 10]) {
  const { annotations, truth } = crowd(classes);
  const share = (labels: Int32Array) => labels.filter((k, i) => k === truth[i]).length / ITEMS;
  const vote = share(majorityVote(annotations).labels);
  const started = process.cpuUsage();
  const { labels } = dawidSkene(annotations, { iterations: ITERATIONS, tolerance: 1e-300 });
  const { user, system } = process.cpuUsage(started);
  console.log(
    JSON.stringify({
      benchmark: "dawid-skene",
      labels: annotations.label.length,
      classes,
      iterations: ITERATIONS,
      cpuSeconds: Number(((user + system) / 1e6).toFixed(2)),
      cpuMsPerIteration: Number(((user + system) / 1e3 / ITERATIONS).toFixed(1)),
      rightLabels: share(labels),
      rightVotes: vote,
    }),
  );
}
