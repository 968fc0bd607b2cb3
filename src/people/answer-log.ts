/**
 * @file A log of answers: one event a line of JSON, only ever appended to. Beside answers, skips and withdrawals, as in a
 * file of answers, a line may take back the answer of its annotator (`"undone": true`), who then answers again; be a
 * second look at a closed question, by which people are compared (`"check": true`); say whether the answers of a person
 * are used (`"use": false`); or begin a session (`"session"` without `"id"`). A last line without an end was not
 * acknowledged, and does not count.
 */

import { parseJson } from "../state/json.js";
import type { KindName, Kinds } from "./kinds/index.js";
import type { Answer } from "./question.js";
import { isRecord, readAnswer } from "./question-file.js";
import { type AnswerEvent, standing } from "./standing.js";

/** A line of a log. */
export interface LogEntry<K extends KindName> extends AnswerEvent<Answer<K>> {
  readonly id: number;
  /** When it was written (ms since 1970); absent where that is not recorded. */
  readonly at?: number;
  /** Response time (s). */
  readonly seconds?: number;
  /** By which an answer that is sent twice is recognised. */
  readonly nonce?: string;
}

/** Time in which the last answer of a person can be taken back before a learner sees it (ms). */
export const UNDO_TIME = 4_000;

/** The lines of a log. */
export interface Log<K extends KindName> {
  readonly entries: readonly LogEntry<K>[];
  /** Whether the answers of a person are used, as was said last; unset: they are. */
  readonly use: ReadonlyMap<string, boolean>;
}

/** What was read of a log. */
export interface LogReading<K extends KindName> {
  readonly log: Log<K>;
  /** Messages about lines that are not valid. */
  readonly problems: readonly string[];
  /** The whole lines so far. */
  readonly text: string;
  readonly lines: number;
}

/** Reads a log. @param before the last reading: of a log that was appended to since, only what is new is read */
export function readLog<K extends KindName>(
  text: string,
  kind: K,
  context: Kinds[K]["context"],
  before?: LogReading<K>,
): LogReading<K> {
  const whole = text.slice(0, text.lastIndexOf("\n") + 1);
  const known = before && whole.startsWith(before.text) ? before : undefined;
  const entries = [...(known?.log.entries ?? [])];
  const use = new Map(known?.log.use);
  const problems = [...(known?.problems ?? [])];
  let lines = known?.lines ?? 0;
  for (const line of whole.slice(known?.text.length).split("\n").slice(0, -1)) {
    const read = readLine(line, kind, context);
    lines++;
    if (typeof read === "string") problems.push(`line ${lines}: ${read}`);
    else if (read && "use" in read) use.set(read.annotator, read.use);
    else if (read) entries.push(read);
  }
  return { log: { entries, use }, problems, text: whole, lines };
}

function readLine<K extends KindName>(
  line: string,
  kind: K,
  context: Kinds[K]["context"],
): LogEntry<K> | { annotator: string; use: boolean } | string | undefined {
  if (line.trim() === "") return undefined;
  let content: unknown;
  try {
    content = parseJson(line);
  } catch (error) {
    return `it is not valid JSON: ${(error as Error).message}`;
  }
  if (isRecord(content) && content.id === undefined) {
    const { annotator, use, session } = content;
    if (typeof annotator === "string" && typeof use === "boolean") return { annotator, use };
    if (typeof session === "string") return undefined;
  }
  const isUndone = isRecord(content) && content.undone === true;
  const answer = readAnswer(isUndone ? { ...(content as object), skipped: true } : content, kind, context);
  if (typeof answer === "string") return answer;
  const { at, nonce, check } = content as Record<string, unknown>;
  const time = typeof at === "string" ? Date.parse(at) : Number.NaN;
  return {
    id: answer.id,
    annotator: answer.annotator,
    ...(!isUndone && { answer }),
    ...(Number.isFinite(time) && { at: time }),
    isCheck: check === true,
    ...(answer.seconds !== undefined && { seconds: answer.seconds }),
    ...(typeof nonce === "string" && { nonce }),
  };
}

/**
 * The answers that stand, in the order of the log (see {@link standing}). The last answer of a person is left out while
 * it can be taken back.
 *
 * @param now ms since 1970; Infinity: those that can be taken back too
 */
export function standingAnswers<K extends KindName>(
  entries: readonly LogEntry<K>[],
  now: number,
): Answer<K>[] {
  const last = new Map(entries.map((entry) => [entry.annotator, entry]));
  const isOpen = ({ at = -Infinity, answer }: LogEntry<K>) =>
    answer !== undefined && !("withdrawn" in answer) && now - at < UNDO_TIME;
  const held = new Set([...last.values()].filter(isOpen).map(({ answer }) => answer));
  return standing(entries).filter((answer) => !held.has(answer));
}
