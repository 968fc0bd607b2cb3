/** @file What has been asked and what has come of it: the part of a learner's state that outlives a kill. */

import { UsageError } from "../errors.js";
import { type Space, whyOutside } from "../spaces/index.js";
import type { ActionBatch } from "../spaces/values.js";
import type { Tree } from "../state/snapshot.js";
import type { Answer, Query } from "./labeller.js";

/** A query that nothing has been said about. Plain data. */
export type OpenQuery = Omit<Query, "state"> & {
  /** What the learner itself would do there, one flat row. */
  own: ActionBatch;
  state?: Tree;
};

/** Plain data. */
export interface QueryBook {
  /** Queries so far, which is also the id of the last. */
  asked: number;
  /** Batches so far. */
  batches: number;
  /** Labels that were given and hold. */
  answered: number;
  skipped: number;
  withdrawn: number;
  /** Not asked yet, in order of their ids; their batch is 0. */
  noted: OpenQuery[];
  /** Asked, and nothing was said so far; in order of their ids. */
  open: OpenQuery[];
}

export const createQueryBook = (): QueryBook => ({
  asked: 0,
  batches: 0,
  answered: 0,
  skipped: 0,
  withdrawn: 0,
  noted: [],
  open: [],
});

/** Notes a query, to be asked later, and returns its id. */
export function note(book: QueryBook, query: Omit<OpenQuery, "id" | "batch">): number {
  book.asked++;
  book.noted.push({ ...query, id: book.asked, batch: 0 });
  return book.asked;
}

/** Opens those of the noted queries from id `from` on that are `chosen`, as a new batch. */
export function openBatch(book: QueryBook, from: number, chosen: (query: OpenQuery) => boolean): void {
  const { noted } = book;
  // A round notes thousands, of which only the last few may be looked at in a step.
  let first = noted.length;
  while (first > 0 && noted[first - 1].id >= from) first--;
  const looked = noted.splice(first);
  const batch = book.batches + 1;
  const added = looked.filter(chosen).map((query) => ({ ...query, batch }));
  noted.push(...looked.filter((query) => !chosen(query)));
  if (added.length === 0) return;
  book.batches = batch;
  book.open = [...book.open, ...added].sort((a, b) => a.id - b.id);
}

/** What a label does. */
export interface Labels {
  /** A label for a query that was open. */
  add(query: OpenQuery, action: Extract<Answer, { action: unknown }>["action"]): void;
  /** Takes a label back; false where there is none of this id. */
  remove(id: number): boolean;
}

/**
 * Takes answers in, each query once: what is said about a query that is closed is dropped, but for a withdrawal, which
 * takes a label back. Where one of them is refused, none is taken in.
 *
 * @throws UsageError for an action that is none, or a query that was never asked
 */
export function settle(
  book: QueryBook,
  answers: readonly Answer[],
  { actionSpace, kind }: { actionSpace: Space; kind: string },
  labels: Labels,
): void {
  const open = new Map(book.open.map((query) => [query.id, query]));
  for (const answer of answers) {
    const { id } = answer;
    if (!(Number.isInteger(id) && id >= 1 && id <= book.asked)) {
      throw new UsageError(`the labeller "${kind}" answered query ${id}, which was never asked`);
    }
    const reason = "action" in answer && open.has(id) && whyOutside(actionSpace, answer.action);
    if (reason) throw new UsageError(`the labeller "${kind}", query ${id}: ${reason}`);
  }
  for (const answer of answers) {
    const { id } = answer;
    const query = open.get(id);
    if ("withdrawn" in answer) {
      if (!query && !labels.remove(id)) continue;
      if (!query) book.answered--;
      book.withdrawn++;
    } else if (!query) continue;
    else if ("skipped" in answer) book.skipped++;
    else {
      labels.add(query, answer.action);
      book.answered++;
    }
    open.delete(id);
  }
  book.open = book.open.filter(({ id }) => open.has(id));
}
