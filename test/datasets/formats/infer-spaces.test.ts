/** @file Spaces from the arrays of a file. */

import { expect, it } from "vitest";
import { type ArrayTree, numberArray, refuseIn } from "../../../src/datasets/formats/arrays.js";
import { completeSpaces, inferenceNotes } from "../../../src/datasets/formats/infer-spaces.js";
import { box, discrete } from "../../../src/spaces/index.js";

const refuse = refuseIn("f");
const infinite = [-Infinity, Infinity] as const;
const group = (parts: Record<string, ArrayTree>): ArrayTree => ({
  kind: "group",
  parts: new Map(Object.entries(parts)),
});
const spaceOfObservations = (...observations: ArrayTree[]) =>
  completeSpaces(
    { actionSpace: discrete(2) },
    observations.map((rows) => ({ place: "episode 0", observations: rows, actions: undefined })),
    refuse,
  ).observationSpace;

it("are by the type and the shape of numbers, over all episodes", () => {
  const integers = (...values: number[]) => numberArray(Int32Array.from(values), [values.length]);
  expect(spaceOfObservations(integers(0, 3), integers(7, 1))).toEqual(discrete(8));
  expect(spaceOfObservations(integers(-1, 3))).toEqual(box([1], ...infinite));
  expect(spaceOfObservations(numberArray(new Float64Array(6), [2, 3]))).toEqual(box([3], ...infinite));
  // Floats that are whole numbers are numbers, not indices.
  expect(spaceOfObservations(numberArray(new Float64Array(2), [2]))).toEqual(box([1], ...infinite));
  expect(spaceOfObservations(numberArray(new Uint8Array(24), [2, 2, 2, 3]))).toEqual(box([2, 2, 3], 0, 255));
  expect(spaceOfObservations(numberArray(new Uint8Array(4), [2, 2], "boolean"))).toEqual({
    kind: "multi-binary",
    n: 2,
  });
  const nested = group({
    _index_0: integers(1),
    _index_1: group({ a: integers(0), b: numberArray(new Float32Array(2), [1, 2]) }),
  });
  expect(spaceOfObservations(nested)).toEqual({
    kind: "tuple",
    spaces: [discrete(2), { kind: "dict", spaces: { a: discrete(1), b: box([2], ...infinite) } }],
  });
});

it("name what was inferred, and refuse what is no array", () => {
  const spaces = completeSpaces(
    {},
    [
      {
        place: "episode 0",
        observations: numberArray(new Float32Array(4), [2, 2]),
        actions: numberArray(Int32Array.of(2), [1]),
      },
    ],
    refuse,
  );
  expect(spaces.inferred).toEqual(["observationSpace", "actionSpace"]);
  expect(inferenceNotes(spaces, spaces.inferred)).toEqual([
    "observations are taken as Box(2), by the arrays of the data: --observation-space sets another space",
    "actions are taken as Discrete(3), by the largest number in the data: --action-space sets another space",
  ]);
  expect(inferenceNotes(spaces, undefined)).toEqual([]);
  expect(() => spaceOfObservations({ kind: "unreadable", what: "text" })).toThrow(
    "f: episode 0/observations: it must be an array of rows of numbers, not text",
  );
});
