/** @file Claims about comparisons in small: weights by agreement recover what random annotators cost, and chosen pairs pay. */

import { expect, it } from "vitest";
import { queryRun, trustRun } from "../../../../experiments/preferences/lines.js";
import { mean } from "../../../../src/diagnostics/statistics.js";

it("weights recover nine tenths of what two random annotators of five cost, over 10 seeds", async () => {
  const runs = await Promise.all(Array.from({ length: 10 }, (_, seed) => trustRun(seed)));
  const [clean, equal, agreement] = (["clean", "equal", "agreement"] as const).map((kind) =>
    mean(runs.map((run) => run[kind])),
  );
  expect(agreement - 0.5).toBeGreaterThan(0.9 * (clean - 0.5));
  expect(equal).toBeLessThan(clean - 0.05);
});

it("pairs on which rewards disagree teach more than random ones, at as many comparisons, over 20 seeds", async () => {
  const differences: number[] = [];
  for (let seed = 0; seed < 20; seed++) {
    const [chosen, random] = [await queryRun("disagreement", seed, 5), await queryRun("random", seed, 5)];
    differences.push(chosen.accuracy.at(-1)! - random.accuracy.at(-1)!);
  }
  const error = Math.sqrt(mean(differences.map((x) => (x - mean(differences)) ** 2)) / differences.length);
  expect(mean(differences)).toBeGreaterThan(2 * error);
}, 120_000);
