/** @file What the log of answers says about each person: how many, how fast, how consistent, and how much in agreement. */

import type { LogEntry } from "../people/answer-log.js";
import type { KindName } from "../people/kinds/index.js";
import type { Answer } from "../people/question.js";
import type { Teacher } from "./wire.js";

/** An answer below this time is suspiciously fast (s). */
const FAST = 1;

type Event = LogEntry<KindName>;

/** One line a person, in the order of their first answers. `standing`: the answers that count, by question. */
export function teachersOf(
  events: readonly Event[],
  standing: ReadonlyMap<number, Answer<KindName>>,
  unused: ReadonlySet<string | undefined>,
  isSame: (a: Answer<KindName>, b: Answer<KindName>) => boolean,
): Teacher[] {
  const names = [...new Set([...events, ...standing.values()].flatMap(({ annotator }) => annotator ?? []))];
  return names.map((name) => {
    const own = events.filter(({ annotator }) => annotator === name);
    const first = new Map<number, Answer<KindName>>();
    for (const { id, answer, isCheck } of own) {
      if (isCheck) continue;
      if (answer) first.set(id, answer);
      else first.delete(id);
    }
    for (const [id, answer] of standing)
      if (answer.annotator === name && !first.has(id)) first.set(id, answer);
    const checks = new Map<number, { id: number; answer: Answer<KindName> }>();
    for (const { id, answer, isCheck } of own) {
      if (!isCheck) continue;
      if (answer && isReply(answer)) checks.set(id, { id, answer });
      else checks.delete(id);
    }
    const looked = [...checks.values()];
    const repeats = looked.filter(({ id }) => first.has(id) && isReply(first.get(id)!));
    const shared = looked.filter(({ id }) => {
      const counted = standing.get(id);
      return !first.has(id) && counted && counted.annotator !== name && isReply(counted);
    });
    const times = own.flatMap(({ seconds, answer }) => (answer && seconds !== undefined ? [seconds] : []));
    const share = (hits: number, of: number) => (of > 0 ? hits / of : undefined);
    return {
      name,
      answers: [...first.values()].filter((answer) => !("withdrawn" in answer)).length,
      skipped: [...first.values()].filter((answer) => "skipped" in answer).length,
      demonstrations: 0,
      consistency: share(
        repeats.filter(({ id, answer }) => isSame(first.get(id)!, answer)).length,
        repeats.length,
      ),
      repeats: repeats.length,
      agreement: share(
        shared.filter(({ id, answer }) => isSame(standing.get(id)!, answer)).length,
        shared.length,
      ),
      shared: shared.length,
      medianSeconds: median(times),
      fast: share(times.filter((time) => time < FAST).length, times.length),
      isUsed: !unused.has(name),
    };
  });
}

const isReply = (answer: Answer<KindName>) => !("skipped" in answer || "withdrawn" in answer);

function median(values: readonly number[]): number | undefined {
  if (values.length === 0) return undefined;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
