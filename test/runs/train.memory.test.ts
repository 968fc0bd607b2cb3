/** @file Memory use of a run stays constant over many steps. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ppo } from "../../algorithms/index.js";
import "../../envs/index.js";
import type { Algorithm } from "../../src/learning/contract.js";
import { type TrainOptions, train } from "../../src/runs/train.js";
import { chainEnvironment, randomSearch } from "../support/chain.js";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

let parent: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), "memory-"));
});
afterEach(() => rmSync(parent, { recursive: true }));

const MEGABYTE = 2 ** 20;

/** All that JavaScript holds, in MB. */
function held(): number {
  collectGarbage();
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / MEGABYTE;
}

/** What a run holds after a fifth of its steps, and what at the end. */
async function growth<S extends object>(algorithm: Algorithm<S>, options: TrainOptions & { steps: number }) {
  let [first, last] = [0, 0];
  const onIteration = ({ steps }: { steps: number }) => {
    if (first === 0 && steps >= options.steps / 5) first = held();
    if (steps >= options.steps) last = held();
  };
  await train(algorithm, { ...options, onIteration });
  return last - first;
}

describe("the memory of a run", { timeout: 180_000 }, () => {
  const small = { environments: 256, rolloutSteps: 32, minibatchSize: 4096, epochs: 1, hidden: [8] };

  it.each([
    {},
    { recurrentUnits: 4, normaliseObservations: true, normaliseRewards: true },
  ])("does not grow over many steps of ppo with %o", async (options) => {
    const algorithm = ppo({ ...small, ...options });
    const steps = "recurrentUnits" in options ? 250_000 : 500_000;
    expect(await growth(algorithm, { env: "CartPole-v1", steps })).toBeLessThan(2);
  });

  it("grows by one row of numbers per iteration, and not by evaluations, checkpoints or files", async () => {
    const iterations = 1000;
    const grown = await growth(randomSearch(), {
      env: chainEnvironment,
      steps: iterations * 64,
      evaluate: { every: 640, episodes: 1 },
      checkpoint: { every: 640 },
      sinks: ["csv", "tensorboard"],
      folder: join(parent, "run"),
    });
    expect(grown).toBeLessThan(2);
  });

  it("is measured precisely enough to detect a leak of a kilobyte per iteration", async () => {
    const leak: Float32Array[] = [];
    const algorithm = randomSearch({ sabotage: () => void leak.push(new Float32Array(500)) });
    const grown = await growth(algorithm, { env: chainEnvironment, steps: 2000 * 64 });
    expect(leak).toHaveLength(2000);
    expect(grown).toBeGreaterThan(2);
  });
});
