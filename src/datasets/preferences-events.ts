/**
 * @file The log of comparisons, `comparisons.jsonl`: one event a line, appended and never changed. The last event of a
 * question and an annotator counts.
 */

import * as z from "zod";
import { requirement } from "../config/options.js";
import { FormatError } from "../errors.js";
import { CHOICES, type Comparison, comparisonFault } from "./preferences.js";

const said = {
  id: z.int().positive(),
  annotator: z.string().min(1).optional(),
  at: z.string().optional(),
};
const answered = {
  ...said,
  choice: z.enum(CHOICES as [Comparison["choice"], ...Comparison["choice"][]]),
  seconds: z.number().min(0).optional(),
  weight: z.number().min(0).optional(),
  confidence: z.union([z.literal(1), z.literal(2), z.literal(3)]).optional(),
};
const segments = { left: z.int().min(0), right: z.int().min(0) };

const schemas = {
  question: z.strictObject({ event: z.literal("question"), id: said.id, at: said.at, ...segments }),
  answer: z.strictObject({ event: z.literal("answer"), ...answered, ...segments }),
  correction: z.strictObject({ event: z.literal("correction"), ...answered }),
  withdrawal: z.strictObject({ event: z.literal("withdrawal"), ...said }),
};

/**
 * A question is asked; an annotator answers it, gives another answer to it, or takes the answer back. An answer needs no
 * event of its question before.
 */
export type ComparisonEvent = {
  [K in keyof typeof schemas]: z.output<(typeof schemas)[K]>;
}[keyof typeof schemas];

/** An event as a line of the log. */
export const eventLine = (event: ComparisonEvent): string => `${JSON.stringify(event)}\n`;

/** A question: its number, and the segments by index. */
export interface AskedPair {
  id: number;
  left: number;
  right: number;
}

/** Answers by question and annotator, as events change them. */
export class ComparisonLog {
  private readonly answers = new Map<string, Comparison>();
  private readonly questions = new Map<number, AskedPair>();

  /** @param segments number of segments */
  constructor(public segments: number) {}

  /** Takes an event in. @returns why it is not valid; undefined if it is */
  add(event: ComparisonEvent): string | undefined {
    const { event: kind, id } = event;
    if (kind === "question") {
      const { left, right } = event;
      const fault = comparisonFault(
        { id, left, right, choice: "skipped" },
        this.segments,
        this.questions.get(id),
      );
      if (fault) return `question ${id}: ${fault}`;
      this.questions.set(id, { id, left, right });
      return undefined;
    }
    const { annotator } = event;
    const key = JSON.stringify([id, annotator ?? null]);
    const before = this.answers.get(key);
    if (kind === "withdrawal") {
      if (!before) return `${kind} of question ${id}: ${whoOf(annotator)} has no answer to it`;
      this.answers.delete(key);
      return undefined;
    }
    const { event: _, ...rest } = event;
    if (kind === "correction" && !before) {
      return `${kind} of question ${id}: ${whoOf(annotator)} has no answer to it`;
    }
    const { left, right } = before ?? (rest as Comparison);
    const comparison: Comparison = { left, right, ...rest };
    const fault = comparisonFault(comparison, this.segments, this.questions.get(id));
    if (fault) return `question ${id}: ${fault}`;
    this.answers.set(key, comparison);
    this.questions.set(id, { id, left, right });
    return undefined;
  }

  /** Questions that this annotator has not answered, by id. */
  open(annotator: string | undefined): AskedPair[] {
    const isOpen = ({ id }: AskedPair) => !this.answers.has(JSON.stringify([id, annotator ?? null]));
    return [...this.questions.values()].filter(isOpen).sort((a, b) => a.id - b.id);
  }

  /** The ids of all questions. */
  questionIds(): number[] {
    return [...this.questions.keys()];
  }

  /** The highest id of a question. */
  get asked(): number {
    let most = 0;
    for (const id of this.questions.keys()) most = Math.max(most, id);
    return most;
  }

  /** The answers that count, in order of their questions. */
  comparisons(): Comparison[] {
    return [...this.answers.values()].sort((a, b) => a.id - b.id);
  }
}

const whoOf = (annotator: string | undefined) =>
  annotator === undefined ? "somebody without a name" : `"${annotator}"`;

/**
 * The events in the bytes of a log. An incomplete last line, which a writer was stopped at, is dropped.
 *
 * @returns the events, and the length of the complete lines (bytes)
 * @throws FormatError naming the line
 */
export function eventsIn(bytes: Uint8Array, source: string): { events: ComparisonEvent[]; length: number } {
  const length = bytes.lastIndexOf(0x0a) + 1;
  const lines = new TextDecoder().decode(bytes.subarray(0, length)).split("\n");
  lines.pop();
  return { events: lines.flatMap((line, i) => eventIn(line, `${source}, line ${i + 1}`)), length };
}

function eventIn(line: string, where: string): ComparisonEvent[] {
  if (line.trim() === "") return [];
  let value: { event?: unknown };
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw new FormatError(`${where}: it is not JSON: ${(cause as Error).message}`, { cause });
  }
  const kinds = Object.keys(schemas);
  const kind = value?.event as keyof typeof schemas;
  if (!kinds.includes(kind)) {
    throw new FormatError(
      `${where}: event is ${JSON.stringify(kind)}; it must be one of ${kinds.join(", ")}`,
    );
  }
  const parsed = schemas[kind].safeParse(value);
  if (parsed.success) return [parsed.data];
  const issue = parsed.error.issues[0];
  const field = issue.code === "unrecognized_keys" ? issue.keys[0] : issue.path.join(".");
  const why =
    issue.code === "unrecognized_keys" ? "an event has no such field" : requirement(schemas[kind], issue);
  throw new FormatError(`${where}: field ${field}: ${why}`);
}
