/** @file How far annotators agree: Fleiss' κ, Krippendorff's α, Cohen's κ of pairs, and annotators who copy. */

import type { Annotations } from "./annotations.js";

export interface Agreement {
  /** The probability that two labels of an item by different answers agree, over items with two or more. */
  readonly observed: number;
  /** The same for answers that are drawn from all labels of such items. */
  readonly expected: number;
  /** (observed − expected) / (1 − expected), items weighted alike [Fleiss 1971]; NaN where all labels are one class. */
  readonly fleissKappa: number;
  /** 1 − disagreement / expected disagreement of nominal values, labels weighted alike [Krippendorff 2011]. */
  readonly krippendorffAlpha: number;
  /** Pairs with `least` or more common items, those who agree most first. */
  readonly pairs: readonly PairAgreement[];
}

export interface PairAgreement {
  /** The numbers of the annotators, the smaller first. */
  readonly annotators: readonly [number, number];
  /** Number of items that both labelled. */
  readonly items: number;
  readonly agreed: number;
  /** Cohen's κ [Cohen 1960]; NaN where both always give one and the same class. */
  readonly kappa: number;
  /** Whether they agree on every common item although they use several classes: one may copy the other. */
  readonly identical: boolean;
}

/**
 * The agreement of annotators. Of several labels by one annotator for an item, pairs use the last.
 *
 * @param least fewest common items of a listed pair
 */
export function agreement(annotations: Annotations, { least = 10 }: { least?: number } = {}): Agreement {
  return { ...amongLabels(annotations), pairs: amongPairs(annotations, least) };
}

function amongLabels({ items, classes: K, itemStart, label }: Annotations) {
  const all = new Float64Array(K);
  const counts = new Float64Array(K);
  let [rated, total, byItems, byLabels] = [0, 0, 0, 0];
  for (let i = 0; i < items; i++) {
    const m = itemStart[i + 1] - itemStart[i];
    if (m < 2) continue;
    counts.fill(0);
    for (let n = itemStart[i]; n < itemStart[i + 1]; n++) counts[label[n]]++;
    let agreeing = 0;
    for (let k = 0; k < K; k++) {
      agreeing += counts[k] * (counts[k] - 1);
      all[k] += counts[k];
    }
    rated++;
    total += m;
    byItems += agreeing / (m * (m - 1));
    byLabels += agreeing / (m - 1);
  }
  let [squares, pairs] = [0, 0];
  for (const count of all) {
    squares += (count / total) ** 2;
    pairs += count * (count - 1);
  }
  const observed = byItems / rated;
  return {
    observed,
    expected: squares,
    fleissKappa: (observed - squares) / (1 - squares),
    krippendorffAlpha: 1 - (1 - byLabels / total) / (1 - pairs / (total * (total - 1))),
  };
}

function amongPairs(
  { items, annotators, classes: K, itemStart, annotator, label }: Annotations,
  least: number,
) {
  /** Common items by pair, `[a · annotators + b]`: `[observed of a, observed of b]` counts. */
  const tables = new Map<number, Float64Array>();
  const own = new Map<number, number>();
  for (let i = 0; i < items; i++) {
    own.clear();
    for (let n = itemStart[i]; n < itemStart[i + 1]; n++) own.set(annotator[n], label[n]);
    const answers = [...own].sort(([a], [b]) => a - b);
    for (let p = 0; p < answers.length; p++) {
      for (let q = p + 1; q < answers.length; q++) {
        const key = answers[p][0] * annotators + answers[q][0];
        let table = tables.get(key);
        if (!table) {
          table = new Float64Array(K * K);
          tables.set(key, table);
        }
        table[answers[p][1] * K + answers[q][1]]++;
      }
    }
  }
  const pairs: PairAgreement[] = [];
  for (const [key, table] of tables) {
    const total = table.reduce((sum, count) => sum + count, 0);
    if (total < least) continue;
    const [rows, columns] = [new Float64Array(K), new Float64Array(K)];
    table.forEach((count, at) => {
      rows[Math.floor(at / K)] += count;
      columns[at % K] += count;
    });
    let [agreed, expected] = [0, 0];
    for (let k = 0; k < K; k++) {
      agreed += table[k * K + k];
      expected += (rows[k] / total) * (columns[k] / total);
    }
    pairs.push({
      annotators: [Math.floor(key / annotators), key % annotators],
      items: total,
      agreed,
      kappa: (agreed / total - expected) / (1 - expected),
      identical: agreed === total && rows.filter((count) => count > 0).length > 1,
    });
  }
  return pairs.sort((a, b) => b.agreed / b.items - a.agreed / a.items || b.items - a.items);
}
