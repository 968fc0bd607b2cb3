/** @file Labelled sets: their checks, and their division into pool, validation and test. */

import { describe, expect, it } from "vitest";
import {
  checkSplit,
  featuresOf,
  itemsIn,
  type LabelledSet,
  labelledSet,
  splitLabelled,
  withClasses,
} from "../../src/datasets/labelled.js";
import { UsageError } from "../../src/errors.js";
import { createRng } from "../../src/random/rng.js";

const set: LabelledSet = {
  features: Float32Array.from({ length: 40 }, (_, i) => i),
  shape: [2],
  classes: ["a", "b", "c"],
  labels: Int32Array.from({ length: 20 }, (_, i) => (i < 4 ? -1 : i % 3)),
};

describe("a labelled set", () => {
  it("has a row of features for each item", () => {
    expect(itemsIn(set)).toBe(20);
    expect([...featuresOf(set, [3, 1])]).toEqual([6, 7, 2, 3]);
  });

  it("is refused with the item and the value that do not fit", () => {
    const wrong = (own: Partial<LabelledSet>) => () => labelledSet({ ...set, ...own });
    expect(labelledSet(set)).toBe(set);
    expect(wrong({ features: set.features.with(5, Number.NaN) })).toThrow("item 2: feature 1 is NaN");
    expect(wrong({ labels: set.labels!.with(3, 3) })).toThrow(
      "item 3: its label is 3; it must be a class from 0 to 2",
    );
    expect(wrong({ labels: set.labels!.with(3, -2) })).toThrow("item 3: its label is -2");
    expect(wrong({ shape: [3] })).toThrow("40 features are no whole number of items of the shape [3]");
    expect(wrong({ shape: [0] })).toThrow(UsageError);
    expect(wrong({ classes: ["a"] })).toThrow("at least 2 classes");
    expect(wrong({ classes: ["a", "b", "a"] })).toThrow('the class "a" is there twice');
    expect(wrong({ names: ["x"] })).toThrow("there are 1 names for 20 items");
    expect(wrong({ features: new Float32Array(0) })).toThrow("there are no items");
    expect(wrong({ test: Int32Array.of(20) })).toThrow("test has the item 20");
  });
});

describe("the classes of a set", () => {
  const some = { ...set, classes: ["no"], labels: Int32Array.from({ length: 20 }, (_, i) => (i % 2) - 1) };

  it("are those that are given, in their order", () => {
    const named = withClasses(some, ["yes", "no"]);
    expect(named.classes).toEqual(["yes", "no"]);
    expect([...named.labels!.subarray(0, 4)]).toEqual([-1, 1, -1, 1]);
    expect(withClasses(set)).toEqual(set);
  });

  it("must be two, and have all labels", () => {
    expect(() => withClasses(some)).toThrow('all labels are "no": name the classes');
    expect(() => withClasses({ ...set, classes: [], labels: undefined })).toThrow(
      "no item has a label: name",
    );
    expect(() => withClasses(some, ["yes", "maybe"])).toThrow(
      'the label "no" is none of the classes yes, maybe',
    );
    expect(() => withClasses({ ...set, labels: set.labels!.with(3, 7) })).toThrow("item 3: its label is 7");
  });
});

describe("a split", () => {
  it("has every item in one part, and items without a label in the pool alone", () => {
    const split = splitLabelled(set, { test: 0.25, validation: 3 }, createRng(1));
    expect([split.test.length, split.validation.length, split.pool.length]).toEqual([5, 3, 12]);
    expect([...split.pool, ...split.validation, ...split.test].sort((a, b) => a - b)).toEqual(
      Array.from({ length: 20 }, (_, i) => i),
    );
    expect([...split.pool]).toEqual(expect.arrayContaining([0, 1, 2, 3]));
    expect(() => checkSplit(set, split)).not.toThrow();
    expect(splitLabelled(set, { test: 0.25, validation: 3 }, createRng(1))).toEqual(split);
    expect(splitLabelled(set, { test: 0.25, validation: 3 }, createRng(2))).not.toEqual(split);
  });

  it("keeps the test items of the files", () => {
    const test = Int32Array.of(17, 18, 19);
    const split = splitLabelled({ ...set, test }, { test: 0.5, validation: 2 }, createRng(1));
    expect([...split.test]).toEqual([17, 18, 19]);
    expect(split.pool).toHaveLength(15);
  });

  it("is refused where nothing is left in the pool, or an item is in two parts", () => {
    const known = { ...set, labels: new Int32Array(20) };
    expect(() => splitLabelled(known, { test: 20, validation: 0 }, createRng(1))).toThrow(
      "nothing is left to ask",
    );
    const rows = (...list: number[]) => Int32Array.from(list);
    const check = (pool: Int32Array, validation: Int32Array, test: Int32Array) => () =>
      checkSplit(set, { pool, validation, test });
    expect(check(rows(0, 1), rows(2), rows(3, 1))).toThrow("item 1 is in pool and in test");
    expect(check(rows(0, 1), rows(1), rows(3))).toThrow("item 1 is in pool and in validation");
    expect(check(rows(0, 0), rows(1), rows(3))).toThrow("item 0 is in pool twice");
    expect(check(rows(0), rows(1), rows(20))).toThrow("test has the item 20");
  });
});
