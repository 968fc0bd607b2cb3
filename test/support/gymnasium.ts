/** @file Detects a Python with Gymnasium on this machine. */

import { spawnSync } from "node:child_process";

const candidates = [process.env.UNDERSTUDY_PYTHON, "python3", "/usr/bin/python3"].filter(
  (name) => name !== undefined,
);

/** The first Python that can import Gymnasium; without one, the tests that need it are skipped. */
export const pythonWithGymnasium = candidates.find(
  (python) => spawnSync(python, ["-c", "import gymnasium"], { stdio: "ignore" }).status === 0,
);

if (!pythonWithGymnasium) console.log("no Python with Gymnasium here: tests of the bridge to it are skipped");
