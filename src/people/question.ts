/** @file Questions and answers of every kind, as plain data. The kinds are in kinds/. */

import type { KindName, Kinds } from "./kinds/index.js";

/** A question of kind K: its number, and what the kind asks about (see kinds/). */
export type Question<K extends KindName = "action"> = Numbered & Kinds[K]["subject"];

export interface Numbered {
  /** 1, 2, … over the whole run, also over its kills and resumes. */
  readonly id: number;
  /** The number of the batch that it was first asked in. */
  readonly batch: number;
}

/** The question that DAgger asks: which action is right in this state? */
export type Query = Question<"action">;

/** All questions that are open, old ones included: asking a question again changes nothing. */
export type LabelRequest<K extends KindName = "action"> = Kinds[K]["context"] & {
  /** The kind of the questions. */
  readonly kind: K;
  /** Questions of the run so far, which is also the highest id: those not open are closed, or yet to be asked. */
  readonly asked: number;
  /** In order of their ids. */
  readonly queries: readonly Question<K>[];
};

/**
 * An answer to the question with number `id`: a reply such as `{ action: 1 }`; `skipped`: there will be no reply; or
 * `withdrawn`: no reply to this question, earlier or later, is to be used. A question that was answered long ago can
 * still be withdrawn.
 */
export type Answer<K extends KindName = "action"> = Signed & (Kinds[K]["reply"] | Skipped | Withdrawn);

interface Signed {
  readonly id: number;
  /** The name of the person who answered. */
  readonly annotator?: string;
  /** How long the person took (s). */
  readonly seconds?: number;
}

interface Skipped {
  readonly skipped: true;
}

interface Withdrawn {
  readonly withdrawn: true;
}
