/** @file DAgger's data set D [Ross, Gordon & Bagnell 2011, algorithm 3.1]: new labels, and the aggregated pairs. */

import type { Spaces } from "../../../src/datasets/demonstrations.js";
import { UsageError } from "../../../src/errors.js";
import type { OpenQuestion, Replies } from "../../../src/people/query-book.js";
import {
  actionMaskOf,
  allocateActions,
  flattenInto,
  isAllowed,
  isIntegral,
} from "../../../src/spaces/index.js";
import type { ActionBatch } from "../../../src/spaces/values.js";
import { appendPairs, createPairs, type LabelledPairs } from "../../shared/labelled-pairs.js";

/** Stored with each query: the learner's own action, one flat row. */
export interface OwnAction {
  own: ActionBatch;
}

export type OpenQuery = OpenQuestion<"action", OwnAction>;

/** A label that has arrived. Plain data. */
interface Label {
  id: number;
  observation: Float32Array;
  action: ActionBatch;
  /** The {@link difference} between the label and the learner's action at the time of the query. */
  difference: number;
}

/** Labels and aggregated pairs. Plain data. */
export interface LabelStore {
  pairs: LabelledPairs;
  /** The id of the query that each pair answers, `[capacity]`; 0 for demonstrations. */
  ids: Int32Array;
  /** Labels that have arrived since the last fit, in any order. */
  fresh: Label[];
}

/** An empty store of labels beside `pairs`, with room for `capacity` pairs. */
export const createLabelStore = (pairs: LabelledPairs, capacity: number): LabelStore => ({
  pairs,
  ids: new Int32Array(capacity),
  fresh: [],
});

/** The operations of answers on a store. */
export function labelsOf(store: LabelStore, spaces: Spaces): Replies<"action", OwnAction> {
  const { actionSpace } = spaces;
  const mask = actionMaskOf(spaces);
  return {
    add({ id, observation, own }, { action: answer }) {
      const action = allocateActions(actionSpace, 1);
      flattenInto(actionSpace, answer as number | number[], action);
      if (mask && !isAllowed(mask, observation, 0, action)) {
        throw new UsageError(
          `dagger: the label ${action.join(", ")} of question ${id} is an action that ${mask.name} forbids`,
        );
      }
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

/** Discrete actions: 1 where they differ, else 0. Boxes: the squared distance. */
function difference(label: ActionBatch, own: ActionBatch, isChoice: boolean): number {
  if (isChoice) return label.some((x, j) => x !== own[j]) ? 1 : 0;
  let squared = 0;
  for (let j = 0; j < label.length; j++) squared += (label[j] - own[j]) ** 2;
  return squared;
}

/** The index of a query's label among the new labels. */
export const labelOf = ({ fresh }: LabelStore, id: number): ActionBatch | undefined =>
  fresh.findLast((label) => label.id === id)?.action;

/**
 * Moves the new labels to the pairs, in the order of their queries, so that the order of arrival does not matter.
 * Returns them as a separate set of pairs, with the mean of their differences.
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

/** Removes the pair of a query and closes the gap; false where the query has no pair. */
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
