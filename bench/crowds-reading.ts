/**
 * @file Memory of ten million answers: writes a CSV file of two million items into a temporary folder, reads it, and runs
 * `aggregate` on it, each in a process of its own. Prints one JSON line per result: the largest memory, and the processor
 * time of the whole process. It takes a few minutes.
 */

import { spawnSync } from "node:child_process";
import { mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createRng } from "../src/random/rng.js";

const ITEMS = 2_000_000;
const LABELS_EACH = 5;
const ANNOTATORS = 10_000;
const AT_ONCE = 10_000;
const CLASSES = ["a", "b", "c", "d"];

/** Writes the answers: right ones with a probability from 0.5 to 0.9, that of the annotator. */
function writeAnswers(path: string): void {
  const file = openSync(path, "w");
  const rng = createRng("ten million answers");
  writeSync(file, "item,annotator,label\n");
  for (let first = 0; first < ITEMS; first += AT_ONCE) {
    let text = "";
    for (let i = first; i < first + AT_ONCE; i++) {
      const truth = rng.integer(CLASSES.length);
      for (let n = 0; n < LABELS_EACH; n++) {
        const annotator = rng.integer(ANNOTATORS);
        const isRight = rng.uniform() < 0.5 + (0.4 * annotator) / ANNOTATORS;
        const wrong = (truth + 1 + rng.integer(CLASSES.length - 1)) % CLASSES.length;
        text += `${i},w${annotator},${CLASSES[isRight ? truth : wrong]}\n`;
      }
    }
    writeSync(file, text);
  }
}

/** Makes a process print its largest memory (bytes) and its processor time (s) when it ends. */
const TELLS = `process.on("exit", () => {
  const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
  process._rawDebug(JSON.stringify([maxRSS * 1024, (userCPUTime + systemCPUTime) / 1e6]));
});`;

/** Prints the largest memory of a process of Node.js with these words. */
function measure(name: string, words: readonly string[]): void {
  const { status, stderr } = spawnSync(
    process.execPath,
    ["--import", `data:text/javascript,${encodeURIComponent(TELLS)}`, ...words],
    { encoding: "utf8", stdio: ["ignore", "ignore", "pipe"] },
  );
  if (status !== 0) throw new Error(stderr);
  const [bytes, seconds] = JSON.parse(stderr.trim().split("\n").at(-1)!);
  const row = { name, value: Math.round(bytes / 1e6), unit: "MB at most", processorSeconds: seconds };
  console.log(JSON.stringify(row));
}

const built = (path: string) => new URL(`../${path}`, import.meta.url);
const folder = mkdtempSync(join(tmpdir(), "crowds-"));
try {
  const answers = join(folder, "answers.csv");
  writeAnswers(answers);
  const read = `const { readAnnotations } = await import(${JSON.stringify(built("src/crowds/index.js"))});
    await readAnnotations(${JSON.stringify(answers)});`;
  measure("reading ten million answers", ["--input-type=module", "--eval", read]);
  for (const method of ["majority-vote", "dawid-skene"]) {
    const words = ["aggregate", answers, "--method", method, "--out", join(folder, method)];
    measure(`aggregate --method ${method}`, [fileURLToPath(built("cli/main.js")), ...words]);
  }
} finally {
  rmSync(folder, { recursive: true });
}
