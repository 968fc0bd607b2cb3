/**
 * @file Benchmark of models of annotators on a million labels. Prints one JSON line per result: seconds of processor time
 * of a whole fit, and the share of items whose label is right. `peers.py` has the same labels and as many iterations.
 */

import { readFileSync } from "node:fs";
import { type Annotations, dawidSkene, glad, majorityVote } from "../src/crowds/index.js";

const ITEMS = 200_000;
const LABELS_EACH = 5;
const ANNOTATORS = 1000;
const ITERATIONS = 20;

/** For GLAD, of which the peer takes minutes for an iteration on a million labels. */
const [GLAD_ITEMS, GLAD_ITERATIONS] = [10_000, 2];

/** A number in [0, 1) that follows from two: any language can draw it, in any order. */
function hashed(n: number, stream: number): number {
  let x = (Math.imul(n, 0x9e3779b1) + Math.imul(stream, 0x85ebca77)) >>> 0;
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return ((x ^ (x >>> 16)) >>> 0) / 2 ** 32;
}

/** Labels by annotators of abilities from 0.5 to 0.9, as columns: what a reader would give. */
function crowd(items: number, classes: number) {
  const labels = items * LABELS_EACH;
  const truth = Int32Array.from({ length: items }, (_, i) => Math.floor(classes * hashed(i, 1)));
  const [annotator, label] = [new Int32Array(labels), new Int32Array(labels)];
  for (let n = 0; n < labels; n++) {
    const right = truth[Math.floor(n / LABELS_EACH)];
    annotator[n] = Math.floor(ANNOTATORS * hashed(n, 2));
    const wrong = Math.floor((classes - 1) * hashed(n, 3));
    const ability = 0.5 + 0.4 * hashed(annotator[n], 4);
    label[n] = hashed(n, 5) < ability ? right : wrong + Number(wrong >= right);
  }
  const itemStart = Int32Array.from({ length: items + 1 }, (_, i) => i * LABELS_EACH);
  const annotations: Annotations = {
    ...{ items, annotators: ANNOTATORS, classes, itemStart, annotator, label },
    names: { items: [], annotators: [], classes: [] },
  };
  return { annotations, truth };
}

/** Processor time of the main thread (s), where Linux tells it. */
const mainThread = () =>
  Number(readFileSync(`/proc/self/task/${process.pid}/schedstat`, "utf8").split(" ")[0]) / 1e9;

/** Prints the processor time of a fit, and that of its busiest thread where there are several. */
function measure(name: string, truth: Int32Array, threads: 1 | 2, infer: () => { labels: Int32Array }) {
  const [started, before] = [process.cpuUsage(), threads > 1 ? mainThread() : 0];
  const { labels } = infer();
  const { user, system } = process.cpuUsage(started);
  const all = (user + system) / 1e6;
  const main = threads > 1 ? mainThread() - before : all;
  const rightLabels = labels.filter((k, i) => k === truth[i]).length / labels.length;
  const print = (name: string, seconds: number) => {
    const row = { name, value: Number(seconds.toPrecision(3)), unit: "s of processor time", rightLabels };
    console.log(JSON.stringify(row));
  };
  print(name, all);
  if (threads > 1) print(`${name}, the busier thread`, Math.max(main, all - main));
}

for (const classes of [2, 4, 10]) {
  const { annotations, truth } = crowd(ITEMS, classes);
  const options = { iterations: ITERATIONS, tolerance: 1e-300 };
  measure(`majority vote, ${classes} classes`, truth, 1, () => majorityVote(annotations));
  measure(`Dawid-Skene, ${classes} classes`, truth, 1, () => dawidSkene(annotations, options));
  measure(`Dawid-Skene, ${classes} classes, two workers`, truth, 2, () =>
    dawidSkene(annotations, { ...options, workers: 2 }),
  );
}
const { annotations, truth } = crowd(GLAD_ITEMS, 4);
measure("GLAD, 4 classes, 50 000 labels", truth, 1, () =>
  glad(annotations, { iterations: GLAD_ITERATIONS, tolerance: 1e-300 }),
);
