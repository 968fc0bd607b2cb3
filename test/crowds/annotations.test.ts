/** @file Annotations from rows: numbering, order of classes, weights, truth, and refused rows. */

import { describe, expect, it } from "vitest";
import { annotationsFrom } from "../../src/crowds/index.js";
import { UsageError } from "../../src/errors.js";

const rows = [
  { item: "b", annotator: "eve", label: "10" },
  { item: "a", annotator: "bob", label: "9" },
  { item: "b", annotator: "bob", label: "10", weight: 2 },
  { item: "b", annotator: "eve", label: "9" },
];

describe("annotationsFrom", () => {
  it("sorts labels by item, and keeps every label of an annotator", () => {
    const { itemStart, annotator, label, weight, names, ...sizes } = annotationsFrom(rows);
    expect(sizes).toEqual({ items: 2, annotators: 2, classes: 2 });
    expect(names).toEqual({ items: ["b", "a"], annotators: ["eve", "bob"], classes: ["9", "10"] });
    expect([...itemStart]).toEqual([0, 3, 4]);
    expect([...annotator]).toEqual([0, 1, 0, 1]);
    expect([...label]).toEqual([1, 1, 0, 0]);
    expect([...weight!]).toEqual([1, 2, 1, 1]);
  });

  it("orders classes by number if all are numbers, else by name, and never by their first row", () => {
    const classesOf = (...labels: string[]) =>
      annotationsFrom(labels.map((label, item) => ({ item, annotator: 0, label }))).names.classes;
    expect(classesOf("10", "9", "-1")).toEqual(["-1", "9", "10"]);
    expect(classesOf("10", "9", "x")).toEqual(["10", "9", "x"]);
    expect(classesOf("b", "a")).toEqual(["a", "b"]);
  });

  it("takes classes that nobody chose, and truths of items without labels", () => {
    const { classes, items, truth, itemStart } = annotationsFrom(rows, {
      classes: [8, 9, 10],
      truth: { b: 8, c: "10" },
    });
    expect([classes, items]).toEqual([3, 3]);
    expect([...truth!]).toEqual([0, -1, 2]);
    expect([...itemStart]).toEqual([0, 3, 4, 4]);
  });

  it("holds more rows than it first has place for", () => {
    const many = Array.from({ length: 5000 }, (_, n) => ({ item: n % 7, annotator: n % 11, label: n % 3 }));
    const { label, itemStart } = annotationsFrom(many);
    expect(label).toHaveLength(5000);
    expect(itemStart[7]).toBe(5000);
  });

  it("refuses labels and truths outside the classes, bad weights, and no rows, with the place", () => {
    expect(() => annotationsFrom(rows, { classes: ["9", "11"] })).toThrow(
      'row 1: the label is "10", which is not one of the classes 9, 11',
    );
    expect(() => annotationsFrom(rows, { classes: ["9", "10"], truth: { a: "12" } })).toThrow(
      'the truth of item "a" is "12"',
    );
    for (const weight of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => annotationsFrom([rows[0], { ...rows[1], weight }])).toThrow(
        `row 2: the weight is ${weight}`,
      );
    }
    expect(() => annotationsFrom([])).toThrow(UsageError);
  });
});
