/** @file Label questions, for annotation and active learning: which class does this item belong to? */

import { didYouMean } from "../../errors.js";
import { type QuestionKind, show } from "../kind.js";
import { describeRow } from "../segment.js";

export interface LabelContext {
  /** The name of the data set. */
  readonly dataset: string;
  /** The names of the classes, in order of their numbers. */
  readonly classes: readonly string[];
}

export interface LabelSubject {
  /** The number of the item in the data set, from 0. */
  readonly item: number;
  /** The content: a text, or numbers such as features or pixels. */
  readonly content: string | Float32Array;
}

export const label: QuestionKind<{
  context: LabelContext;
  subject: LabelSubject;
  /** The number of the class, from 0. */
  reply: { readonly label: number };
}> = {
  field: "label",
  example: "0",
  header: ({ dataset, classes }) => ({ kind: "label", dataset, classes }),
  record: ({ item, content }) => ({
    item,
    content: typeof content === "string" ? content : Array.from(content),
  }),
  title: ({ dataset }) => dataset,
  origin: ({ item }) => `item ${item}`,
  describe: ({ content }, _, { observations }) => [
    typeof content === "string" ? content : `item: ${describeRow(content, observations)}`,
  ],
  choices: (_, { classes }) => `class: ${classes.map((name, c) => `${c} ${name}`).join(", ")}`,
  parse(line, { classes }) {
    const named = classes.findIndex((name) => name.toLowerCase() === line.toLowerCase());
    if (named >= 0) return named;
    return /^\d+$/.test(line) ? Number(line) : line;
  },
  /** Reads a class by its number or by its name. */
  read(value, { classes }) {
    const number = typeof value === "string" ? classes.indexOf(value) : value;
    if (typeof number === "number" && classes[number] !== undefined) return { label: number };
    return typeof value === "string"
      ? `${show(value)} is not a class${didYouMean(value, classes)}`
      : `${show(value)} is not the number of a class, an integer from 0 to ${classes.length - 1}`;
  },
  write: (reply) => reply.label,
};
