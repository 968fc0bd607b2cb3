/** @file Splits of annotations: by items, and, for validation, by labels. */

import { UsageError } from "../errors.js";
import type { Rng } from "../random/rng.js";
import { type Annotations, labelsOf } from "./annotations.js";

/** The annotations of some items, by number, in the order given. Annotators and classes keep their numbers. */
export function selectItems(
  { duplicates, ...annotations }: Annotations,
  chosen: ArrayLike<number>,
): Annotations {
  const { itemStart, annotator, label, weight, seconds, truth, names } = annotations;
  const start = new Int32Array(chosen.length + 1);
  for (let i = 0; i < chosen.length; i++) {
    start[i + 1] = start[i] + itemStart[chosen[i] + 1] - itemStart[chosen[i]];
  }
  const rows = new Int32Array(start[chosen.length]);
  for (let i = 0, at = 0; i < chosen.length; i++) {
    for (let n = itemStart[chosen[i]]; n < itemStart[chosen[i] + 1]; n++) rows[at++] = n;
  }
  const own = Int32Array.from(chosen);
  return {
    ...annotations,
    ...{ items: chosen.length, itemStart: start },
    ...{ annotator: rows.map((n) => annotator[n]), label: rows.map((n) => label[n]) },
    ...(weight && { weight: Float64Array.from(rows, (n) => weight[n]) }),
    ...(seconds && { seconds: Float64Array.from(rows, (n) => seconds[n]) }),
    ...(truth && { truth: own.map((i) => truth[i]) }),
    // Names may be left out where there are millions of items.
    names: { ...names, items: names.items.length > 0 ? Array.from(own, (i) => names.items[i]) : [] },
  };
}

/**
 * Two parts of annotations, by items: all labels of an item are in one part.
 *
 * @param share of the items, that of the second part, rounded
 * @throws UsageError unless both parts have an item
 */
export function splitItems(
  annotations: Annotations,
  share: number,
  rng: Rng,
): { train: Annotations; heldOut: Annotations } {
  const { items } = annotations;
  const held = Math.round(share * items);
  if (!(held >= 1 && held < items)) {
    throw new UsageError(
      `splitItems: the share ${share} of ${items} items are ${held}; both parts need at least one`,
    );
  }
  const order = rng.shuffle(Int32Array.from({ length: items }, (_, i) => i));
  return {
    train: selectItems(annotations, order.subarray(held).toSorted()),
    heldOut: selectItems(annotations, order.subarray(0, held).toSorted()),
  };
}

/**
 * Two parts of annotations, by labels, with the same items: each item keeps at least one label in the first part. What is
 * fitted on it predicts the labels of the second one: so an epoch or an option is chosen without any truth.
 *
 * @param share of the labels, that of the second part, as far as items have several
 */
export function splitLabels(
  annotations: Annotations,
  share: number,
  rng: Rng,
): { train: Annotations; heldOut: Annotations } {
  const { items, itemStart } = annotations;
  const labels = labelsOf(annotations);
  const [isHeld, left] = [new Uint8Array(labels), new Int32Array(items)];
  const itemOf = new Int32Array(labels);
  for (let i = 0; i < items; i++) {
    left[i] = itemStart[i + 1] - itemStart[i];
    itemOf.fill(i, itemStart[i], itemStart[i + 1]);
  }
  let wanted = Math.round(share * labels);
  for (const n of rng.shuffle(Int32Array.from({ length: labels }, (_, n) => n))) {
    if (wanted === 0) break;
    if (left[itemOf[n]] < 2) continue;
    left[itemOf[n]]--;
    isHeld[n] = 1;
    wanted--;
  }
  return {
    train: withLabels(annotations, (n) => isHeld[n] === 0),
    heldOut: withLabels(annotations, (n) => isHeld[n] === 1),
  };
}

/** The annotations with some of their labels; items, annotators and classes keep their numbers. */
export function withLabels(
  { duplicates, ...annotations }: Annotations,
  isKept: (n: number) => boolean,
): Annotations {
  const { items, itemStart, annotator, label, weight, seconds } = annotations;
  const start = new Int32Array(items + 1);
  const kept: number[] = [];
  for (let i = 0; i < items; i++) {
    for (let n = itemStart[i]; n < itemStart[i + 1]; n++) if (isKept(n)) kept.push(n);
    start[i + 1] = kept.length;
  }
  return {
    ...annotations,
    itemStart: start,
    annotator: Int32Array.from(kept, (n) => annotator[n]),
    label: Int32Array.from(kept, (n) => label[n]),
    ...(weight && { weight: Float64Array.from(kept, (n) => weight[n]) }),
    ...(seconds && { seconds: Float64Array.from(kept, (n) => seconds[n]) }),
  };
}
