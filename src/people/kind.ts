/** @file The definition of a kind of question: its types, its descriptions, and the check of answers. */

import type { Names } from "../env/contracts.js";
import type { Tree } from "../state/snapshot.js";

/** The types of a kind. */
export interface KindTypes {
  /** Context of all questions of a request, such as the spaces or the classes. */
  context: object;
  /** Subject of one question, such as an observation. */
  subject: object;
  /** Content of an answer, such as `{ action: 1 }`: an object with one field. */
  reply: object;
}

/** A kind of question. Each has a file in kinds/ and a line in the table there. */
export interface QuestionKind<T extends KindTypes> {
  /** The field of an answer that holds the reply, such as `"action"`. */
  readonly field: string;
  /** The text of a valid value of the field, for messages. */
  readonly example: string;
  /** The head of a file of questions, as JSON. */
  header(context: T["context"]): object;
  /** A question in such a file, as JSON: the data for answering it and for recognising it later. */
  record(subject: T["subject"], context: T["context"]): object;
  /** The environment's snapshots from which segments of the question are replayed, by the name of the segment. */
  snapshots?(subject: T["subject"]): Record<string, Tree | undefined>;
  /** What a page shows beside the question, as JSON. */
  hints?(subject: T["subject"], context: T["context"]): object;
  /** Title of a question, such as the environment's name. */
  title(context: T["context"]): string;
  /** Origin of a question, such as the round, as help for a person. */
  origin?(subject: T["subject"]): string;
  /** The lines that show a question at a console. */
  describe(subject: T["subject"], context: T["context"], names: Names): string[];
  /** Description of the valid replies at a console. */
  choices(subject: T["subject"], context: T["context"], names: Names): string;
  /** The value of the field from a typed line, not yet checked by {@link read}. */
  parse(line: string, context: T["context"], names: Names): unknown;
  /**
   * The reply for a value of the field, or the reason why the value is invalid. Without a question (it is closed, or
   * not asked yet) only what holds for every question is checked.
   */
  read(value: unknown, context: T["context"], subject?: T["subject"]): T["reply"] | string;
  /** The value of the field as JSON. */
  write(reply: T["reply"]): unknown;
}

/** A value as it reads in a message: JSON, cut after 60 characters. */
export function show(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
