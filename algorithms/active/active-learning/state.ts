/** @file The state of active learning, and what follows from it. */

import type { Classifier, Model } from "../../../src/active/index.js";
import { featuresOf, type LabelledSet, type Split } from "../../../src/datasets/labelled.js";
import type { Labeller } from "../../../src/people/index.js";
import type { QueryBook } from "../../../src/people/query-book.js";
import type { Rng } from "../../../src/random/rng.js";
import { type Beliefs, beliefsOf, type Given } from "./answers.js";
import type { Resolved } from "./options.js";
import type { Standard } from "./standard.js";

export interface ActiveState {
  split: Split;
  /** Items with labels that cost nothing, because only some items of the data have none. */
  known: { items: Int32Array; labels: Int32Array };
  book: QueryBook<"label">;
  /** The item of each question, by its number. */
  asked: number[];
  /** The annotator of each question, by its number; 0 where anyone may answer. */
  askedOf: number[];
  answers: Given[];
  /** Whether a batch is open that the model waits for, and its number of questions. */
  waitingFor: number;
  model?: Model;
  /** The curve: accuracy on the test after so many questions. */
  curve: { labels: number[]; values: number[] };
  /** With `stableFor`: the predicted classes of the pool, and the batches in a row that left them. */
  predicted?: Int32Array;
  stable: number;
  /** Whether a rule has ended the run. */
  isStopped: boolean;
  rng: Rng;
  live: Live;
}

interface Live {
  derived: true;
  set: LabelledSet;
  classifier: Classifier;
  standard?: Standard;
  labeller: Labeller<"label">;
  budget: number;
  /** The beliefs after these answers: a fit of annotators takes time. */
  believed?: { answers: string; value: Beliefs };
}

/** The answers in the order of their questions. */
export const answersOf = ({ answers }: ActiveState): Given[] => [...answers].sort((a, b) => a.id - b.id);

/** Number of questions that are answered, skipped or withdrawn: what has been paid. */
export const paid = ({ book }: ActiveState): number => book.answered + book.skipped + book.withdrawn;

/** Questions that may still be asked. */
export const left = ({ live, book }: ActiveState): number => live.budget - book.asked;

/** Items of the pool that were never asked about and have no label. */
export function candidatesOf({ split, known, asked }: ActiveState): Int32Array {
  const gone = new Set([...known.items, ...asked]);
  return split.pool.filter((item) => !gone.has(item));
}

/** What the answers so far say of the items. */
export function beliefs(state: ActiveState, { aggregate }: Pick<Resolved, "aggregate">): Beliefs {
  const { live, known } = state;
  const given = answersOf(state);
  const answers = given.map(({ id, label, annotator }) => [id, label, annotator].join()).join(";");
  if (live.believed?.answers !== answers) {
    const features = (items: ArrayLike<number>) => featuresOf(live.set, items);
    const value = beliefsOf(given, known, live.set.classes.length, aggregate, features);
    live.believed = { answers, value };
  }
  return live.believed.value;
}
