/** @file Snapshots as text beside the questions: read as they were, and refused when damaged. */

import { describe, expect, it } from "vitest";
import { FormatError } from "../../src/errors.js";
import { readSnapshot, writtenSnapshots } from "../../src/people/written-snapshots.js";

describe("a written snapshot", () => {
  it("is read as it was, bit for bit", () => {
    const snapshot = {
      x: Float64Array.of(0.1, -0, Number.NaN),
      counts: Int32Array.of(-1, 7),
      seed: "s",
      deep: [{ low: Number.NEGATIVE_INFINITY }],
    };
    const { left } = writtenSnapshots({ left: snapshot })!;
    expect(readSnapshot(JSON.parse(JSON.stringify(left)), "test")).toEqual(snapshot);
  });

  it("is not written where one of them is missing", () => {
    expect(writtenSnapshots({ left: { a: 1 }, right: undefined })).toBeUndefined();
  });

  it.each([
    "Float32Array:AAA=",
    "Float32Array:%",
    "Array:AAAA",
    "Float32Array",
  ])("with %s is refused", (name) => {
    const text = JSON.stringify({ $: "array", name });
    expect(() => readSnapshot(text, "queries-000001.json")).toThrow(FormatError);
  });
});
