/** @file The book of questions: what was asked and answered so far. It is the part of a learner's state that people fill. */

import { UsageError } from "../errors.js";
import { type KindName, type Kinds, kinds } from "./kinds/index.js";
import type { Answer, Numbered } from "./question.js";

/** A question without an answer so far. `Extra` is what the learner keeps beside it. Plain data. */
export type OpenQuestion<K extends KindName = "action", Extra extends object = object> = Numbered &
  Kinds[K]["subject"] &
  Extra;

/** Plain data. */
export interface QueryBook<K extends KindName = "action", Extra extends object = object> {
  /** Questions so far, which is also the id of the last. */
  asked: number;
  /** Batches so far. */
  batches: number;
  /** Replies that were given and not withdrawn. */
  answered: number;
  /** Skips that were not withdrawn. */
  skipped: number;
  withdrawn: number;
  /** The ids of the skipped questions, ascending: a skip can be withdrawn too. */
  skippedIds: number[];
  /** Not asked yet, in order of their ids; their batch is 0. */
  noted: OpenQuestion<K, Extra>[];
  /** Asked and not answered, in order of their ids. */
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

/** Notes a question, to be asked later, and returns its id. The book owns the question's objects from then on. */
export function note<K extends KindName, Extra extends object>(
  book: QueryBook<K, Extra>,
  question: Kinds[K]["subject"] & Extra,
): number {
  book.asked++;
  book.noted.push({ ...question, id: book.asked, batch: 0 });
  return book.asked;
}

/** Opens those of the noted questions from id `from` on that are `chosen`, as a new batch. */
export function openBatch<K extends KindName, Extra extends object>(
  book: QueryBook<K, Extra>,
  from: number,
  chosen: (question: OpenQuestion<K, Extra>) => boolean,
): void {
  const { noted } = book;
  // A round notes thousands of questions, and a step looks at the last few only.
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

/** The learner's store of replies. */
export interface Replies<K extends KindName = "action", Extra extends object = object> {
  /** Adds the reply to a question that was open. */
  add(question: OpenQuestion<K, Extra>, answer: Kinds[K]["reply"] & Signature): void;
  /** Takes a reply back; false where there is none to this question. */
  remove(id: number): boolean;
}

/** Who answered, and how long it took (s). */
type Signature = Pick<Answer, "annotator" | "seconds">;

/**
 * Takes answers in, one a question: further answers to a closed question are dropped, except a withdrawal, which takes
 * the reply or the skip back. Where one of the answers is not valid, none is taken in. The order of answers to different
 * questions, and how they are divided into calls, does not matter.
 *
 * @throws UsageError for a reply that is not valid, or a question that was never asked
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
    if ("withdrawn" in answer || "skipped" in answer) return { answer };
    const question = open.get(id);
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
