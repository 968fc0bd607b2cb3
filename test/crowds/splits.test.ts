/** @file Splits by items and by labels. */

import { describe, expect, it } from "vitest";
import {
  annotationsFrom,
  dawidSkene,
  joinAnnotations,
  selectItems,
  splitItems,
  splitLabels,
  withLabels,
} from "../../src/crowds/index.js";
import { createRng } from "../../src/random/rng.js";
import { anaesthetists } from "../support/crowds.js";

const rows = [
  { item: "a", annotator: "x", label: 1, weight: 2 },
  { item: "a", annotator: "y", label: 0 },
  { item: "b", annotator: "x", label: 0 },
  { item: "c", annotator: "y", label: 1 },
  { item: "c", annotator: "x", label: 1 },
  { item: "c", annotator: "z", label: 0 },
];
const set = annotationsFrom(rows, { truth: { c: 1 } });

describe("splits", () => {
  it("select items with all that belongs to them", () => {
    const chosen = selectItems(set, [2, 0]);
    expect(chosen).toMatchObject({ items: 2, annotators: 3, classes: 2 });
    expect([...chosen.itemStart]).toEqual([0, 3, 5]);
    expect([...chosen.label]).toEqual([1, 1, 0, 1, 0]);
    expect([...chosen.weight!]).toEqual([1, 1, 1, 2, 1]);
    expect([...chosen.truth!]).toEqual([1, -1]);
    expect(chosen.names.items).toEqual(["c", "a"]);
  });

  it("by items keep the labels of an item together", () => {
    const { train, heldOut } = splitItems(anaesthetists(), 0.2, createRng(0));
    expect([train.items, heldOut.items]).toEqual([36, 9]);
    expect(train.label.length + heldOut.label.length).toBe(315);
    expect(new Set([...train.names.items, ...heldOut.names.items]).size).toBe(45);
    expect(dawidSkene(train).posterior.length).toBe(36 * 4);
    expect(() => splitItems(set, 0.1, createRng(0))).toThrow(/both parts/);
  });

  it("by labels leave each item one, and keep the numbers of items", () => {
    const { train, heldOut } = splitLabels(anaesthetists(), 0.3, createRng(1));
    expect(heldOut.label.length).toBe(Math.round(0.3 * 315));
    expect(train.items).toBe(45);
    const most = splitLabels(set, 0.9, createRng(1)).train;
    for (let i = 0; i < 3; i++) expect(most.itemStart[i + 1] - most.itemStart[i]).toBe(1);
  });
});

it("keeps the times of the labels that it keeps, and no count of duplicates", () => {
  const rows = [1, 2, 3, 1].map((seconds, n) => ({ item: n % 2, annotator: n % 3, label: n % 2, seconds }));
  const annotations = annotationsFrom([...rows, rows[0]]);
  expect(annotations.duplicates).toBe(1);
  const [second, first] = [selectItems(annotations, [1]), withLabels(annotations, (n) => n === 0)];
  expect([...second.seconds!]).toEqual([2, 1]);
  expect([...first.seconds!]).toEqual([1]);
  for (const part of [first, second]) expect(part).not.toHaveProperty("duplicates");
  const joined = joinAnnotations(second, annotationsFrom([{ item: 7, annotator: 7, label: 0 }]));
  expect([...joined.seconds!]).toEqual([2, 1, Number.NaN]);
});
