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

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // ONNX Runtime is a native module with process-wide state: processes, not threads.
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    reporters: ["default", closingLine],
  },
});
