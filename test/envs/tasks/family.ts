/** @file Shared by the tests of task families. */

import { expect } from "vitest";
import { checkEnv, make } from "../../../envs/index.js";
import type { Environment, Task } from "../../../src/env/contracts.js";
import { createRng } from "../../../src/random/rng.js";
import { sample } from "../../../src/spaces/index.js";
import type { Action } from "../../../src/spaces/values.js";

/** Pearson's statistic, to be compared with {@link chiSquareLimit} of one degree less than there are counts. */
function chiSquare(counts: readonly number[], probabilities: readonly number[]): number {
  const total = counts.reduce((sum, n) => sum + n, 0);
  return counts.reduce(
    (sum, n, k) => sum + (n - total * probabilities[k]) ** 2 / (total * probabilities[k]),
    0,
  );
}

/** The 99.9 % point of χ², by Wilson & Hilferty (1931). */
const chiSquareLimit = (degrees: number): number =>
  degrees * (1 - 2 / (9 * degrees) + 3.09 * Math.sqrt(2 / (9 * degrees))) ** 3;

export function expectFrequencies(counts: readonly number[], probabilities: readonly number[]): void {
  expect(chiSquare(counts, probabilities)).toBeLessThan(chiSquareLimit(counts.length - 1));
}

/** `n` tasks of an environment's family. */
export function sampleTasks<T extends Task>({ tasks }: Environment, n: number): T[] {
  const rng = createRng("tasks");
  return Array.from({ length: n }, () => tasks!.sampleTask(rng) as T);
}

/** How many of the values fall into each of 0, …, n − 1. */
export function tally(values: Iterable<number>, n: number): number[] {
  const counts = new Array<number>(n).fill(0);
  for (const value of values) counts[value]++;
  return counts;
}

/** `checkEnv` finds nothing, clusters are alike, and neither observations nor infos change with the cluster. */
export async function expectGoodFamily(id: string, options: Record<string, unknown> = {}): Promise<void> {
  expect(await checkEnv(() => make(id, options))).toEqual([]);
  const environment = await make(id, options);
  const { clusters } = environment.tasks!;
  const drawn = sampleTasks(environment, 2000);
  const found = drawn.map((task) => environment.tasks!.clusterOf(task));
  if (clusters > 1) expectFrequencies(tally(found, clusters), new Array(clusters).fill(1 / clusters));
  else expect(new Set(found)).toEqual(new Set([0]));
  const told = drawn.slice(0, 20).map((task) => {
    environment.setTask!(task);
    const first = environment.reset({ seed: 1 });
    const rng = createRng("actions");
    const { observation, info } = environment.step(sample(environment.actionSpace, rng) as Action);
    return JSON.stringify([first, observation, info]);
  });
  expect(new Set(told).size).toBe(1);
  expect(told[0]).not.toMatch(/cluster|goal|mean/i);
}
