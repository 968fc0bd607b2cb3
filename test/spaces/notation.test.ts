/** @file Spaces as they are typed. */

import { expect, it } from "vitest";
import { UsageError } from "../../src/errors.js";
import { box, describeSpace, discrete, type Space, spaceOf } from "../../src/spaces/index.js";

it("is what describeSpace prints, and JSON; a box without bounds has none", () => {
  const spaces: Space[] = [
    discrete(4),
    box([2, 3], -Infinity, Infinity),
    { kind: "multi-discrete", sizes: [3, 2] },
    { kind: "multi-binary", n: 5 },
  ];
  for (const space of spaces) expect(spaceOf(describeSpace(space), "it")).toEqual(space);
  expect(spaceOf("box(64x64x3, 0, 255)", "it")).toEqual(box([64, 64, 3], 0, 255));
  expect(spaceOf("Box(2,-inf,1)", "it")).toEqual(box([2], -Infinity, 1));
  const json = '{"kind":"dict","spaces":{"a":{"kind":"box","shape":[2],"low":[0,null]}}}';
  expect(spaceOf(json, "it")).toEqual({
    kind: "dict",
    spaces: { a: { kind: "box", shape: [2], low: [0, -Infinity], high: [Infinity, Infinity] } },
  });
  // What config.json holds of infinite bounds.
  expect(spaceOf(JSON.parse(JSON.stringify(box([2], -Infinity, 1))), "it")).toEqual(box([2], -Infinity, 1));
});

it.each([
  "Discrete(0)",
  "Discrete()",
  "Box(2, 1)",
  "Box(2, 1, 0)",
  "Box(0)",
  "Circle(2)",
  "{",
  '{"kind":"box"}',
])("is refused with its text, and what to write: %s", (text) => {
  expect(() => spaceOf(text, "actionSpace")).toThrow(UsageError);
  expect(() => spaceOf(text, "actionSpace")).toThrow(/^actionSpace is /);
});
