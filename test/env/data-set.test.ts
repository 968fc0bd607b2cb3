/** @file A data set in place of an environment. */

import { expect, it } from "vitest";
import { dataId, dataProblem, isDataId } from "../../src/env/data-set.js";
import { UsageError } from "../../src/errors.js";
import { createRng } from "../../src/random/rng.js";
import { discrete } from "../../src/spaces/index.js";

it("has an id and spaces, and nothing acts in it", async () => {
  expect(dataId(dataId("pusht"))).toBe("data:pusht");
  expect(["data", "data:x", "database", "CartPole-v1", undefined].map(isDataId)).toEqual([
    true,
    true,
    false,
    false,
    false,
  ]);
  const problem = dataProblem({ id: "data:x", observationSpace: discrete(2), actionSpace: discrete(3) });
  expect(problem).toMatchObject({ id: "data:x", isData: true, actionSpace: discrete(3) });
  await expect(problem.vector(1, createRng(0))).rejects.toThrow(UsageError);
  await expect(problem.vector(1, createRng(0))).rejects.toThrow(
    "data:x is a data set, in which nothing can act",
  );
});
