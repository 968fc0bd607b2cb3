/**
 * @file A process that runs test files with one source file replaced in memory. Its parent sends `{ file, code, tests,
 * limit }` (without `file`, the sources are as they are) and gets `{ failed, seconds }`, or `{ timeout: true }` after
 * `limit` seconds, and then ends this process with its group. What is on disk is never written.
 *
 * Seconds are of processor time where the system tells it (Linux), so that they do not depend on what else runs.
 */

import { readFileSync } from "node:fs";
import { createVitest } from "vitest/node";

const root = process.argv[2];

/** Utime, stime, and those of the children that ended, of a process, in ticks of 10 ms. */
const ticks = (pid) =>
  readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /s, "")
    .split(" ")
    .slice(11, 15)
    .reduce((sum, x) => sum + Number(x), 0);

/** Seconds of this process and of those that it started. */
function clock() {
  try {
    const children = readFileSync(`/proc/self/task/${process.pid}/children`, "utf8")
      .split(" ")
      .filter(Boolean);
    return [process.pid, ...children].reduce((sum, pid) => sum + ticks(pid), 0) / 100;
  } catch {
    return performance.now() / 1000;
  }
}
let replaced = { file: undefined, code: undefined };
let failure;

/** Keeps the order of the tests: the nearest first, so that most mutants die early. */
class GivenOrder {
  shard(specifications) {
    return specifications;
  }
  sort(specifications) {
    return specifications;
  }
}

const reporter = {
  onTestCaseResult(test) {
    if (test.result().state === "failed")
      failure ??= { test: test.fullName, file: test.module.relativeModuleId };
  },
  onTestModuleEnd(module) {
    if (module.state() === "failed") failure ??= { test: "(the file)", file: module.relativeModuleId };
  },
  onTestRunEnd(modules, unhandled) {
    if (unhandled.length > 0) failure ??= { test: "(outside of tests)", file: modules[0]?.relativeModuleId };
  },
};

const vitest = await createVitest(
  "test",
  {
    root,
    // Not the projects of the suite: their servers would not have the plugin below.
    config: false,
    pool: "forks",
    watch: false,
    maxWorkers: 1,
    bail: 1,
    reporters: [reporter],
    sequence: { sequencer: GivenOrder },
    execArgv: ["--max-old-space-size=2048"],
    silent: true,
    testTimeout: 0,
    hookTimeout: 0,
  },
  {
    plugins: [
      {
        name: "mutant",
        enforce: "pre",
        load(id) {
          return id.split("?")[0] === replaced.file ? replaced.code : undefined;
        },
      },
    ],
  },
);
await vitest.standalone();

process.on("message", async ({ file, code, tests, limit }) => {
  const started = clock();
  const watch = setInterval(() => {
    if (clock() - started <= limit) return;
    clearInterval(watch);
    process.send({ timeout: true });
  }, 1000);
  const touched = [replaced.file, file].filter(Boolean);
  replaced = { file, code };
  for (const path of touched) vitest.invalidateFile(path);
  failure = undefined;
  try {
    const specifications = tests.map((path) => vitest.getRootProject().createSpecification(path));
    await vitest.runTestSpecifications(specifications);
  } catch (error) {
    failure ??= { test: `(${String(error).split("\n")[0]})`, file: tests[0] };
  }
  clearInterval(watch);
  process.send({ failed: failure, seconds: Number((clock() - started).toFixed(2)) });
});
process.on("disconnect", () => process.exit(0));
process.send({ ready: true });
