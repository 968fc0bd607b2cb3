/** @file What a kind of question defines: its types, how it is described, and which answers are valid. */

/** The types of a kind. */
export interface KindTypes {
  /** What all questions of a request share, such as the spaces or the classes. */
  context: object;
  /** What one question is about, such as an observation. */
  subject: object;
  /** What an answer gives, such as `{ action: 1 }`: an object with one field. */
  reply: object;
}

/** What a person is shown in place of numbers: the names of actions and of the entries of an observation. */
export interface Names {
  actions?: readonly string[];
  observations?: readonly string[];
}

/** A kind of question. Each has a file in kinds/ and a line in the table there. */
export interface QuestionKind<T extends KindTypes> {
  /** The field of an answer that holds the reply, such as `"action"`. */
  readonly field: string;
  /** The text of a valid value of the field, for messages. */
  readonly example: string;
  /** The head of a file of questions, as JSON. */
  header(context: T["context"]): object;
  /** A question in such a file, as JSON: what is needed to answer it, and to recognise it later. */
  record(subject: T["subject"], context: T["context"]): object;
  /** What a question belongs to, such as the environment's name. */
  title(context: T["context"]): string;
  /** Where a question comes from, such as the round, if that helps a person. */
  origin?(subject: T["subject"]): string;
  /** The lines that show a question at a console. */
  describe(subject: T["subject"], context: T["context"], names: Names): string[];
  /** What may be typed as a reply at a console. */
  choices(subject: T["subject"], context: T["context"], names: Names): string;
  /** The value of the field that a typed line stands for. It is yet to be checked by {@link read}. */
  parse(line: string, context: T["context"], names: Names): unknown;
  /**
   * The reply for a value of the field, or the reason why the value is not valid. Without a question (it is closed, or
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
