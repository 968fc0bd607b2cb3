/** @file Which events of a log of answers count. */

/** What a person did about a question. */
export interface AnswerEvent<A extends object> {
  readonly id: number | string;
  readonly annotator?: string;
  /** Absent where the answer was taken back. One with the key `withdrawn` is a withdrawal. */
  readonly answer?: A;
  /** Whether it is a second look at a closed question. */
  readonly isCheck: boolean;
}

/**
 * The answers that stand, in the order of the log: of each person's events about a question the last counts, and a
 * withdrawal for good. Second looks are left out.
 */
export function standing<A extends object>(events: Iterable<AnswerEvent<A>>): A[] {
  const found = new Map<string, A>();
  for (const { id, annotator, answer, isCheck } of events) {
    if (isCheck) continue;
    const key = JSON.stringify([id, annotator]);
    const before = found.get(key);
    if (before && "withdrawn" in before) continue;
    found.delete(key);
    if (answer) found.set(key, answer);
  }
  return [...found.values()];
}
