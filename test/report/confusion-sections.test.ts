/** @file The section of confusion matrices: panels of those with the most labels, and a common one. */

import { expect, it } from "vitest";
import { confusionSection } from "../../src/report/confusion-sections.js";

const annotators = Array.from({ length: 15 }, (_, l) => `a${l}`);
const confusion = Float64Array.from(
  { length: 60 },
  (_, at) => Math.floor(at / 4) / 100 + [0.7, 0.3, 0.2, 0.8][at % 4] / 10,
);

it("draws the annotators with the most labels, after the common matrix", () => {
  const section = confusionSection({
    classes: ["cat", "doggy"],
    ...{ annotators, confusion, common: [1, 0, 0, 1] },
    labels: annotators.map((_, l) => l),
  })!;
  expect(section.panels.length).toBe(13);
  expect(section.panels[0]).toMatchObject({
    title: "all annotators",
    values: [1, 0, 0, 1],
    rows: 2,
    columns: 2,
  });
  expect(section.panels[1].title).toBe("a14");
  expect(Array.from(section.panels[1].values)).toEqual(Array.from(confusion.subarray(56, 60)));
  expect(section.panels[1].labels).toEqual(["cat", undefined, undefined, "dog"]);
  expect(section.reading).toContain("cat, doggy");
});

it("is nothing where there is no matrix", () => {
  expect(confusionSection({ classes: ["a"], annotators: [], confusion: [] })).toBeUndefined();
});
