/** @file A folder of questions and answers, into which people and programs put answers at any time and in any order. */

import { UsageError } from "../errors.js";
import type { KindName } from "./kinds/index.js";
import type { Pictured } from "./picture.js";
import type { Answer, LabelRequest, Question } from "./question.js";
import {
  answersText,
  answerToJson,
  asksThese,
  isAnswers,
  problemsName,
  queriesName,
  queriesText,
  readAnswers,
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

export interface DropOptions<K extends KindName = "action"> {
  /** Draws pictures of the questions. */
  picture?: Pictured<K>;
  /** Receives a message about each error in a file, once. */
  report?: (message: string) => void;
}

interface Seen<K extends KindName> {
  stamp: string;
  answers: Answer<K>[];
  problems: string[];
  /** The text of the accompanying file of problems. */
  reported: string;
}

/** The questions and answers in a folder. Files are read again only after changes. */
export class QuestionFolder<K extends KindName> {
  private readonly seen = new Map<string, Seen<K>>();
  private readonly asked = new Set<number>();
  private readonly own = new Map<string, { file: string; answers: Answer<K>[] }>();

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
        await this.folder.write(name, queriesText(this.kind, request, queries, this.options.picture));
      } else if (!asksThese(await this.folder.read(name), this.kind, request, queries)) {
        throw new UsageError(
          `${this.folder.path} holds other queries in ${name}: it belongs to another run; choose another folder`,
        );
      }
      this.asked.add(batch);
    }
  }

  /**
   * The answers in the folder to the questions so far: withdrawals, and for each other question the first answer, by
   * file name and position. Errors are reported, and written to a file of problems.
   */
  async read(request: LabelRequest<K>): Promise<Map<number, Answer<K>>> {
    const { asked } = request;
    const open = new Map(request.queries.map((query) => [query.id, query]));
    const files = (await this.folder.list()).filter(({ name }) => isAnswers(name));
    files.sort((a, b) => (a.name < b.name ? -1 : 1));
    const found = new Map<number, Answer<K>>();
    for (const { name, stamp } of files) {
      const seen = await this.readFile(name, stamp, request);
      const problems = [...seen.problems];
      for (const answer of seen.answers) {
        const { id } = answer;
        const question = open.get(id);
        const unfit = question && whyUnfit(answer, question, this.kind, request);
        const before = found.get(id);
        if (id > asked) problems.push(`query ${id} has not been asked so far`);
        else if (unfit) problems.push(unfit);
        else if (!before || "withdrawn" in answer) found.set(id, answer);
        else if (!("withdrawn" in before) && !isSame(this.kind, before, answer)) {
          problems.push(
            `query ${id} has another answer already, which counts; withdraw it to be rid of both`,
          );
        }
      }
      await this.tell(name, seen, problems);
    }
    return found;
  }

  /** Adds an answer to the file of this name, or to a numbered one if the file has errors. */
  async add(name: string, answer: Answer<K>, request: LabelRequest<K>): Promise<void> {
    let own = this.own.get(name);
    if (!own) {
      own = await this.firstSound(name, request);
      this.own.set(name, own);
    }
    own.answers.push(answer);
    await this.folder.write(own.file, answersText(this.kind, own.answers));
  }

  /** The name of a file that is new or holds only valid answers, so that a person's text is never overwritten. */
  private async firstSound(name: string, request: LabelRequest<K>) {
    const there = new Set((await this.folder.list()).map((file) => file.name));
    for (let n = 1; ; n++) {
      const file = n === 1 ? name : name.replace(/\.json$/, `-${n}.json`);
      if (!there.has(file)) return { file, answers: [] };
      const { answers, problems } = readAnswers(await this.folder.read(file), this.kind, request);
      if (problems.length === 0) return { file, answers };
    }
  }

  private async readFile(name: string, stamp: string, request: LabelRequest<K>): Promise<Seen<K>> {
    const before = this.seen.get(name);
    if (before?.stamp === stamp) return before;
    let found: Pick<Seen<K>, "answers" | "problems">;
    try {
      found = readAnswers(await this.folder.read(name), this.kind, request);
    } catch (error) {
      // The file was removed or cannot be read; the next read decides.
      found = { answers: [], problems: [`it cannot be read: ${(error as Error).message}`] };
    }
    const seen = { stamp, reported: before?.reported ?? "", ...found };
    this.seen.set(name, seen);
    return seen;
  }

  private async tell(name: string, seen: Seen<K>, problems: string[]): Promise<void> {
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

/** Whether two answers to a question have the same content, apart from annotator and response time. */
function isSame<K extends KindName>(kind: K, a: Answer<K>, b: Answer<K>): boolean {
  const unsigned = { annotator: undefined, seconds: undefined };
  const text = (answer: Answer<K>) => JSON.stringify({ ...answerToJson(kind, answer), ...unsigned });
  return text(a) === text(b);
}
