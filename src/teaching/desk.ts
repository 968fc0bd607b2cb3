/**
 * @file The desk: the questions and answers in a folder, as the page of teaching sees them. What a run asks lies there, and
 * what people answer is appended to a log there, so that neither needs the other to run.
 */

import { type LogEntry, standingAnswers, UNDO_TIME } from "../people/answer-log.js";
import type { KindName, Kinds } from "../people/kinds/index.js";
import type { Answer } from "../people/question.js";
import { answerToJson, batchOf, isRecord, readAnswer, whyStranger } from "../people/question-file.js";
import { type DropFolder, isSame, QuestionFolder, unusedIn } from "../people/question-folder.js";
import { spaceOf } from "../spaces/index.js";
import { parseJson } from "../state/json.js";
import { teachersOf } from "./trust.js";
import type { Given, Receipt, Teacher } from "./wire.js";

/** The log to which the server appends. */
export const WEB_LOG = "answers-web.jsonl";

/** Time for which a question is kept for the person who was shown it (ms). */
const LEASE = 90_000;

/** After how many answers a person sees a question again, or one that another person has answered. */
const CHECK_EVERY = 10;

/** A question as in its file. */
export interface FiledQuestion {
  readonly id: number;
  readonly batch: number;
  readonly record: Record<string, unknown>;
}

type Context = Kinds[KindName]["context"];

export interface Desk {
  /** The kind of the questions and their context; undefined while there are none. */
  readonly asks: { kind: KindName; context: Context } | undefined;
  readonly questions: ReadonlyMap<number, FiledQuestion>;
  /** Reads what is new in the folder. Returns whether anything is. */
  refresh(): Promise<boolean>;
  /** The next questions for a person, which are kept for this person for a while. */
  next(annotator: string, count: number, except: ReadonlySet<number>): FiledQuestion[];
  /** Appends answers to the log; when it returns, a crash loses none of them. */
  post(annotator: string, given: readonly Given[]): Promise<Receipt[]>;
  /** Says whether the answers of a person are used. */
  use(annotator: string, isUsed: boolean): Promise<void>;
  /** Number of questions without an answer; of a person: those that this person may answer. */
  open(annotator?: string): number;
  /** The answer of a person that can be taken back. */
  undoable(annotator: string): number | undefined;
  answeredSince(annotator: string, time: number): number;
  teachers(): Teacher[];
}

/**
 * @param more what every line of the log records, such as the session
 * @param now ms since 1970, for tests
 */
export function openDesk(
  folder: DropFolder,
  { bell, more = {}, now = Date.now }: { bell?: EventTarget; more?: object; now?: () => number } = {},
): Desk {
  const questions = new Map<number, FiledQuestion>();
  const readBatches = new Set<string>();
  const leases = new Map<number, { annotator: string; until: number }>();
  let asks: Desk["asks"];
  let files: QuestionFolder<KindName> | undefined;
  /** The events of all logs, in order, and the answers that stand, by question. */
  let events: LogEntry<KindName>[] = [];
  let standing = new Map<number, Answer<KindName>>();
  let unused = new Set<string | undefined>();
  let nonces = new Set<string>();
  let stamps = "";

  async function readQuestions(): Promise<void> {
    const found = (await folder.list())
      .map(({ name }) => ({ name, batch: batchOf(name) }))
      .filter(({ name, batch }) => batch !== undefined && !readBatches.has(name))
      .sort((a, b) => a.batch! - b.batch!);
    for (const { name, batch } of found) {
      const { queries, ...head } = parseJson(await folder.read(name)) as Record<string, unknown> & {
        queries: Record<string, unknown>[];
      };
      const kind = (head.kind ?? "action") as KindName;
      asks ??= { kind, context: contextOf(head) };
      files ??= new QuestionFolder(kind, folder);
      for (const { id, ...record } of queries) {
        questions.set(Number(id), { id: Number(id), batch: batch!, record });
      }
      readBatches.add(name);
    }
  }

  async function readAnswers(): Promise<void> {
    if (!files || !asks) return;
    const all = await files.files(asks.context);
    events = all.flatMap(({ log }) => log?.entries ?? []);
    unused = unusedIn(all);
    nonces = new Set(events.flatMap(({ nonce }) => nonce ?? []));
    standing = new Map();
    for (const { log, answers } of all) {
      for (const answer of log ? standingAnswers(log.entries, Number.POSITIVE_INFINITY) : answers) {
        if (unused.has(answer.annotator)) continue;
        if (!standing.has(answer.id) || "withdrawn" in answer) standing.set(answer.id, answer);
      }
    }
  }

  const ownEvents = (annotator: string) => events.filter((event) => event.annotator === annotator);

  /** Of one person: the last answer, while it can be taken back. A learner that waits for nothing else has it already. */
  function undoable(annotator: string): number | undefined {
    const last = ownEvents(annotator).at(-1);
    if (!last?.answer || last.isCheck || "withdrawn" in last.answer) return undefined;
    return now() - (last.at ?? -Infinity) < UNDO_TIME && open() > 0 ? last.id : undefined;
  }

  const isOpen = (id: number) => !standing.has(id);
  const isFor = ({ record }: FiledQuestion, annotator: string) =>
    record.for === undefined || record.for === annotator;
  const open = (annotator?: string) =>
    [...questions.values()].filter(
      (question) => isOpen(question.id) && (annotator === undefined || isFor(question, annotator)),
    ).length;

  /** A closed question by which this person is compared with an earlier answer, if one is due. */
  function check(annotator: string, except: ReadonlySet<number>): number | undefined {
    const own = ownEvents(annotator);
    const checks = own.filter(({ isCheck }) => isCheck).length;
    if (Math.floor(own.length / CHECK_EVERY) <= checks) return undefined;
    // The page has one already.
    if ([...except].some((id) => standing.has(id))) return undefined;
    const seen = new Set(own.map(({ id }) => id));
    const looked = new Set(own.filter(({ isCheck }) => isCheck).map(({ id }) => id));
    const recent = new Set(own.slice(-3).map(({ id }) => id));
    const replied = [...standing.values()].filter(
      (answer) =>
        !("skipped" in answer || "withdrawn" in answer) &&
        questions.has(answer.id) &&
        !looked.has(answer.id) &&
        !recent.has(answer.id) &&
        !except.has(answer.id),
    );
    const ofOthers = replied.filter(({ id }) => !seen.has(id));
    const ofOwn = replied.filter((answer) => answer.annotator === annotator);
    const [first, second] = checks % 2 === 0 ? [ofOthers, ofOwn] : [ofOwn, ofOthers];
    return (first[0] ?? second[0])?.id;
  }

  const reply = (given: Given, annotator: string, kind: KindName, context: Context) => {
    const { id, reply: content, seconds } = given;
    const entry = { ...content, id, annotator, ...(seconds !== undefined && { seconds }) };
    const answer = readAnswer(entry, kind, context);
    if (typeof answer === "string") return answer;
    const question = questions.get(id);
    if (!question) return `query ${id} has not been asked`;
    const stranger = isOpen(id) && whyStranger({ annotator }, { id, for: question.record.for });
    if (stranger) return stranger;
    if (kind !== "critique" || !("mistakes" in answer)) return answer;
    // The number of steps bounds the spans.
    const { actions } = question.record.segment as { actions: unknown[] };
    const last = Math.max(...(answer.mistakes as readonly (readonly number[])[]).flat(), 0);
    return last < actions.length ? answer : `step ${last} is not one of the ${actions.length} of the segment`;
  };

  /** The line of the log for what a person did, and what becomes of it. */
  function lineFor(given: Given, annotator: string): { receipt: Receipt; line?: object } {
    const { id, nonce, swapped } = given;
    const { kind, context } = asks!;
    const signed = { annotator, nonce, at: new Date(now()).toISOString(), ...more };
    if (given.reply.undone === true) {
      const last = ownEvents(annotator).findLast((event) => event.id === id);
      if (last?.isCheck) {
        return { receipt: { nonce, result: "undone" }, line: { id, undone: true, check: true, ...signed } };
      }
      if (standing.get(id)?.annotator !== annotator) {
        return { receipt: { nonce, result: "refused", reason: `query ${id} has no answer of yours` } };
      }
      if (undoable(annotator) === id) {
        return { receipt: { nonce, result: "undone" }, line: { id, undone: true, ...signed } };
      }
      return { receipt: { nonce, result: "withdrawn" }, line: { id, withdrawn: true, ...signed } };
    }
    const answer = reply(given, annotator, kind, context);
    if (typeof answer === "string") return { receipt: { nonce, result: "refused", reason: answer } };
    const isCheck = !isOpen(id);
    const content = { ...answerToJson(kind, answer), ...signed, ...(swapped && { swapped }) };
    return {
      receipt: { nonce, result: isCheck ? "check" : "kept" },
      line: isCheck ? { ...content, check: true } : content,
    };
  }

  let queue: Promise<unknown> = Promise.resolve();
  /** One after the other: what becomes of an answer depends on those before it. */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const done = queue.then(work);
    queue = done.catch(() => {});
    return done;
  };

  const desk: Desk = {
    get asks() {
      return asks;
    },
    questions,
    refresh: () =>
      inTurn(async () => {
        const found = (await folder.list()).filter(({ name }) => /^(queries|answers)-.*\.jsonl?$/.test(name));
        const now = JSON.stringify(found);
        if (now === stamps) return false;
        stamps = now;
        await readQuestions();
        await readAnswers();
        return true;
      }),
    next(annotator, count, except) {
      const chosen: FiledQuestion[] = [];
      const due = check(annotator, except);
      if (due !== undefined) chosen.push(questions.get(due)!);
      for (const question of [...questions.values()].sort((a, b) => a.id - b.id)) {
        if (chosen.length >= count) break;
        const lease = leases.get(question.id);
        const isTaken = lease && lease.annotator !== annotator && lease.until > now();
        const isNext = isOpen(question.id) && isFor(question, annotator) && !except.has(question.id);
        if (!isNext || isTaken) continue;
        leases.set(question.id, { annotator, until: now() + LEASE });
        chosen.push(question);
      }
      return chosen;
    },
    post: (annotator, given) =>
      inTurn(async () => {
        await readQuestions();
        await readAnswers();
        const receipts: Receipt[] = [];
        let lines = "";
        const touched = new Set<number>();
        const write = async () => {
          if (lines === "") return;
          await files!.append(WEB_LOG, lines);
          await readAnswers();
          lines = "";
          touched.clear();
        };
        for (const one of given) {
          const nonce = `${annotator}/${one.nonce}`;
          // What becomes of these depends on the lines before.
          if (one.reply.undone === true || touched.has(one.id)) await write();
          if (!asks || !files) {
            receipts.push({ nonce: one.nonce, result: "refused", reason: "nothing has been asked" });
          } else if (nonces.has(nonce)) {
            receipts.push({ nonce: one.nonce, result: "again" });
          } else {
            const { receipt, line } = lineFor({ ...one, nonce }, annotator);
            receipts.push({ ...receipt, nonce: one.nonce });
            if (!line) continue;
            lines += `${JSON.stringify(line)}\n`;
            touched.add(one.id);
            nonces.add(nonce);
          }
        }
        await write();
        bell?.dispatchEvent(new Event("answered"));
        return receipts;
      }),
    use: (annotator, isUsed) =>
      inTurn(async () => {
        files ??= new QuestionFolder("action", folder);
        const line = { annotator, use: isUsed, at: new Date(now()).toISOString(), ...more };
        await files.append(WEB_LOG, `${JSON.stringify(line)}\n`);
        await readAnswers();
        bell?.dispatchEvent(new Event("answered"));
      }),
    open,
    undoable,
    answeredSince: (annotator, time) =>
      ownEvents(annotator).filter(({ at = 0, answer }) => answer && at >= time).length,
    teachers: () => teachersOf(events, standing, unused, (a, b) => isSame(asks!.kind, a, b)),
  };
  return desk;
}

/** The context in the head of a file of questions. */
function contextOf(head: Record<string, unknown>): Context {
  const spaces = ["observationSpace", "actionSpace"].filter((name) => isRecord(head[name]));
  const read = spaces.map((name) => [name, spaceOf(head[name], name)]);
  return { ...head, ...Object.fromEntries(read) } as unknown as Context;
}
