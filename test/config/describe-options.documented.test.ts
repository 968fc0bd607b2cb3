/** @file Every option of an algorithm and of an environment has a description in its schema. */

import { describe, expect, it } from "vitest";
import { catalogue } from "../../algorithms/index.js";
import { envIds, envSpec } from "../../envs/index.js";
import { describeOptions } from "../../src/config/describe-options.js";

const silent = (schema: Parameters<typeof describeOptions>[0]) =>
  describeOptions(schema)
    .filter(({ meaning, type }) => meaning === "" || type === "value")
    .map(({ path }) => path);

describe("an option has a type and a description in its schema", () => {
  it.each(catalogue.map(({ name, schema }) => [name, schema] as const))("of %s", (_, schema) => {
    expect(silent(schema)).toEqual([]);
  });

  it.each(envIds())("of %s", (id) => {
    expect(silent(envSpec(id).options!)).toEqual([]);
  });
});
