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
import { type Crowd, countAnswer, createCrowd, judge, personIn, weightOf } from "./crowd.js";

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
  /** The learner's action at that time. */
  own: ActionBatch;
  annotator?: string;
}

/** Labels and aggregated pairs. Plain data. */
export interface LabelStore {
  pairs: LabelledPairs;
  /** The id of the query that each pair answers, `[capacity]`; 0 for demonstrations. */
  ids: Int32Array;
  /** Labels that have arrived since the last fit, in any order. */
  fresh: Label[];
  /** Who answered, where people are trusted by their agreement. */
  crowd?: Crowd;
}

/**
 * An empty store of labels beside `pairs`, with room for `capacity` pairs.
 *
 * @param isTrusting whether labels are weighed by the agreement of those who gave them
 */
export const createLabelStore = (pairs: LabelledPairs, capacity: number, isTrusting = false): LabelStore => ({
  pairs: isTrusting ? { weights: new Float32Array(capacity).fill(1), ...pairs } : pairs,
  ids: new Int32Array(capacity),
  fresh: [],
  ...(isTrusting && { crowd: createCrowd(capacity) }),
});

/** The operations of answers on a store. */
export function labelsOf(store: LabelStore, spaces: Spaces): Replies<"action", OwnAction> {
  const { actionSpace } = spaces;
  const mask = actionMaskOf(spaces);
  return {
    add({ id, observation, own }, { action: answer, annotator }) {
      const action = allocateActions(actionSpace, 1);
      flattenInto(actionSpace, answer as number | number[], action);
      if (mask && !isAllowed(mask, observation, 0, action)) {
        throw new UsageError(
          `dagger: the label ${action.join(", ")} of question ${id} is an action that ${mask.name} forbids`,
        );
      }
      const far = difference(action, own, isIntegral(actionSpace));
      store.fresh.push({
        ...{ id, observation, action, own, difference: far },
        ...(annotator !== undefined && { annotator }),
      });
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
 * Returns them as a separate set of pairs, with the mean of their differences. Where people are trusted by agreement, all
 * labels get the weights of those who gave them.
 *
 * @param isFitted whether the learner whose actions the labels are compared with was fitted to others before
 */
export function takeFresh(
  store: LabelStore,
  spaces: Spaces,
  isFitted = true,
): { added: LabelledPairs; meanDifference: number } {
  const labels = store.fresh.sort((a, b) => a.id - b.id);
  const { crowd } = store;
  const added = createPairs(spaces, labels.length);
  let total = 0;
  for (const label of labels) {
    const { id, observation, action, difference: far } = label;
    store.ids[store.pairs.count] = id;
    if (crowd) {
      const person = personIn(crowd, label.annotator, spaces.actionSpace);
      crowd.by[store.pairs.count] = person;
      if (isFitted) countAnswer(crowd, person, label);
    }
    appendPairs(store.pairs, observation, action, 1);
    appendPairs(added, observation, action, 1);
    total += far;
  }
  store.fresh = [];
  if (crowd) {
    judge(crowd, spaces.actionSpace);
    weigh(store.pairs, crowd);
    added.weights = store.pairs.weights!.slice(store.pairs.count - added.count, store.pairs.count);
  }
  return { added, meanDifference: labels.length > 0 ? total / labels.length : 0 };
}

/** Gives the labels of each person their weight. */
function weigh({ count, weights }: LabelledPairs, crowd: Crowd): void {
  for (let pair = 0; pair < count; pair++) {
    if (crowd.by[pair] > 0) weights![pair] = weightOf(crowd, crowd.by[pair]);
  }
}

/** Removes the pair of a query and closes the gap; false where the query has no pair. */
function removePair({ pairs, ids, crowd }: LabelStore, id: number): boolean {
  const at = ids.subarray(0, pairs.count).indexOf(id);
  if (at < 0) return false;
  const capacity = ids.length;
  const optional = [pairs.weights, crowd?.by].filter((array) => array !== undefined);
  for (const array of [pairs.observations, pairs.actions, ids, ...optional]) {
    const width = array.length / capacity;
    array.copyWithin(at * width, (at + 1) * width, pairs.count * width);
  }
  pairs.count--;
  return true;
}
