/** @file Critique questions: which steps of this segment are wrong? */

import { type QuestionKind, show } from "../kind.js";
import {
  describeSegment,
  type Segment,
  type SegmentContext,
  segmentHeader,
  segmentToJson,
  stepsOf,
} from "../segment.js";

/** The steps from `first` to `last`, both included, counted from 0. */
export type Span = readonly [first: number, last: number];

export const critique: QuestionKind<{
  context: SegmentContext;
  subject: { readonly segment: Segment };
  /** The wrong steps: spans in order that do not touch. Empty: all steps are right. */
  reply: { readonly mistakes: readonly Span[] };
}> = {
  field: "mistakes",
  example: "[[4, 7]]",
  header: (context) => ({ kind: "critique", ...segmentHeader(context) }),
  record: ({ segment }, context) => ({ segment: segmentToJson(segment, context) }),
  snapshots: ({ segment }) => ({ segment: segment.snapshot }),
  title: ({ env }) => env,
  describe: ({ segment }, context, names) => describeSegment(segment, context, names),
  choices: ({ segment }, context) =>
    `wrong: steps from 0 to ${stepsOf(segment, context) - 1} such as 4, 9-12, or none`,
  parse(line) {
    if (line.toLowerCase() === "none") return [];
    return line.split(/\s*,\s*/).map((part) => {
      const span = /^(\d+)(?:\s*-\s*(\d+))?$/.exec(part);
      return span ? [Number(span[1]), Number(span[2] ?? span[1])] : part;
    });
  },
  read(value, context, subject) {
    if (!Array.isArray(value)) return `${show(value)} is not an array of spans such as [[4, 7], [9, 9]]`;
    const last = subject ? stepsOf(subject.segment, context) - 1 : Number.MAX_SAFE_INTEGER;
    const wrong = value.findIndex((span) => !isSpan(span, last));
    if (wrong < 0) return { mistakes: united(value) };
    const bounds = subject ? `with 0 ≤ first ≤ last ≤ ${last}` : "with 0 ≤ first ≤ last";
    return `${show(value[wrong])} is not a span of steps [first, last] ${bounds}`;
  },
  write: ({ mistakes }) => mistakes,
};

function isSpan(span: unknown, last: number): span is Span {
  return (
    Array.isArray(span) &&
    span.length === 2 &&
    span.every(Number.isSafeInteger) &&
    0 <= span[0] &&
    span[0] <= span[1] &&
    span[1] <= last
  );
}

/** The spans in order, with overlapping and adjacent ones merged. */
function united(spans: readonly Span[]): Span[] {
  const merged: [number, number][] = [];
  for (const [first, last] of [...spans].sort((a, b) => a[0] - b[0])) {
    const before = merged.at(-1);
    if (before && first <= before[1] + 1) before[1] = Math.max(before[1], last);
    else merged.push([first, last]);
  }
  return merged;
}
