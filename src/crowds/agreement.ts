/** @file How far annotators agree: Fleiss' κ, Krippendorff's α, Cohen's κ of pairs, and annotators who copy. */

import { type Annotations, byAnnotator } from "./annotations.js";

export interface Agreement {
  /** The probability that two labels of an item by different answers agree, over items with two or more. */
  readonly observed: number;
  /** The same for answers that are drawn from all labels of such items. */
  readonly expected: number;
  /** (observed − expected) / (1 − expected), items weighted alike [Fleiss 1971]; NaN where all labels are one class. */
  readonly fleissKappa: number;
  /** 1 − disagreement / expected disagreement of nominal values, labels weighted alike [Krippendorff 2011]. */
  readonly krippendorffAlpha: number;
  /** Pairs with `least` or more common items, those who agree most first: `most` of them at most. */
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
 * The agreement of annotators, in memory that grows with the labels and not with the pairs of annotators. Of several labels by one annotator for an item, pairs use the last.
 *
 * @param least fewest common items of a listed pair
 * @param most largest number of listed pairs: those who agree most
 */
export function agreement(
  annotations: Annotations,
  { least = 10, most = 100_000 }: { least?: number; most?: number } = {},
): Agreement {
  return { ...amongLabels(annotations), pairs: amongPairs(annotations, Math.max(1, Math.ceil(least)), most) };
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

/**
 * Pairs, annotator by annotator, so that the memory is that of the labels, and of the pairs that are listed, however many
 * others there are.
 */
function amongPairs(annotations: Annotations, least: number, most: number) {
  const { annotators, classes: K } = annotations;
  const withLater = createCommon(annotations);
  /** By annotator: common items, and where those with that one end in `order`. */
  const [items, end] = [new Int32Array(annotators), new Int32Array(annotators)];
  const [rows, columns] = [new Float64Array(K), new Float64Array(K)];
  let pairs: PairAgreement[] = [];
  for (let a = 0; a < annotators; a++) {
    const { count, other, own, theirs } = withLater(a);
    const later: number[] = [];
    for (let c = 0; c < count; c++) if (++items[other[c]] === least) later.push(other[c]);
    let total = 0;
    for (const b of later.sort((x, y) => x - y)) {
      end[b] = total;
      total += items[b];
    }
    const order = new Int32Array(total);
    for (let c = 0; c < count; c++) if (items[other[c]] >= least) order[end[other[c]]++] = c;
    for (const b of later) {
      rows.fill(0);
      columns.fill(0);
      let agreed = 0;
      for (const c of order.subarray(end[b] - items[b], end[b])) {
        rows[own[c]]++;
        columns[theirs[c]]++;
        if (own[c] === theirs[c]) agreed++;
      }
      pairs.push(pairOf([a, b], items[b], agreed, rows, columns));
    }
    for (let c = 0; c < count; c++) items[other[c]] = 0;
    if (pairs.length > 2 * most) pairs = pairs.sort(byAgreement).slice(0, most);
  }
  return pairs.sort(byAgreement).slice(0, most);
}

const byAgreement = (a: PairAgreement, b: PairAgreement) =>
  b.agreed / b.items - a.agreed / a.items || b.items - a.items;

function pairOf(
  annotators: readonly [number, number],
  items: number,
  agreed: number,
  rows: Float64Array,
  columns: Float64Array,
): PairAgreement {
  let [expected, used] = [0, 0];
  for (let k = 0; k < rows.length; k++) {
    expected += (rows[k] / items) * (columns[k] / items);
    if (rows[k] > 0) used++;
  }
  const kappa = (agreed / items - expected) / (1 - expected);
  return { annotators, items, agreed, kappa, identical: agreed === items && used > 1 };
}

/**
 * The labels that annotators later than `a` gave to items of `a`, beside those of `a`, one for each item and annotator:
 * `count` of them in arrays that the next call writes over.
 */
function createCommon(annotations: Annotations) {
  const { annotators, itemStart, annotator, label } = annotations;
  const { start, label: labels, item } = byAnnotator(annotations);
  let most = 0;
  for (let a = 0; a < annotators; a++) {
    let sum = 0;
    for (let p = start[a]; p < start[a + 1]; p++) sum += itemStart[item[p] + 1] - itemStart[item[p]];
    most = Math.max(most, sum);
  }
  const [other, own, theirs] = [new Int32Array(most), new Int32Array(most), new Int32Array(most)];
  /** Where the label of an annotator is, if it is for the item of label p: `seen` is p. */
  const [place, seen] = [new Int32Array(annotators), new Int32Array(annotators).fill(-1)];
  return (a: number) => {
    let count = 0;
    for (let p = start[a]; p < start[a + 1]; p++) {
      const i = item[p];
      if (p + 1 < start[a + 1] && item[p + 1] === i) continue;
      for (let n = itemStart[i]; n < itemStart[i + 1]; n++) {
        const b = annotator[n];
        if (b <= a) continue;
        if (seen[b] !== p) place[b] = count++;
        seen[b] = p;
        other[place[b]] = b;
        own[place[b]] = label[labels[p]];
        theirs[place[b]] = label[n];
      }
    }
    return { count, other, own, theirs };
  };
}
