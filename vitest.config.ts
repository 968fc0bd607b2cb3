/** @file How the tests run: two processes at most, and a closing line that a script can read. */

import { defineConfig } from "vitest/config";
import { BaseSequencer, type Reporter, type TestModule, type TestSpecification } from "vitest/node";

/** Prints `N passed, N failed` alone on the last line; errors outside tests count as failures. */
const closingLine: Reporter = {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly unknown[]) {
    let passed = 0;
    let failed = unhandled.length;
    for (const module of modules) {
      failed += module.errors().length;
      for (const test of module.children.allTests()) {
        if (test.result().state === "passed") passed++;
        if (test.result().state === "failed") failed++;
      }
      for (const suite of module.children.allSuites()) failed += suite.errors().length;
    }
    process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
  },
};

/** Files that start programs, measure memory, replace modules, or register and list environments: each in a process of its own. */
const alone = [
  "test/{cli,experiments,package,python,zoo}/**/*.test.ts",
  "test/readme/examples.test.ts",
  "test/runs/{artefact-files,checkpoints.crash,checkpoints.disk-full,compare-runs,recorded-paths}.test.ts",
  "test/runs/{resolve.environment,run-report,seeds-inputs,sinks/progress,spec,train,trust}.test.ts",
  "test/**/*.{kill,memory,process}.test.ts",
  "test/algorithms/index.data-learner.test.ts",
  "test/env/{registry,mask-detection,workers/worker-vector}.test.ts",
  "test/envs/{families,envs.listing}.test.ts",
  "test/web/teach/teach.test.ts",
  "test/envs/mujoco/{tasks,physics/load}.test.ts",
  "test/tensor/{program,runtime}.test.ts",
];

/**
 * Short files that take long, first among those of their project. Without times of an earlier run, vitest starts with
 * large files, and one process would wait for the other at the end.
 */
class LongFirst extends BaseSequencer {
  private static readonly long = /\/test\/claims\/|\.(control|exact|recovery)\.test\.ts$/;

  override async sort(files: TestSpecification[]) {
    const order = await super.sort(files);
    const projects = [...new Set(order.map(({ project }) => project))];
    const rank = ({ project, moduleId }: TestSpecification) =>
      2 * projects.indexOf(project) + Number(!LongFirst.long.test(moduleId));
    return order.sort((a, b) => rank(a) - rank(b));
  }
}

export default defineConfig({
  test: {
    sequence: { sequencer: LongFirst },
    // The others share processes, in which the source is loaded once: half the time of a file with short tests.
    projects: [
      {
        extends: true,
        test: { name: "shared", include: ["test/**/*.test.ts"], exclude: alone, isolate: false },
      },
      { extends: true, test: { name: "alone", include: alone } },
    ],
    // ONNX Runtime is a native module with process-wide state: processes, not threads.
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    reporters: ["default", closingLine],
  },
});
