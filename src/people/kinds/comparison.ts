/** @file Comparison questions, for preference learning: which of two segments is better? */

import { type QuestionKind, show } from "../kind.js";
import {
  describeSegment,
  type Segment,
  type SegmentContext,
  segmentHeader,
  segmentToJson,
} from "../segment.js";

/** `neither`: both are bad. A person who cannot tell skips the question. */
export type Choice = "left" | "right" | "equal" | "neither";

const CHOICES: readonly Choice[] = ["left", "right", "equal", "neither"];

export const comparison: QuestionKind<{
  context: SegmentContext;
  subject: { readonly left: Segment; readonly right: Segment };
  reply: { readonly choice: Choice };
}> = {
  field: "choice",
  example: '"left"',
  header: (context) => ({ kind: "comparison", ...segmentHeader(context) }),
  record: ({ left, right }, context) => ({
    left: segmentToJson(left, context),
    right: segmentToJson(right, context),
  }),
  snapshots: ({ left, right }) => ({ left: left.snapshot, right: right.snapshot }),
  title: ({ env }) => env,
  describe: ({ left, right }, context, names) => [
    "left:",
    ...describeSegment(left, context, names),
    "right:",
    ...describeSegment(right, context, names),
  ],
  choices: () => "better: l left, r right, e equal, n neither",
  parse(line) {
    const typed = line.toLowerCase();
    return CHOICES.find((choice) => choice === typed || choice[0] === typed) ?? line;
  },
  read(value) {
    const choice = CHOICES.find((name) => name === value);
    return choice ? { choice } : `${show(value)} is not one of ${CHOICES.join(", ")}`;
  },
  write: ({ choice }) => choice,
};
