/** @file Spaces in the notation of other toolkits become this project's, or are refused with a valid example. */

import { describe, expect, it } from "vitest";
import { type SpaceLike, spaceFrom } from "../../src/env/space-like.js";

const convert = (space: unknown) => spaceFrom(space as SpaceLike, "World", "observationSpace");

describe("spaceFrom", () => {
  it.each<[string, unknown]>([
    ["{ shape, low, high } with numbers", { shape: [2], low: 0, high: 1 }],
    ["{ kind, shape, low, high } with numbers", { kind: "box", shape: [2], low: 0, high: 1 }],
    ["{ kind, shape, low, high } with arrays", { kind: "box", shape: [2], low: [0, 0], high: [1, 1] }],
    ["typed arrays", { shape: Int32Array.of(2), low: Float32Array.of(0, 0), high: Float32Array.of(1, 1) }],
  ])("reads a box as %s", (_, space) => {
    expect(convert(space)).toEqual({ kind: "box", shape: [2], low: [0, 0], high: [1, 1] });
  });

  it("reads missing bounds as infinite, with and without a kind", () => {
    const unbounded = { kind: "box", shape: [1], low: [-Infinity], high: [Infinity] };
    expect(convert({ shape: [1] })).toEqual(unbounded);
    expect(convert({ kind: "box", shape: [1], low: null })).toEqual(unbounded);
  });

  it("reads the parts of a Dict and a Tuple in any notation", () => {
    const parts = { a: { n: 2 }, b: { kind: "box", shape: [1], low: 0, high: 1 } };
    const read = { a: { kind: "discrete", n: 2 }, b: { kind: "box", shape: [1], low: [0], high: [1] } };
    expect(convert({ kind: "dict", spaces: parts })).toEqual({ kind: "dict", spaces: read });
    expect(convert({ kind: "dict", n: 3, spaces: parts })).toEqual({ kind: "dict", spaces: read });
    expect(convert({ spaces: [parts.a, parts.b] })).toEqual({ kind: "tuple", spaces: [read.a, read.b] });
  });

  it("reads nvec as the sizes, with and without a kind", () => {
    const read = { kind: "multi-discrete", sizes: [3, 2] };
    expect(convert({ nvec: [3, 2] })).toEqual(read);
    expect(convert({ kind: "multi-discrete", nvec: Int32Array.of(3, 2) })).toEqual(read);
    expect(convert({ kind: "dict", spaces: { a: { kind: "multi-discrete", nvec: [3, 2] } } })).toEqual({
      kind: "dict",
      spaces: { a: read },
    });
  });

  it("reads a Discrete of Gymnasium, which has a shape too", () => {
    expect(convert({ n: 2, shape: [] })).toEqual({ kind: "discrete", n: 2 });
  });

  it.each<[string, unknown, string]>([
    ["no sizes", { kind: "multi-discrete" }, "sizes must be an array of positive integers, such as [3, 2]"],
    ["nvec that is a number", { nvec: 6 }, "such as [3, 2], not 6"],
    ["nvec of another kind", { kind: "discrete", nvec: [3, 2] }, "n must be a positive integer"],
    ["no parts", { kind: "dict" }, "spaces must hold the parts, such as { name: { … }, … }, not undefined"],
    ["no parts of a tuple", { kind: "tuple", spaces: 2 }, "such as [{ … }, …], not 2"],
    [
      "a shape that is a number",
      { shape: 4 },
      "shape must be an array of positive integers, such as [4], not 4",
    ],
    ["that in a box of a kind", { kind: "box", shape: 4, low: 0, high: 1 }, "such as [4], not 4"],
    ["no shape", { kind: "box" }, "shape must be an array of positive integers, such as [4], not undefined"],
    [
      "bounds of another length",
      { shape: [2], low: [0], high: [1, 1] },
      "2 numbers each for shape [2], not 1 and 2",
    ],
    ["a wrong part", { spaces: { a: { shape: 3 } } }, "part a: shape must be an array"],
    ["an unknown kind", { kind: "grid" }, 'it must be { kind: "box"'],
  ])("refuses %s", (_, space, message) => {
    expect(() => convert(space)).toThrow(`World: observationSpace is invalid: `);
    expect(() => convert(space)).toThrow(message);
  });
});

describe("a space with a start", () => {
  it.each([
    { n: 3, start: 1 },
    { kind: "discrete", n: 3, start: -1 },
    { nvec: [2, 2], start: [0, 1] },
    { spaces: { part: { n: 3, start: 1 } } },
    { kind: "tuple", spaces: [{ n: 3, start: 1 }] },
  ])("is refused, because its values would be shifted: %o", (space) => {
    expect(() => spaceFrom(space as never, "Mine", "actionSpace")).toThrow(
      /^Mine: actionSpace: .* the start/,
    );
  });

  it("of 0 is a space without one", () => {
    expect(spaceFrom({ n: 3, start: 0 } as never, "Mine", "actionSpace")).toEqual({ kind: "discrete", n: 3 });
    expect(spaceFrom({ nvec: [2, 2], start: [0, 0] } as never, "Mine", "actionSpace").kind).toBe(
      "multi-discrete",
    );
  });
});

describe("a discrete space that int32 cannot hold", () => {
  it.each([{ n: 2 ** 31 }, { nvec: [2, 2 ** 31] }])("is refused: %o", (space) => {
    expect(() => spaceFrom(space, "Mine", "actionSpace")).toThrow(/positive integers? below 2³¹/);
    expect(spaceFrom({ n: 2 ** 31 - 1 }, "Mine", "actionSpace").kind).toBe("discrete");
  });
});
