/** @file Agreement: published examples, pairs, and copies. */

import { describe, expect, it } from "vitest";
import { agreement, annotationsFrom } from "../../src/crowds/index.js";
import { createRng } from "../../src/random/rng.js";
import { coin, simulated } from "../support/crowds.js";

/** Rows from counts of classes, one item each. */
const fromCounts = (table: readonly (readonly number[])[]) =>
  annotationsFrom(
    table.flatMap((counts, item) =>
      counts
        .flatMap((count, label) => Array.from({ length: count }, () => label))
        .map((label, annotator) => ({
          item,
          annotator,
          label,
        })),
    ),
  );

describe("agreement", () => {
  it("has the κ of a table of 10 items, 14 raters and 5 classes", () => {
    // The worked example of https://en.wikipedia.org/wiki/Fleiss%27_kappa, whose κ is 0.210.
    const { observed, expected, fleissKappa } = agreement(
      fromCounts([
        [0, 0, 0, 0, 14],
        [0, 2, 6, 4, 2],
        [0, 0, 3, 5, 6],
        [0, 3, 9, 2, 0],
        [2, 2, 8, 1, 1],
        [7, 7, 0, 0, 0],
        [3, 2, 6, 3, 0],
        [2, 5, 3, 2, 2],
        [6, 5, 2, 1, 0],
        [0, 2, 2, 3, 7],
      ]),
    );
    expect(observed).toBeCloseTo(0.378, 3);
    expect(expected).toBeCloseTo(0.213, 3);
    expect(fleissKappa).toBeCloseTo(0.21, 3);
  });

  it("has the α of two observers and ten binary values", () => {
    // [Krippendorff 2011], section A: α = 0.095.
    const [a, b] = ["0100000000", "1110010010"];
    const rows = [...a].flatMap((label, item) => [
      { item, annotator: "a", label },
      { item, annotator: "b", label: b[item] },
    ]);
    expect(agreement(annotationsFrom(rows)).krippendorffAlpha).toBeCloseTo(0.095, 3);
  });

  it("has Cohen's κ of pairs with enough common items", () => {
    // 20 yes/yes, 5 yes/no, 10 no/yes, 15 no/no: κ = 0.4.
    const counts: [string, string, number][] = [
      ["yes", "yes", 20],
      ["yes", "no", 5],
      ["no", "yes", 10],
      ["no", "no", 15],
    ];
    let item = 0;
    const rows = counts.flatMap(([a, b, count]) =>
      Array.from({ length: count }, () => [
        { item, annotator: "a", label: a },
        { item: item++, annotator: "b", label: b },
      ]).flat(),
    );
    const { pairs } = agreement(annotationsFrom(rows));
    expect(pairs).toHaveLength(1);
    expect(pairs[0]).toMatchObject({ annotators: [0, 1], items: 50, agreed: 35, identical: false });
    expect(pairs[0].kappa).toBeCloseTo(0.4, 12);
    expect(agreement(annotationsFrom(rows), { least: 51 }).pairs).toEqual([]);
  });

  it("flags annotators who copy, and not two who always say the same class", () => {
    const { rows } = simulated([coin(0.7), coin(0.7)], 60, 0);
    const copied = rows
      .filter(({ annotator }) => annotator === 0)
      .map((row) => ({ ...row, annotator: "copy" }));
    const constant = rows.flatMap(({ item }) =>
      ["c", "d"].map((annotator) => ({ item, annotator, label: 0 })),
    );
    const annotations = annotationsFrom([...rows, ...copied, ...constant]);
    const names = annotations.names.annotators;
    const identical = agreement(annotations).pairs.filter((pair) => pair.identical);
    expect(identical.map(({ annotators }) => annotators.map((l) => names[l]))).toEqual([["0", "copy"]]);
  });

  it("has the pairs that comparing all of them has, in any order of rows, with the last of several labels", () => {
    const rng = createRng("pairs");
    const rows = Array.from({ length: 600 }, (_, at) => {
      const [item, annotator] = [rng.integer(40), rng.integer(12)];
      return { item, annotator, label: rng.uniform() < 0.6 ? item % 3 : rng.integer(3), at };
    });
    const annotations = annotationsFrom(rows, { classes: [0, 1, 2] });
    const names = annotations.names.annotators;
    const last = (annotator: string, item: number) =>
      rows.findLast((row) => String(row.annotator) === annotator && row.item === item)?.label;
    const expected = names.flatMap((a, i) =>
      names.slice(i + 1).flatMap((b) => {
        const common = Array.from({ length: 40 }, (_, item) => [last(a, item), last(b, item)]).filter(
          (pair) => pair[0] !== undefined && pair[1] !== undefined,
        );
        const agreed = common.filter(([x, y]) => x === y).length;
        return common.length < 15 ? [] : [`${a} ${b}: ${agreed} of ${common.length}`];
      }),
    );
    expect(expected.length).toBeGreaterThan(20);
    const { pairs } = agreement(annotations, { least: 15 });
    const found = pairs.map(({ annotators: [a, b], agreed, items }) => {
      return `${names[a]} ${names[b]}: ${agreed} of ${items}`;
    });
    expect(found.toSorted()).toEqual(expected.toSorted());
    expect(agreement(annotations, { least: 15, most: 7 }).pairs).toEqual(pairs.slice(0, 7));
  });
});
