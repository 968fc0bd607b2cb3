/** @file The run, the server and the person are killed in any order: nothing acknowledged is lost, nothing counts twice. */

import { expect, it } from "vitest";
import { killed } from "../../experiments/teaching/kills.js";

it("ten kills lose nothing, and the policy is that of a run in peace with the same answers", async () => {
  const result = await killed({ kills: 10, comparisons: 12, seed: 0 });
  expect(result).toMatchObject({ lost: 0, twice: 0, isSamePolicy: true });
  expect(result.acknowledged).toBeGreaterThan(0);
  expect(result.answered).toBeLessThanOrEqual(result.acknowledged);
}, 240_000);
