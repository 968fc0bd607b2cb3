/** @file The families of environments that pages load one at a time are those that are registered. */

import { expect, it } from "vitest";
import { families } from "../../envs/families.js";
import "../../envs/index.js";
import { envIds } from "../../src/env/registry.js";

it("each has the ids of its module, and together they have all", async () => {
  for (const { ids, load } of Object.values(families)) {
    expect((await load()).map(({ id }) => id)).toEqual(ids);
  }
  expect(
    Object.values(families)
      .flatMap(({ ids }) => ids)
      .sort(),
  ).toEqual(envIds());
});
