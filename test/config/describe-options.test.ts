/** @file How options are described: types, bounds, defaults and nesting, from zod schemas. */

import { describe, expect, it } from "vitest";
import * as z from "zod";
import { describeOptions, show, showType } from "../../src/config/describe-options.js";
import { count, fraction, nonNegative, positive } from "../../src/config/options.js";

const only = (field: z.ZodType) => describeOptions(z.strictObject({ field }))[0];

describe("describeOptions", () => {
  it.each([
    ["integer > 0", count()],
    ["integer ≥ 2", z.int().min(2)],
    ["integer", z.int()],
    ["number > 0", positive().default(3)],
    ["number ≥ 0", nonNegative().optional()],
    ["number, 0 to 1", fraction()],
    ["number, ≥ 0 and < 1", z.number().min(0).lt(1)],
    ["number < 5", z.number().lt(5)],
    ["boolean", z.boolean().default(true)],
    ["string", z.string()],
    ["string, not empty", z.string().min(1)],
    ["integer or string", z.union([z.int(), z.string()])],
    ['"scott" or number > 0', z.union([z.literal("scott"), positive()])],
    ["integer[], each > 0", z.array(count())],
    ["(integer or string)[], ≥ 2 items", z.array(z.union([z.int(), z.string()])).min(2)],
    ["string[], not empty", z.array(z.string()).min(1)],
    ["[number, number], each 0 to 1", z.tuple([fraction(), fraction()])],
    ["number or null", z.number().nullable()],
    ['boolean or "minibatch" or "batch"', z.union([z.boolean(), z.enum(["minibatch", "batch"])])],
    ['one of "tanh", "relu"', z.enum(["tanh", "relu"]).default("tanh")],
    ["object", z.record(z.string(), z.number())],
    [
      "policy",
      z
        .custom(() => true)
        .meta({ type: "policy" })
        .optional(),
    ],
    ["number", z.number().transform((x) => x + 1)],
    [
      "number > 0",
      z
        .number()
        .positive()
        .refine((x) => x !== 3)
        .default(1),
    ],
  ])("prints the type and bounds %s", (text, field) => {
    expect(showType(only(field))).toBe(text);
  });

  it("returns name, path, default, description and whether an option is required", () => {
    const schema = z.strictObject({
      rate: positive().default(0.1).describe("step size"),
      steps: count().describe("how many"),
      limit: count().describe("most").optional(),
    });
    expect(describeOptions(schema)).toEqual([
      {
        name: "rate",
        path: "rate",
        type: "number",
        default: 0.1,
        bounds: "> 0",
        meaning: "step size",
        required: false,
      },
      {
        name: "steps",
        path: "steps",
        type: "integer",
        default: undefined,
        bounds: "> 0",
        meaning: "how many",
        required: true,
      },
      {
        name: "limit",
        path: "limit",
        type: "integer",
        default: undefined,
        bounds: "> 0",
        meaning: "most",
        required: false,
      },
    ]);
  });

  it("reads descriptions inside and outside of defaults", () => {
    expect(only(z.int().describe("inside").default(1)).meaning).toBe("inside");
    expect(only(z.int().default(1).describe("outside")).meaning).toBe("outside");
    expect(only(z.int().optional()).meaning).toBe("");
  });

  it("lists nested options after their parent, with dots", () => {
    const schema = z.strictObject({
      network: z
        .strictObject({ hidden: z.array(count()).default([64]) })
        .prefault({})
        .describe("its network"),
      objects: z.array(z.strictObject({ x: z.int() })).default([]),
    });
    expect(describeOptions(schema).map(({ path, type, default: value }) => [path, type, value])).toEqual([
      ["network", "object", undefined],
      ["network.hidden", "integer[]", [64]],
      ["objects", "object[]", []],
      ["objects[].x", "integer", undefined],
    ]);
  });

  it("merges the kinds of an object: the tag has the choices of all", () => {
    const beta = z.union([
      fraction(),
      z.strictObject({ kind: z.literal("linear").describe("schedule"), rounds: count() }),
      z.strictObject({ kind: z.literal("constant"), value: fraction() }),
    ]);
    const options = describeOptions(z.strictObject({ beta }));
    expect(options.map(({ path }) => path)).toEqual(["beta", "beta.kind", "beta.rounds", "beta.value"]);
    expect(showType(options[0])).toBe("number or object, 0 to 1");
    expect(options[1]).toMatchObject({ choices: ["linear", "constant"], meaning: "schedule" });
  });

  it("prints infinities, which JSON lacks", () => {
    expect(show([Number.NEGATIVE_INFINITY, 1, Number.POSITIVE_INFINITY])).toBe("[−∞,1,∞]");
    expect(show("a")).toBe('"a"');
    expect(show(undefined)).toBe("");
  });
});
