/** @file A folder of questions and answers, into which people and programs put answers at any time and in any order. */

import { UsageError } from "../errors.js";
import { type Log, type LogReading, readLog, standingAnswers } from "./answer-log.js";
import type { KindName, Kinds } from "./kinds/index.js";
import type { Answer, LabelRequest, Question } from "./question.js";
import {
  answerLine,
  answerToJson,
  asksThese,
  batchOf,
  idsIn,
  isAnswers,
  problemsName,
  queriesName,
  queriesText,
  readAnswers,
  type Shown,
  whyUnfit,
} from "./question-file.js";

/** A folder whose files may change at any time. */
export interface DropFolder {
  /** The path, for messages. */
  readonly path: string;
  /** The files, empty if the folder does not exist yet. A stamp changes when its file changes. */
  list(): Promise<{ name: string; stamp: string }[]>;
  read(name: string): Promise<string>;
  /** Replaces a file atomically. */
  write(name: string, text: string): Promise<void>;
  remove(name: string): Promise<void>;
  /** Appends to a file, so that nothing is lost once it returns; unset: the file is written again. */
  append?(name: string, text: string): Promise<void>;
  /**
   * Keeps other processes out, until the returned function is called.
   *
   * @throws UsageError naming the process that has the folder
   */
  lock?(): Promise<() => void>;
}

/** The folder at a path. Imported on demand, so that browsers do not load modules of Node.js. */
export const openFolder = async (folder: string | DropFolder): Promise<DropFolder> =>
  typeof folder === "string" ? (await import("./disk-folder.js")).diskFolder(folder) : folder;

export interface DropOptions<K extends KindName = "action"> extends Shown<K> {
  /** Receives a message about each error in a file, once. */
  report?: (message: string) => void;
  /** Where the events "asked" and "answered" are told to others of this process, and heard from them. */
  bell?: EventTarget;
}

/** A file of answers: JSON, whose answers stand, or the lines of a log. */
export interface SeenFile<K extends KindName> {
  readonly name: string;
  readonly answers: readonly Answer<K>[];
  readonly log?: Log<K>;
  readonly problems: readonly string[];
}

interface Seen<K extends KindName> extends SeenFile<K> {
  stamp: string;
  reading?: LogReading<K>;
  /** The text of the accompanying file of problems. */
  reported: string;
}

/** The questions and answers in a folder. Files are read again only after changes. */
export class QuestionFolder<K extends KindName> {
  private readonly seen = new Map<string, Seen<K>>();
  private readonly asked = new Set<number>();
  /** The ids in the files of questions, by their names; those of a run that was killed are asked again. */
  private readonly filed = new Map<string, readonly number[]>();
  private hasToldOfReplay = false;

  constructor(
    private readonly kind: K,
    private readonly folder: DropFolder,
    private readonly options: DropOptions<K> = {},
  ) {}

  /** Keeps other processes out, whose answers would be mixed with these. @returns a function that lets them in again */
  async lock(): Promise<() => void> {
    return (await this.folder.lock?.()) ?? (() => {});
  }

  /**
   * Writes a file for every batch without one.
   *
   * @throws UsageError when the file of a batch holds other questions: the folder belongs to another run
   */
  async ask(request: LabelRequest<K>): Promise<void> {
    const batches = new Map<number, Question<K>[]>();
    for (const query of request.queries) {
      batches.set(query.batch, [...(batches.get(query.batch) ?? []), query]);
    }
    const there = new Set((await this.folder.list()).map(({ name }) => name));
    for (const [batch, queries] of batches) {
      if (this.asked.has(batch)) continue;
      const name = queriesName(batch);
      if (!there.has(name)) {
        await this.folder.write(name, queriesText(this.kind, request, queries, this.options));
      } else if (!asksThese(await this.folder.read(name), this.kind, request, queries)) {
        throw new UsageError(
          `${this.folder.path} holds other queries in ${name}: it belongs to another run; choose another folder`,
        );
      }
      this.asked.add(batch);
    }
    this.options.bell?.dispatchEvent(new Event("asked"));
  }

  /**
   * The answers in the folder to the questions so far: withdrawals, and for each other question the first answer, by
   * file name and position. Errors are reported, and written to a file of problems.
   */
  async read(request: LabelRequest<K>): Promise<Map<number, Answer<K>>> {
    const files = await this.files(request);
    const all = await this.standing(files, request, Number.POSITIVE_INFINITY);
    // Nobody waits for an answer that could be taken back when it is the last one that is missing.
    if (request.queries.every(({ id }) => all.has(id))) return all;
    return this.standing(files, request, Date.now());
  }

  /** The questions of which an answer was taken back or is not used, also if there is another one now. */
  async retracted(context: Kinds[K]["context"]): Promise<Set<number>> {
    const files = await this.files(context);
    const unused = unusedIn(files);
    const isRetracted = ({ annotator, answer }: { annotator?: string; answer?: unknown }) =>
      !answer || unused.has(annotator);
    return new Set(
      files
        .flatMap(({ log, answers }) => [
          ...(log?.entries.filter(isRetracted) ?? []),
          ...answers.filter(({ annotator }) => unused.has(annotator)),
        ])
        .map(({ id }) => id),
    );
  }

  /** @param now ms since 1970: what can be taken back at that time is left out */
  private async standing(
    files: readonly Seen<K>[],
    request: LabelRequest<K>,
    now: number,
  ): Promise<Map<number, Answer<K>>> {
    const { asked } = request;
    const unused = unusedIn(files);
    const open = new Map(request.queries.map((query) => [query.id, query]));
    const found = new Map<number, Answer<K>>();
    const waiting = new Set<number>();
    for (const seen of files) {
      const problems = [...seen.problems];
      const answers = seen.log ? standingAnswers(seen.log.entries, now) : seen.answers;
      for (const answer of answers) {
        const { id, annotator } = answer;
        if (unused.has(annotator)) continue;
        const question = open.get(id);
        const unfit = question && whyUnfit(answer, question, this.kind, request);
        const before = found.get(id);
        if (id > asked && (await this.isFiled(id))) waiting.add(id);
        else if (id > asked) problems.push(`query ${id} has not been asked so far`);
        else if (unfit) problems.push(unfit);
        else if (!before || "withdrawn" in answer) found.set(id, answer);
        // People whose answers are logged may answer the same question; those of a file cannot know which one counts.
        else if (!("withdrawn" in before) && !seen.log && !isSame(this.kind, before, answer)) {
          problems.push(
            `query ${id} has another answer already, which counts; withdraw it to be rid of both`,
          );
        }
      }
      await this.tell(seen, problems);
    }
    if (waiting.size > 0 && !this.hasToldOfReplay) {
      this.hasToldOfReplay = true;
      const count = waiting.size + found.size;
      this.options.report?.(
        `${this.folder.path}: ${count} answer${count === 1 ? "" : "s"} found; the run replays to them`,
      );
    }
    return found;
  }

  /** Whether a question is in a file: one that was asked before a kill, which the run asks again. */
  private async isFiled(id: number): Promise<boolean> {
    const isKnown = () => [...this.filed.values()].some((ids) => ids.includes(id));
    if (isKnown()) return true;
    for (const { name } of await this.folder.list()) {
      if (batchOf(name) === undefined || this.filed.has(name)) continue;
      this.filed.set(name, idsIn(await this.folder.read(name)));
    }
    return isKnown();
  }

  /** The files of answers, by name. */
  async files(context: Kinds[K]["context"]): Promise<Seen<K>[]> {
    const files = (await this.folder.list()).filter(({ name }) => isAnswers(name));
    files.sort((a, b) => (a.name < b.name ? -1 : 1));
    const seen: Seen<K>[] = [];
    for (const { name, stamp } of files) seen.push(await this.readFile(name, stamp, context));
    return seen;
  }

  /** Appends an answer to the log of this name. @param more what else is recorded, such as the time */
  add(name: string, answer: Answer<K>, more?: object): Promise<void> {
    return this.append(name, answerLine(this.kind, answer, more));
  }

  /** Appends whole lines to the log of this name. When it returns, a crash loses none of them. */
  async append(name: string, lines: string): Promise<void> {
    if (this.folder.append) return this.folder.append(name, lines);
    const isThere = (await this.folder.list()).some((file) => file.name === name);
    const before = isThere ? await this.folder.read(name) : "";
    // What a kill has left of a line was not acknowledged.
    await this.folder.write(name, before.slice(0, before.lastIndexOf("\n") + 1) + lines);
  }

  private async readFile(name: string, stamp: string, context: Kinds[K]["context"]): Promise<Seen<K>> {
    const before = this.seen.get(name);
    if (before?.stamp === stamp) return before;
    let found: Pick<Seen<K>, "answers" | "log" | "problems" | "reading">;
    try {
      const text = await this.folder.read(name);
      if (name.endsWith(".jsonl")) {
        const reading = readLog(text, this.kind, context, before?.reading);
        found = { answers: [], log: reading.log, problems: reading.problems, reading };
      } else found = readAnswers(text, this.kind, context);
    } catch (error) {
      // The file was removed or cannot be read; the next read decides.
      found = { answers: [], problems: [`it cannot be read: ${(error as Error).message}`] };
    }
    const seen = { name, stamp, reported: before?.reported ?? "", ...found };
    this.seen.set(name, seen);
    return seen;
  }

  private async tell(seen: Seen<K>, problems: string[]): Promise<void> {
    const { name } = seen;
    const text = problems.map((problem) => `${problem}\n`).join("");
    if (text === seen.reported) return;
    seen.reported = text;
    const beside = problemsName(name);
    if (problems.length > 0) {
      const more = problems.length > 1 ? ` (and ${problems.length - 1} more: see ${beside})` : "";
      this.options.report?.(`${this.folder.path}, ${name}: ${problems[0]}${more}`);
    }
    try {
      if (problems.length > 0) await this.folder.write(beside, text);
      else await this.folder.remove(beside);
    } catch (error) {
      this.options.report?.(`cannot write ${beside}: ${(error as Error).message}`);
    }
  }
}

/** The people whose answers are not used, as the logs of any of the files say. */
export const unusedIn = (
  files: readonly { log?: { use: ReadonlyMap<string, boolean> } }[],
): Set<string | undefined> => {
  const use = new Map(files.flatMap(({ log }) => [...(log?.use ?? [])]));
  return new Set([...use.keys()].filter((annotator) => !use.get(annotator)));
};

/** Whether two answers to a question have the same content, apart from annotator and response time. */
export function isSame<K extends KindName>(kind: K, a: Answer<K>, b: Answer<K>): boolean {
  const unsigned = { annotator: undefined, seconds: undefined };
  const text = (answer: Answer<K>) => JSON.stringify({ ...answerToJson(kind, answer), ...unsigned });
  return text(a) === text(b);
}
