/**
 * @file Memory of reading ten million answers: writes a CSV file into a temporary folder, reads it, and prints one JSON line
 * with the largest memory of the process and the processor seconds of reading.
 */

import { mkdtempSync, openSync, rmSync, statSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readAnnotations } from "../src/crowds/index.js";
import { createRng } from "../src/random/rng.js";

const ITEMS = 2_000_000;
const LABELS_EACH = 5;
const ANNOTATORS = 10_000;
const AT_ONCE = 10_000;

const folder = mkdtempSync(join(tmpdir(), "crowds-"));
try {
  const path = join(folder, "answers.csv");
  const file = openSync(path, "w");
  const rng = createRng("ten million answers");
  writeSync(file, "item,annotator,label\n");
  for (let first = 0; first < ITEMS; first += AT_ONCE) {
    let text = "";
    for (let i = first; i < first + AT_ONCE; i++) {
      for (let n = 0; n < LABELS_EACH; n++) {
        text += `${i},w${rng.integer(ANNOTATORS)},${"abcd"[rng.integer(4)]}\n`;
      }
    }
    writeSync(file, text);
  }
  const megabytes = (bytes: number) => Math.round(bytes / 1e6);
  const before = process.resourceUsage().maxRSS * 1024;
  const started = process.cpuUsage();
  const { items, annotators, label } = await readAnnotations(path);
  const { user, system } = process.cpuUsage(started);
  console.log(
    JSON.stringify({
      benchmark: "reading annotations",
      ...{ labels: label.length, items, annotators, fileMb: megabytes(statSync(path).size) },
      largestMemoryMb: megabytes(process.resourceUsage().maxRSS * 1024),
      beforeReadingMb: megabytes(before),
      cpuSeconds: Number(((user + system) / 1e6).toFixed(1)),
    }),
  );
} finally {
  rmSync(folder, { recursive: true });
}
