/** @file Detects a Python with Gymnasium, and one with numpy, on this machine. */

import { spawnSync } from "node:child_process";

const candidates = [process.env.UNDERSTUDY_PYTHON, "python3", "/usr/bin/python3"].filter(
  (name) => name !== undefined,
);

const pythonWith = (module: string) =>
  candidates.find(
    (python) => spawnSync(python, ["-c", `import ${module}`], { stdio: "ignore" }).status === 0,
  );

/** The first Python that can import numpy, enough for the stand-in in gymnasium-stand-in/. */
export const pythonWithNumpy = pythonWith("numpy");

/** The first Python that can import Gymnasium; without one, the tests that need it are skipped. */
export const pythonWithGymnasium = pythonWith("gymnasium");

if (!pythonWithGymnasium) console.log("no Python with Gymnasium here: tests of the bridge to it are skipped");
