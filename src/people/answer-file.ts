/** @file Queries and answers as JSON files: what is asked, and all that may be wrong with what is answered. */

import { type Space, whyOutside } from "../spaces/index.js";
import type { Action } from "../spaces/values.js";
import type { Answer, LabelRequest, Query } from "./labeller.js";
import type { Pictured } from "./picture.js";

/** `queries-000012.json` holds batch 12. */
export const queriesName = (batch: number): string => `queries-${String(batch).padStart(6, "0")}.json`;

/** Whether a file of this name holds answers. */
export const isAnswers = (name: string): boolean => /^answers-.*\.json$/.test(name);

/** Beside a file of answers, what is wrong with it. */
export const problemsName = (name: string): string => `${name}.problems.txt`;

/** One query as its file has it. */
interface QueryRecord {
  id: number;
  round: number;
  environment: number;
  observation: number | number[];
  text?: string;
  svg?: string;
}

const observed = (space: Space, row: Float32Array): number | number[] =>
  space.kind === "discrete" ? row[0] : Array.from(row);

/** The text of a queries file. Infinite bounds of spaces become `null`. */
export function queriesText(
  { env, observationSpace, actionSpace }: Omit<LabelRequest, "asked" | "queries">,
  queries: readonly Query[],
  picture?: Pictured,
): string {
  const records = queries.map((query): QueryRecord => {
    const { id, round, environment, observation } = query;
    return {
      id,
      round,
      environment,
      observation: observed(observationSpace, observation),
      ...picture?.(query),
    };
  });
  const header = { batch: queries[0].batch, env, observationSpace, actionSpace };
  const lines = records.map((record) => `    ${JSON.stringify(record)}`).join(",\n");
  return `${JSON.stringify(header, null, 2).slice(0, -2)},\n  "queries": [\n${lines}\n  ]\n}\n`;
}

/** Whether a queries file asks these queries. A text that is no such file does not. */
export function asksThese(text: string, { observationSpace }: LabelRequest, queries: readonly Query[]) {
  const asked = new Map<unknown, string>();
  try {
    for (const { id, observation } of (JSON.parse(text) as { queries: QueryRecord[] }).queries) {
      asked.set(id, JSON.stringify(observation));
    }
  } catch {
    return false;
  }
  return queries.every(
    ({ id, observation }) => asked.get(id) === JSON.stringify(observed(observationSpace, observation)),
  );
}

export const answersText = (answers: readonly Answer[]): string => {
  const plain = answers.map((answer) =>
    "action" in answer && typeof answer.action !== "number"
      ? { id: answer.id, action: Array.from(answer.action) }
      : answer,
  );
  return `{ "answers": [\n${plain.map((answer) => `  ${JSON.stringify(answer)}`).join(",\n")}\n] }\n`;
};

/** What a file of answers says, and in words what is wrong with it; the sound entries of a faulty file count. */
export function readAnswers(text: string, actionSpace: Space): { answers: Answer[]; problems: string[] } {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error) {
    return { answers: [], problems: [`it is not valid JSON (yet): ${(error as Error).message}`] };
  }
  const inside = isRecord(content) && "answers" in content ? content.answers : content;
  // A single answer may stand alone.
  const entries = isRecord(inside) && "id" in inside ? [inside] : inside;
  if (!Array.isArray(entries)) {
    return {
      answers: [],
      problems: ['it must hold { "answers": [{ "id": 1, "action": … }, …] }, or the array alone'],
    };
  }
  const answers: Answer[] = [];
  const problems: string[] = [];
  for (const [i, entry] of entries.entries()) {
    const answer = readAnswer(entry, actionSpace);
    if (typeof answer === "string") problems.push(`entry ${i + 1}: ${answer}`);
    else answers.push(answer);
  }
  return { answers, problems };
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** An answer, or what is wrong with it. */
function readAnswer(entry: unknown, actionSpace: Space): Answer | string {
  if (!isRecord(entry)) return 'it must be an object such as { "id": 1, "action": 0 }';
  const { id, action, skipped, withdrawn } = entry;
  if (!(Number.isSafeInteger(id) && (id as number) > 0))
    return `"id" is ${JSON.stringify(id)}, not the number of a query`;
  const said = [action !== undefined, skipped === true, withdrawn === true].filter(Boolean).length;
  if (said !== 1) return `query ${id} must have one of "action", "skipped": true and "withdrawn": true`;
  if (skipped === true) return { id: id as number, skipped };
  if (withdrawn === true) return { id: id as number, withdrawn };
  const reason = whyOutside(actionSpace, action);
  return reason ? `query ${id}, action: ${reason}` : { id: id as number, action: action as Action };
}
