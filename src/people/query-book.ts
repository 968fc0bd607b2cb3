/** @file The query book: all questions and answers so far. It is part of a learner's state. */

import { UsageError } from "../errors.js";
import { type KindName, type Kinds, kinds } from "./kinds/index.js";
import type { Answer, Numbered } from "./question.js";
import { whyStranger } from "./question-file.js";

/** A question without an answer. `Extra` is the learner's own data about it. Plain data. */
export type OpenQuestion<K extends KindName = "action", Extra extends object = object> = Numbered &
  Kinds[K]["subject"] &
  Extra;

/** Plain data. */
export interface QueryBook<K extends KindName = "action", Extra extends object = object> {
  /** Number of questions so far, which is also the last id. */
  asked: number;
  /** Number of batches so far. */
  batches: number;
  /** Number of replies that were not withdrawn. */
  answered: number;
  /** Number of skips that were not withdrawn. */
  skipped: number;
  withdrawn: number;
  /** The ids of the skipped questions, ascending, because a skip can be withdrawn. */
  skippedIds: number[];
  /** Questions not asked yet, by id; their batch is 0. */
  noted: OpenQuestion<K, Extra>[];
  /** Questions asked and not answered, by id. */
  open: OpenQuestion<K, Extra>[];
}

export const createQueryBook = <K extends KindName, Extra extends object>(): QueryBook<K, Extra> => ({
  asked: 0,
  batches: 0,
  answered: 0,
  skipped: 0,
  withdrawn: 0,
  skippedIds: [],
  noted: [],
  open: [],
});

/** Adds a question, to be asked later, and returns its id. The book takes ownership of the question's objects. */
export function note<K extends KindName, Extra extends object>(
  book: QueryBook<K, Extra>,
  question: Kinds[K]["subject"] & Pick<Numbered, "for"> & Extra,
): number {
  book.asked++;
  book.noted.push({ ...question, id: book.asked, batch: 0 });
  return book.asked;
}

/** Opens the added questions with ids from `from` on that `chosen` accepts, as a new batch. */
export function openBatch<K extends KindName, Extra extends object>(
  book: QueryBook<K, Extra>,
  from: number,
  chosen: (question: OpenQuestion<K, Extra>) => boolean,
): void {
  const { noted } = book;
  // A round adds thousands of questions, and a step needs only the last few.
  let first = noted.length;
  while (first > 0 && noted[first - 1].id >= from) first--;
  const looked = noted.splice(first);
  const batch = book.batches + 1;
  const added = looked.filter(chosen).map((question) => ({ ...question, batch }));
  noted.push(...looked.filter((question) => !chosen(question)));
  if (added.length === 0) return;
  book.batches = batch;
  book.open = [...book.open, ...added].sort((a, b) => a.id - b.id);
}

/** The learner's operations on replies. */
export interface Replies<K extends KindName = "action", Extra extends object = object> {
  /** Adds the reply to an open question. */
  add(question: OpenQuestion<K, Extra>, answer: Kinds[K]["reply"] & Signature): void;
  /** Removes a reply; false if the question has none. */
  remove(id: number): boolean;
}

/** The annotator of an answer, and the response time (s). */
type Signature = Pick<Answer, "annotator" | "seconds">;

/**
 * Records answers, one for each question. Further answers to a closed question are ignored, except a withdrawal, which
 * removes the reply or the skip. If one of the answers is invalid, none is recorded. The result does not depend on the
 * order of answers to different questions, or on their division into calls.
 *
 * @throws UsageError for an invalid reply, one by another annotator than was asked, or a question that was never asked
 */
export function settle<K extends KindName, Extra extends object>(
  book: QueryBook<K, Extra>,
  answers: readonly Answer<K>[],
  { kind, context, labeller }: { kind: K; context: Kinds[K]["context"]; labeller: string },
  replies: Replies<K, Extra>,
): void {
  const open = new Map(book.open.map((question) => [question.id, question]));
  const { field, read } = kinds[kind];
  const checked = answers.map((answer) => {
    const { id } = answer;
    if (!(Number.isInteger(id) && id >= 1 && id <= book.asked)) {
      throw new UsageError(`the labeller "${labeller}" answered query ${id}, which was never asked`);
    }
    if ("withdrawn" in answer) return { answer };
    const question = open.get(id);
    const stranger = question && whyStranger(answer, question);
    if (stranger) throw new UsageError(`the labeller "${labeller}": ${stranger}`);
    if ("skipped" in answer) return { answer };
    const reply = question && read(Reflect.get(answer, field), context, question);
    if (typeof reply === "string") throw new UsageError(`the labeller "${labeller}", query ${id}: ${reply}`);
    return { answer, reply };
  });
  for (const { answer, reply } of checked) {
    const { id } = answer;
    const question = open.get(id);
    if ("withdrawn" in answer) withdraw(book, id, question !== undefined, replies);
    else if (!question) continue;
    else if (reply) {
      replies.add(question, { ...answer, ...reply });
      book.answered++;
    } else {
      book.skipped++;
      book.skippedIds.push(id);
    }
    open.delete(id);
  }
  book.open = book.open.filter(({ id }) => open.has(id));
  book.skippedIds.sort((a, b) => a - b);
}

function withdraw<K extends KindName, Extra extends object>(
  book: QueryBook<K, Extra>,
  id: number,
  isOpen: boolean,
  replies: Replies<K, Extra>,
): void {
  const skip = book.skippedIds.indexOf(id);
  if (skip >= 0) {
    book.skippedIds.splice(skip, 1);
    book.skipped--;
  } else if (!isOpen) {
    if (!replies.remove(id)) return;
    book.answered--;
  }
  book.withdrawn++;
}
