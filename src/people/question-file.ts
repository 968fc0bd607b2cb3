/** @file Questions and answers as JSON files: writing, reading, and error messages. */

import { parseJson } from "../state/json.js";
import { type KindName, type Kinds, kinds } from "./kinds/index.js";
import type { Pictured } from "./picture.js";
import type { Answer, Question } from "./question.js";
import { writtenSnapshots } from "./written-snapshots.js";

/** `queries-000012.json` holds batch 12. */
export const queriesName = (batch: number): string => `queries-${String(batch).padStart(6, "0")}.json`;

/** The number of the batch of a file of this name; undefined for another file. */
export const batchOf = (name: string): number | undefined => {
  const [, digits] = /^queries-(\d+)\.json$/.exec(name) ?? [];
  return digits === undefined ? undefined : Number(digits);
};

/** Whether a file of this name holds answers: a file of JSON, or a log of lines. */
export const isAnswers = (name: string): boolean => /^answers-.*\.jsonl?$/.test(name);

/** The name of the file with the errors in a file of answers. */
export const problemsName = (name: string): string => `${name}.problems.txt`;

/** What goes with the questions in a file, for people and pages that show them. */
export interface Shown<K extends KindName> {
  /** Draws pictures of the questions. */
  picture?: Pictured<K>;
  /** Whether what a page needs is written too: the snapshots from which segments are replayed, and hints. */
  forPage?: boolean;
}

/** The text of a file of questions. Infinite bounds of spaces become `null`. */
export function queriesText<K extends KindName>(
  kind: K,
  context: Kinds[K]["context"],
  queries: readonly Question<K>[],
  { picture, forPage }: Shown<K> = {},
): string {
  const { header, record, snapshots, hints } = kinds[kind];
  const records = queries.map((query) => ({
    id: query.id,
    ...(query.for !== undefined && { for: query.for }),
    ...record(query, context),
    ...picture?.(query),
    ...(forPage && snapshots && { snapshots: writtenSnapshots(snapshots(query)) }),
    ...(forPage && hints?.(query, context)),
  }));
  const head = { batch: queries[0].batch, ...header(context) };
  const lines = records.map((entry) => `    ${JSON.stringify(entry)}`).join(",\n");
  return `${JSON.stringify(head, null, 2).slice(0, -2)},\n  "queries": [\n${lines}\n  ]\n}\n`;
}

/** The ids in the text of a file of questions; none where it is damaged. */
export function idsIn(text: string): number[] {
  try {
    const { queries } = parseJson(text) as { queries: { id: number }[] };
    return queries.map(({ id }) => id);
  } catch {
    return [];
  }
}

/** Whether the text is a file of questions in this context, with exactly these questions. */
export function asksThese<K extends KindName>(
  text: string,
  kind: K,
  context: Kinds[K]["context"],
  queries: readonly Question<K>[],
): boolean {
  const { header, record } = kinds[kind];
  const queriesById = new Map<unknown, Record<string, unknown>>();
  let head: Record<string, unknown>;
  try {
    const { queries: entries, ...rest } = JSON.parse(text) as { queries: Record<string, unknown>[] };
    head = rest;
    for (const entry of entries) queriesById.set(entry.id, entry);
  } catch {
    return false;
  }
  return (
    holds(head, header(context)) &&
    queries.every((query) => {
      const entry = queriesById.get(query.id);
      return entry?.for === query.for && holds(entry, record(query, context));
    })
  );
}

/** Whether a record that was read has these fields, as JSON. */
const holds = (read: Record<string, unknown> | undefined, fields: object): boolean =>
  Object.entries(fields).every(([key, value]) => JSON.stringify(read?.[key]) === JSON.stringify(value));

/** An answer as JSON. */
export function answerToJson<K extends KindName>(kind: K, answer: Answer<K>): object {
  const { field, write } = kinds[kind];
  return "skipped" in answer || "withdrawn" in answer ? answer : { ...answer, [field]: write(answer) };
}

/** An answer as a line of a log. `more`: what else is recorded, such as the time. */
export const answerLine = <K extends KindName>(kind: K, answer: Answer<K>, more: object = {}): string =>
  `${JSON.stringify({ ...answerToJson(kind, answer), ...more })}\n`;

/** The valid answers in a file, and messages about its errors. */
export function readAnswers<K extends KindName>(
  text: string,
  kind: K,
  context: Kinds[K]["context"],
): { answers: Answer<K>[]; problems: string[] } {
  let content: unknown;
  try {
    content = parseJson(text);
  } catch (error) {
    return { answers: [], problems: [`it is not valid JSON (yet): ${(error as Error).message}`] };
  }
  const inside = isRecord(content) && "answers" in content ? content.answers : content;
  // The file may be a single answer.
  const entries = isRecord(inside) && "id" in inside ? [inside] : inside;
  if (!Array.isArray(entries)) {
    const { field } = kinds[kind];
    return {
      answers: [],
      problems: [`it must hold { "answers": [{ "id": 1, "${field}": … }, …] }, or the array alone`],
    };
  }
  const answers: Answer<K>[] = [];
  const problems: string[] = [];
  for (const [i, entry] of entries.entries()) {
    const answer = readAnswer(entry, kind, context);
    if (typeof answer === "string") problems.push(`entry ${i + 1}: ${answer}`);
    else answers.push(answer);
  }
  return { answers, problems };
}

/** The reason why an answer does not fit its question, or `undefined` if it does. */
export function whyUnfit<K extends KindName>(
  answer: Answer<K>,
  question: Question<K>,
  kind: K,
  context: Kinds[K]["context"],
): string | undefined {
  if ("withdrawn" in answer) return undefined;
  const stranger = whyStranger(answer, question);
  if (stranger || "skipped" in answer) return stranger;
  const { field, read, write } = kinds[kind];
  const reply = read(write(answer), context, question);
  return typeof reply === "string" ? `query ${answer.id}, ${field}: ${reply}` : undefined;
}

/** The reason why an annotator may not answer a question, or `undefined` where it is for this one or for anyone. */
export function whyStranger(
  { annotator }: { annotator?: string },
  question: { id: number; for?: unknown },
): string | undefined {
  if (question.for === undefined || question.for === annotator) return undefined;
  const name = JSON.stringify(question.for);
  return (
    `query ${question.id} is for ${name}, and the answer ` +
    (annotator === undefined ? "has no annotator" : `is by ${JSON.stringify(annotator)}`)
  );
}

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** An answer, or a message about its error. */
export function readAnswer<K extends KindName>(
  entry: unknown,
  kind: K,
  context: Kinds[K]["context"],
): Answer<K> | string {
  const { field, example, read } = kinds[kind];
  if (!isRecord(entry)) return `it must be an object such as { "id": 1, "${field}": ${example} }`;
  const { id, skipped, withdrawn, annotator, seconds, [field]: value } = entry;
  if (!(Number.isSafeInteger(id) && (id as number) > 0))
    return `"id" is ${JSON.stringify(id)}, not the number of a query`;
  const present = [value !== undefined, skipped === true, withdrawn === true].filter(Boolean).length;
  if (present !== 1) return `query ${id} must have one of "${field}", "skipped": true and "withdrawn": true`;
  if (annotator !== undefined && (typeof annotator !== "string" || annotator === "")) {
    return `query ${id}, annotator: ${JSON.stringify(annotator)} is not a name`;
  }
  if (seconds !== undefined && !(typeof seconds === "number" && seconds >= 0)) {
    return `query ${id}, seconds: ${JSON.stringify(seconds)} is not a number of seconds from 0 on`;
  }
  const signed = {
    id: id as number,
    ...(annotator !== undefined && { annotator }),
    ...(seconds !== undefined && { seconds }),
  };
  if (skipped === true) return { ...signed, skipped };
  if (withdrawn === true) return { ...signed, withdrawn };
  const reply = read(value, context);
  return typeof reply === "string" ? `query ${id}, ${field}: ${reply}` : { ...signed, ...reply };
}
