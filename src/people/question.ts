/** @file Questions and answers of every kind, as plain data. The kinds are in kinds/. */

import type { KindName, Kinds } from "./kinds/index.js";

/** A question of kind K: its number, and the subject of the kind (see kinds/). */
export type Question<K extends KindName = "action"> = Numbered & Kinds[K]["subject"];

export interface Numbered {
  /** 1, 2, … over the whole run, including kills and resumes. */
  readonly id: number;
  /** The number of the batch in which the question was first asked. */
  readonly batch: number;
  /** The name of the annotator who is asked; unset: anyone may answer. */
  readonly for?: string;
}

/** DAgger's question: which action is right in this state? */
export type Query = Question<"action">;

/** All open questions, including those asked before. Asking a question again has no effect. */
export type LabelRequest<K extends KindName = "action"> = Kinds[K]["context"] & {
  /** The kind of the questions. */
  readonly kind: K;
  /**
   * Number of questions of the run so far, which is also the highest id. Questions not listed are closed or not asked.
   */
  readonly asked: number;
  /** The open questions, by id. */
  readonly queries: readonly Question<K>[];
};

/**
 * An answer to the question with number `id`: a reply such as `{ action: 1 }`; `skipped`: there will be no reply; or
 * `withdrawn`: no reply to this question, earlier or later, is used. Questions answered in earlier batches can still be
 * withdrawn.
 */
export type Answer<K extends KindName = "action"> = Signed & (Kinds[K]["reply"] | Skipped | Withdrawn);

interface Signed {
  readonly id: number;
  /** The name of the person who answered. */
  readonly annotator?: string;
  /** Response time of the person (s). */
  readonly seconds?: number;
}

interface Skipped {
  readonly skipped: true;
}

interface Withdrawn {
  readonly withdrawn: true;
}
