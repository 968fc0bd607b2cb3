/** @file How the tests run: two processes at most, and a closing line that a script can read. */

import { defineConfig } from "vitest/config";
import type { Reporter, TestModule } from "vitest/node";

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
  "test/{cli,experiments,package,python,readme,runs,zoo}/**/*.test.ts",
  "test/**/*.{kill,memory,process}.test.ts",
  "test/algorithms/index.data-learner.test.ts",
  "test/env/{registry,mask-detection,workers/worker-vector}.test.ts",
  "test/envs/{families,envs.listing}.test.ts",
  "test/envs/mujoco/{tasks,physics/load}.test.ts",
  "test/tensor/{program,runtime}.test.ts",
];

export default defineConfig({
  test: {
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
