/** @file The labeller: the contract of a person, a policy or a program that answers questions, at once or later. */

import type { KindName } from "./kinds/index.js";
import type { Answer, LabelRequest } from "./question.js";

/** Answers questions of kind K. */
export interface Labeller<K extends KindName = "action"> {
  /** A name for the run's record, such as `"console"`. */
  readonly kind: string;
  /** The kind of questions that the labeller answers; `"action"` by default. */
  readonly asks?: K;
  /** Whether questions need the environment's state, to show it; false by default. */
  readonly wantsStates?: boolean;
  /** The names of the annotators. A question may be for one of them; unset: they are not known. */
  readonly annotators?: readonly string[];
  /**
   * Yields arrays of answers as they arrive, in any order, until every question has one. May wait as long as it
   * takes; ends early, without an error, when `signal` is aborted. An answer that was given but not yet yielded when
   * the labeller or the run was stopped is yielded the next time that its question is asked. Repeating an answer
   * changes nothing.
   *
   * @throws Paused to end the run with a checkpoint, because the person takes a break
   */
  label(request: LabelRequest<K>, signal: AbortSignal): AsyncIterable<readonly Answer<K>[]>;
}

/** Thrown to end the run with a checkpoint and resume it later. It is not a failure: the learner's state is valid. */
export class Paused extends Error {
  override readonly name = "Paused";
}
