/** @file Numbers in the nested lists and fields of tables. */

import { describe, expect, it } from "vitest";
import { refuseIn } from "../../../src/datasets/formats/arrays.js";
import { columnTree, nestedArray } from "../../../src/datasets/formats/table.js";

const refuse = refuseIn("f.parquet");

describe("nested lists", () => {
  it("round-trip, or are refused with their place", () => {
    expect(
      Array.from(
        nestedArray(
          [
            [1n, 2],
            [true, 4],
          ],
          "x",
          refuse,
        ).data,
      ),
    ).toEqual([1, 2, 1, 4]);
    expect(() => nestedArray([[1n, 2n ** 53n + 1n]], "x", refuse)).toThrow(
      "f.parquet: x/0/1: it is 9007199254740993, which is beyond ±2⁵³",
    );
  });
});

describe("a column", () => {
  it("with named fields is a group, whose parts have the types of the fields", () => {
    const column = {
      values: [
        { a: 1, b: { c: [1, 2] } },
        { a: 0, b: { c: [3, 4] } },
      ],
      types: new Map([
        ["a", "boolean"],
        ["b/c", "integer"],
      ] as const),
    };
    const tree = columnTree(column, "x", refuse);
    const b = tree.kind === "group" && tree.parts.get("b");
    expect(tree.kind === "group" && tree.parts.get("a")).toMatchObject({ shape: [2], type: "boolean" });
    expect(b && b.kind === "group" && b.parts.get("c")).toMatchObject({ shape: [2, 2], type: "integer" });
    const torn = { ...column, values: [{ a: 1 }, null] };
    expect(() => columnTree(torn, "x", refuse)).toThrow('f.parquet: x/1: it must have the field "a"');
  });
});
