/** @file A folder in which queries lie and answers are dropped, by anybody, at any time, in any order. */

import { UsageError } from "../errors.js";
import {
  answersText,
  asksThese,
  isAnswers,
  problemsName,
  queriesName,
  queriesText,
  readAnswers,
} from "./answer-file.js";
import type { Answer, LabelRequest, Query } from "./labeller.js";
import type { Pictured } from "./picture.js";

/** A folder whose files come and go. */
export interface DropFolder {
  /** Where it is, for messages. */
  readonly path: string;
  /** Its files, none where it does not exist yet; a stamp changes when its file does. */
  list(): Promise<{ name: string; stamp: string }[]>;
  read(name: string): Promise<string>;
  /** Replaces a whole file, entirely or not at all. */
  write(name: string, text: string): Promise<void>;
  remove(name: string): Promise<void>;
}

export interface DropOptions {
  /** Pictures to put beside the queries. */
  picture?: Pictured;
  /** Is told what is wrong with a file, once. */
  report?: (message: string) => void;
}

interface Seen {
  stamp: string;
  answers: Answer[];
  problems: string[];
  /** What the file beside it says. */
  told: string;
}

/** The queries and answers in a folder. What was read is kept in mind, so that only changed files are read again. */
export class AnswerDrop {
  private readonly seen = new Map<string, Seen>();
  private readonly asked = new Set<number>();
  private readonly own = new Map<string, { file: string; answers: Answer[] }>();

  constructor(
    private readonly folder: DropFolder,
    private readonly options: DropOptions = {},
  ) {}

  /**
   * Writes a file for every batch that has none.
   *
   * @throws UsageError when there is one that asks something else: the folder is another run's
   */
  async ask(request: LabelRequest): Promise<void> {
    const batches = new Map<number, Query[]>();
    for (const query of request.queries) {
      batches.set(query.batch, [...(batches.get(query.batch) ?? []), query]);
    }
    const there = new Set((await this.folder.list()).map(({ name }) => name));
    for (const [batch, queries] of batches) {
      if (this.asked.has(batch)) continue;
      const name = queriesName(batch);
      if (!there.has(name)) {
        await this.folder.write(name, queriesText(request, queries, this.options.picture));
      } else if (!asksThese(await this.folder.read(name), request, queries)) {
        throw new UsageError(
          `${this.folder.path} holds other queries in ${name}: it belongs to another run; choose another folder`,
        );
      }
      this.asked.add(batch);
    }
  }

  /**
   * All that is said in the folder about queries so far: withdrawals, and for each other query what is said first, by
   * name of file and place in it. What cannot be used is reported, here and in a file beside.
   */
  async read({ actionSpace, asked }: LabelRequest): Promise<Map<number, Answer>> {
    const files = (await this.folder.list()).filter(({ name }) => isAnswers(name));
    files.sort((a, b) => (a.name < b.name ? -1 : 1));
    const said = new Map<number, Answer>();
    for (const { name, stamp } of files) {
      const seen = await this.readFile(name, stamp, actionSpace);
      const problems = [...seen.problems];
      for (const answer of seen.answers) {
        const before = said.get(answer.id);
        if (answer.id > asked) problems.push(`query ${answer.id} has not been asked so far`);
        if (!before || "withdrawn" in answer) said.set(answer.id, answer);
        else if (!("withdrawn" in before) && answersText([before]) !== answersText([answer])) {
          problems.push(
            `query ${answer.id} has another answer already, which counts; withdraw it to be rid of both`,
          );
        }
      }
      await this.tell(name, seen, problems);
    }
    for (const id of [...said.keys()]) if (id > asked) said.delete(id);
    return said;
  }

  /** Adds an answer to the file of this name, or to one beside it where that cannot be read whole. */
  async add(name: string, answer: Answer, { actionSpace }: LabelRequest): Promise<void> {
    let own = this.own.get(name);
    if (!own) {
      own = await this.firstSound(name, actionSpace);
      this.own.set(name, own);
    }
    own.answers.push(answer);
    await this.folder.write(own.file, answersText(own.answers));
  }

  /** Nothing that somebody wrote is written over. */
  private async firstSound(name: string, actionSpace: LabelRequest["actionSpace"]) {
    const there = new Set((await this.folder.list()).map((file) => file.name));
    for (let n = 1; ; n++) {
      const file = n === 1 ? name : name.replace(/\.json$/, `-${n}.json`);
      if (!there.has(file)) return { file, answers: [] };
      const { answers, problems } = readAnswers(await this.folder.read(file), actionSpace);
      if (problems.length === 0) return { file, answers };
    }
  }

  private async readFile(
    name: string,
    stamp: string,
    actionSpace: LabelRequest["actionSpace"],
  ): Promise<Seen> {
    const before = this.seen.get(name);
    if (before?.stamp === stamp) return before;
    let found: Pick<Seen, "answers" | "problems">;
    try {
      found = readAnswers(await this.folder.read(name), actionSpace);
    } catch (error) {
      // It may be gone again, or not ours to read: the next look will tell.
      found = { answers: [], problems: [`it cannot be read: ${(error as Error).message}`] };
    }
    const seen = { stamp, told: before?.told ?? "", ...found };
    this.seen.set(name, seen);
    return seen;
  }

  private async tell(name: string, seen: Seen, problems: string[]): Promise<void> {
    const text = problems.map((problem) => `${problem}\n`).join("");
    if (text === seen.told) return;
    seen.told = text;
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
