/** @file Answers as lines of JSON, a row each or the events of a log, and the names of their fields. */

import { type AnswerEvent, standing } from "../people/standing.js";
import type { AnnotationsBuilder, RowFacts } from "./annotations.js";

/** Names of the columns; those of the second and third list are other programs'. */
const COLUMNS = {
  item: ["item", "task", "question"],
  annotator: ["annotator", "worker", "labeler"],
  label: ["label", "answer", "response"],
  weight: ["weight"],
  seconds: ["seconds"],
  at: ["at", "time"],
} as const;

export type Field = "item" | "annotator" | "label";
export const FIELDS = ["item", "annotator", "label"] as const;
export const OPTIONAL = ["weight", "seconds", "at"] as const;

/** Names of the columns that do not have their usual names. */
export type Columns = Partial<Record<keyof typeof COLUMNS, string>>;

/** The names that a column may have. */
export const namesOf = (field: keyof typeof COLUMNS, columns: Columns): readonly string[] =>
  columns[field] === undefined ? COLUMNS[field] : [columns[field]];

/** Throws an error that names the line. */
export type Refuse = (line: number, what: string) => never;

/** Adds the answers of lines. */
export interface LineReader {
  /** @param isWhole whether an end of the line follows */
  read(line: string, number: number, isWhole: boolean): void;
  /** Called after the last line. */
  end?(): void;
}

/** What a row has besides, from the texts of its cells. @param refuse for what is no number from 0 on */
export function factsOf(
  cellOf: (field: (typeof OPTIONAL)[number]) => string | undefined,
  refuse: (what: string) => never,
): RowFacts {
  const amount = (field: "weight" | "seconds", is: string) => {
    const cell = cellOf(field);
    if (cell === undefined || cell === "") return undefined;
    const value = Number(cell);
    if (value >= 0 && Number.isFinite(value)) return value;
    return refuse(`the ${field} ${is} "${cell}"; it must be a number, at least 0`);
  };
  return { weight: amount("weight", "is"), seconds: amount("seconds", "are"), at: cellOf("at") };
}

/** Fields of a log that hold what the person said, by kind of question. */
const REPLIES = ["choice", "action"];

type Row = [item: string, annotator: string, label: string, facts: RowFacts];
type Said = { row: Row } | { skipped: true } | { withdrawn: true };

/**
 * Reads JSON lines. Lines without an `id` are rows. Those with one, the number of a question, are the events of a log
 * (src/people/answer-log.ts): of these, the answers that stand are added at the end.
 */
export function createLinesReader(builder: AnnotationsBuilder, columns: Columns, refuse: Refuse): LineReader {
  const events: AnswerEvent<Said>[] = [];
  /** Whether the answers of a person are used; unset: they are. */
  const use = new Map<string, boolean>();

  /** Whether a line without an `id` is about a session or a person, and no answer. */
  function isAside({ annotator, use: isUsed, session }: Json): boolean {
    if (typeof annotator !== "string" || typeof isUsed !== "boolean") return typeof session === "string";
    use.set(annotator, isUsed);
    return true;
  }

  return {
    read(line, number, isWhole) {
      const wrong = (what: string) => refuse(number, what);
      const record = recordOf(line);
      // A kill may have left a part of the last line of a log.
      if (typeof record === "string") return isWhole || events.length === 0 ? wrong(record) : undefined;
      if (record.id === undefined) {
        if (!isAside(record)) builder.add(...rowOf(record, columns, wrong));
        return;
      }
      const { id, undone, withdrawn, skipped, check } = record;
      const said = (): Said | undefined => {
        if (undone === true) return undefined;
        if (withdrawn === true) return { withdrawn };
        return skipped === true ? { skipped } : { row: rowOf(record, columns, wrong) };
      };
      events.push({
        id: textOf(id) ?? wrong(`its "id" is ${id}; it must be the number of a question`),
        annotator: textOf(fieldOf(record, namesOf("annotator", columns))),
        isCheck: check === true,
        answer: said(),
      });
    },
    end() {
      for (const said of standing(events)) {
        if ("row" in said && use.get(said.row[1]) !== false) builder.add(...said.row);
      }
    },
  };
}

type Json = Record<string, unknown>;

/** The object of a line, or why there is none. */
function recordOf(line: string): Json | string {
  try {
    const value: unknown = JSON.parse(line);
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return isObject ? (value as Json) : "it is no JSON object";
  } catch (error) {
    return `it is no JSON: ${(error as Error).message}`;
  }
}

function rowOf(record: Json, columns: Columns, refuse: (what: string) => never): Row {
  const texts = FIELDS.map((field) => {
    const others = field === "item" ? ["id"] : field === "label" && record.id !== undefined ? REPLIES : [];
    const names = [...namesOf(field, columns), ...others];
    const value = fieldOf(record, names);
    if (value === "") return refuse(`the ${field} is empty`);
    if (["string", "number", "boolean"].includes(typeof value)) return String(value);
    return refuse(`its "${names[0]}" is ${JSON.stringify(value)}; it must be a text or a number`);
  });
  const facts = factsOf((field) => textOf(fieldOf(record, namesOf(field, columns))), refuse);
  return [texts[0], texts[1], texts[2], facts];
}

/** The value of the first of some fields that is there. */
const fieldOf = (record: Json, names: readonly string[]): unknown =>
  record[names.find((name) => Object.hasOwn(record, name)) ?? ""];

const textOf = (value: unknown): string | undefined =>
  value === undefined || value === null
    ? undefined
    : typeof value === "object"
      ? JSON.stringify(value)
      : String(value);
