/** @file Refusals of options name the option, its value and what the value must be. */

import { describe, expect, it } from "vitest";
import * as z from "zod";
import { resolveOptions } from "../../src/config/options.js";
import { seedOption } from "../../src/env/source-options.js";

const schema = z.object({
  steps: z.int().positive().default(1),
  hidden: z.array(z.int().positive()).default([64]),
  share: z.number().min(0).max(1).default(1),
  activation: z.enum(["tanh", "relu"]).default("tanh"),
  rate: z.union([z.number().positive(), z.object({ from: z.number() })]).default(1),
  beta: z
    .discriminatedUnion("kind", [z.object({ kind: z.literal("linear"), rounds: z.int().positive() })])
    .optional(),
  inner: z.object({ updates: z.int().min(1).default(1) }).prefault({}),
  path: z.string().min(1, "it must be the path of a folder").default("."),
  seed: seedOption(),
});

describe("resolveOptions", () => {
  it.each<[Record<string, unknown>, string]>([
    [{ steps: 0 }, 'option "steps" is 0: it must be an integer > 0'],
    [{ steps: "many" }, 'option "steps" is "many": it must be an integer > 0'],
    [{ hidden: 32 }, 'option "hidden" is 32: it must be a list of integers, each > 0'],
    [{ hidden: [32, -1] }, 'option "hidden.1" is -1: it must be an integer > 0'],
    [{ share: 2 }, 'option "share" is 2: it must be a number, 0 to 1'],
    [
      { activation: "rely" },
      'option "activation" is "rely": it must be one of "tanh", "relu"; did you mean "relu"?',
    ],
    [{ activation: 3 }, 'option "activation" is 3: it must be one of "tanh", "relu"'],
    [{ beta: { kind: "linear", rounds: -1 } }, 'option "beta.rounds" is -1: it must be above 0'],
    [{ inner: { updates: 0 } }, 'option "inner.updates" is 0: it must be an integer ≥ 1'],
    [{ inner: { update: 1 } }, 'unknown option "update" in "inner"; did you mean "updates"?'],
    [{ path: "" }, 'option "path" is "": it must be the path of a folder'],
    [{ seed: 1.5 }, 'option "seed" is 1.5: it must be an integer, or text that is no number'],
    [{ seed: "1.5" }, 'option "seed" is "1.5": it must be an integer, or text that is no number'],
    [{ seed: "1e99" }, 'option "seed" is "1e99": it must be an integer, or text that is no number'],
  ])("refuses %j", (options, message) => {
    const strict = z.strictObject({
      ...schema.shape,
      inner: z.strictObject({ updates: z.int().min(1).default(1) }).prefault({}),
    });
    expect(() => resolveOptions("test", strict, options)).toThrow(`test: ${message}`);
  });

  it.each([0, -3, "3", "0/demonstrations", "expert"])("accepts the seed %j", (seed) => {
    expect(resolveOptions("test", schema, { seed }).seed).toBe(seed);
  });
});
