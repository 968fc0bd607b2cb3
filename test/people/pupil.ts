/** @file A test learner: it asks all questions of a case three times and keeps the replies. */

import type { Answer, KindName, Kinds, Labeller } from "../../src/people/index.js";
import { createQueryBook, note, openBatch, type QueryBook, settle } from "../../src/people/query-book.js";
import { exchange } from "../../src/people/wait-for-answers.js";
import { cases } from "./kind-cases.js";

type Reply<K extends KindName> = Kinds[K]["reply"] & Pick<Answer, "annotator" | "seconds">;

/** Plain data. */
export interface Pupil<K extends KindName> {
  book: QueryBook<K, object>;
  /** The replies that hold, by the ids of their questions. */
  replies: Record<number, Reply<K>>;
}

/** Nine questions, opened in three batches. */
export const QUESTIONS = 9;

export function createPupil<K extends KindName>(kind: K): Pupil<K> {
  const book = createQueryBook<K, object>();
  for (let batch = 0; batch < 3; batch++) {
    for (const subject of structuredClone(cases[kind].subjects)) note(book, subject);
    openBatch(book, 1, () => true);
  }
  return { book, replies: {} };
}

export function receive<K extends KindName>(
  kind: K,
  { book, replies }: Pupil<K>,
  answers: readonly Answer<K>[],
): void {
  settle(
    book,
    answers,
    { kind, context: cases[kind].context, labeller: "test" },
    {
      add: ({ id }, answer) => {
        replies[id] = answer;
      },
      remove: (id) => id in replies && delete replies[id],
    },
  );
}

/** Asks until every question is answered, and calls `received` after each array of answers. */
export const learn = <K extends KindName>(
  kind: K,
  pupil: Pupil<K>,
  labeller: Labeller<K>,
  { received, signal }: { received?: () => void; signal?: AbortSignal } = {},
): Promise<void> =>
  exchange(
    labeller,
    { ...cases[kind].context, kind, asked: pupil.book.asked, queries: pupil.book.open },
    {
      receive(answers) {
        receive(kind, pupil, answers);
        received?.();
      },
      isDone: () => pupil.book.open.length === 0,
      isEnough: () => false,
      patience: 0,
      signal,
    },
  );
