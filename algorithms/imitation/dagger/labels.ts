/** @file DAgger's data set D (Ross et al. 2011, algorithm 3.1): labels as they arrive, and the aggregated pairs. */

import type { Spaces } from "../../../src/datasets/demonstrations.js";
import type { OpenQuestion, Replies } from "../../../src/people/query-book.js";
import { allocateActions, flattenInto, isIntegral } from "../../../src/spaces/index.js";
import type { ActionBatch } from "../../../src/spaces/values.js";
import { appendPairs, createPairs, type LabelledPairs } from "../../shared/labelled-pairs.js";

/** What DAgger keeps beside a query: the action that the learner itself would take, one flat row. */
export interface OwnAction {
  own: ActionBatch;
}

export type OpenQuery = OpenQuestion<"action", OwnAction>;

/** One label. Plain data. */
interface Label {
  id: number;
  observation: Float32Array;
  action: ActionBatch;
  /** Its difference from the learner's action when the query was noted: see {@link difference}. */
  difference: number;
}

/** Plain data. */
export interface LabelStore {
  pairs: LabelledPairs;
  /** The query that each pair is the answer of, `[capacity]`; 0 for demonstrations. */
  ids: Int32Array;
  /** Labels that have arrived since the last fit, in any order. */
  fresh: Label[];
}

/** With room for as many labels as the pairs have room for. */
export const createLabelStore = (pairs: LabelledPairs, capacity: number): LabelStore => ({
  pairs,
  ids: new Int32Array(capacity),
  fresh: [],
});

/** What answers do to a store. */
export function labelsOf(store: LabelStore, { actionSpace }: Spaces): Replies<"action", OwnAction> {
  return {
    add({ id, observation, own }, { action: given }) {
      const action = allocateActions(actionSpace, 1);
      flattenInto(actionSpace, given as number | number[], action);
      const far = difference(action, own, isIntegral(actionSpace));
      store.fresh.push({ id, observation, action, difference: far });
    },
    remove(id) {
      const at = store.fresh.findIndex((label) => label.id === id);
      if (at >= 0) store.fresh.splice(at, 1);
      return at >= 0 || removePair(store, id);
    },
  };
}

/** 1 for another choice and 0 for the same; in a box, the squared distance. */
function difference(label: ActionBatch, own: ActionBatch, isChoice: boolean): number {
  if (isChoice) return label.some((x, j) => x !== own[j]) ? 1 : 0;
  let squared = 0;
  for (let j = 0; j < label.length; j++) squared += (label[j] - own[j]) ** 2;
  return squared;
}

/** The label of a query among those that have just arrived. */
export const labelOf = ({ fresh }: LabelStore, id: number): ActionBatch | undefined =>
  fresh.findLast((label) => label.id === id)?.action;

/**
 * Moves the fresh labels to the pairs, in the order of their queries: that of their arrival must not matter. Returns
 * them as pairs of their own, with the mean of their differences.
 */
export function takeFresh(
  store: LabelStore,
  spaces: Spaces,
): { added: LabelledPairs; meanDifference: number } {
  const labels = store.fresh.sort((a, b) => a.id - b.id);
  const added = createPairs(spaces, labels.length);
  let total = 0;
  for (const { id, observation, action, difference: far } of labels) {
    store.ids[store.pairs.count] = id;
    appendPairs(store.pairs, observation, action, 1);
    appendPairs(added, observation, action, 1);
    total += far;
  }
  store.fresh = [];
  return { added, meanDifference: labels.length > 0 ? total / labels.length : 0 };
}

/** Closes the gap that the pair of a query leaves; false where there is none. */
function removePair({ pairs, ids }: LabelStore, id: number): boolean {
  const at = ids.subarray(0, pairs.count).indexOf(id);
  if (at < 0) return false;
  const capacity = ids.length;
  for (const array of [pairs.observations, pairs.actions, ids, ...(pairs.weights ? [pairs.weights] : [])]) {
    const width = array.length / capacity;
    array.copyWithin(at * width, (at + 1) * width, pairs.count * width);
  }
  pairs.count--;
  return true;
}
