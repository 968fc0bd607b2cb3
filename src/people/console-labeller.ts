/** @file The console labeller: asks a person at a terminal. */

import * as z from "zod";
import { resolveOptions } from "../config/options.js";
import type { Names } from "../env/contracts.js";
import { type KindName, type Kinds, kindName, kinds } from "./kinds/index.js";
import { type Labeller, Paused } from "./labeller.js";
import type { Pictured } from "./picture.js";
import type { Answer, LabelRequest, Question } from "./question.js";
import { type DropFolder, openFolder, QuestionFolder } from "./question-folder.js";

/** A terminal, at which a person reads and types. */
export interface Terminal {
  write(text: string): void;
  /** The next typed line; `undefined` after the end of the input. Rejects when `signal` is aborted. */
  readLine(signal: AbortSignal): Promise<string | undefined>;
  /** Stops reading until the next line is requested. */
  release(): void;
}

export interface ConsoleLabellerOptions<K extends KindName = "action"> {
  /** Opened with the first question. */
  terminal: () => Terminal;
  /** The kind of the questions; `"action"` by default. */
  asks?: K;
  /** A folder that stores the answers, so that a kill loses none: a path (Node.js) or a folder object. */
  folder?: string | DropFolder;
  /** The name of the person. If given, answers record it with their response time (s). */
  annotator?: string;
  names?: Names;
  picture?: Pictured<K>;
  report?: (message: string) => void;
}

/** The meaning of a typed line. */
export type Command<K extends KindName> =
  | { kind: "reply"; reply: Kinds[K]["reply"] }
  | { kind: "skip" }
  | { kind: "stop" }
  | { kind: "withdraw"; id?: number }
  | { kind: "unclear"; reason: string };

/** Reads a typed line: a reply as the kind of question spells it, or one of `s`, `w`, `w 12` and `q`. */
export function readCommand<K extends KindName>(
  line: string,
  kind: K,
  context: Kinds[K]["context"],
  { names = {}, subject }: { names?: Names; subject?: Kinds[K]["subject"] } = {},
): Command<K> {
  const text = line.trim();
  const lower = text.toLowerCase();
  if (lower === "s" || lower === "skip") return { kind: "skip" };
  if (lower === "q" || lower === "quit") return { kind: "stop" };
  const withdrawal = /^w(?:ithdraw)?(?:\s+(\d+))?$/.exec(lower);
  if (withdrawal) return { kind: "withdraw", ...(withdrawal[1] && { id: Number(withdrawal[1]) }) };
  if (text === "") return { kind: "unclear", reason: "nothing was typed" };
  const { parse, read } = kinds[kind];
  const reply = read(parse(text, context, names), context, subject);
  return typeof reply === "string" ? { kind: "unclear", reason: reply } : { kind: "reply", reply };
}

/**
 * Shows one question at a time and reads the answers. `s` skips a question, `w` withdraws the last answer and
 * `w 12` the answer to question 12, `q` or the end of the input stops the run, which can be resumed later.
 */
export function consoleLabeller<K extends KindName = "action">({
  terminal: openTerminal,
  asks = "action" as K,
  folder,
  annotator,
  names = {},
  picture,
  report,
}: ConsoleLabellerOptions<K>): Labeller<K> {
  resolveOptions("consoleLabeller", schema, { asks, annotator });
  const FILE = "answers-console.jsonl";
  let opened: Promise<QuestionFolder<K>> | undefined;
  let terminal: Terminal | undefined;
  let last: number | undefined;

  const textOf = (query: Question<K>, left: number, request: LabelRequest<K>): string => {
    const { title, origin, describe, choices } = kinds[asks];
    const drawn = picture?.(query);
    const place = origin ? `${origin(query)}; ` : "";
    const lines = [
      "",
      `${title(request)}, query ${query.id} (${place}${left} to go)`,
      ...(drawn && "text" in drawn ? [drawn.text] : []),
      ...describe(query, request, names),
      `${choices(query, request, names)}; s skip, w withdraw the last answer, q stop`,
    ];
    return `${lines.join("\n")}\n`;
  };

  return {
    kind: "console",
    asks,
    wantsStates: picture !== undefined,
    async *label(request, signal) {
      if (folder !== undefined) {
        opened ??= openFolder(folder).then((files) => new QuestionFolder(asks, files, { report }));
      }
      const kept = await opened;
      const release = await kept?.lock();
      try {
        await kept?.ask(request);
        const earlier = kept ? await kept.read(request) : new Map<number, Answer<K>>();
        if (earlier.size > 0) yield [...earlier.values()];
        const open = request.queries.filter(({ id }) => !earlier.has(id));
        terminal ??= openTerminal();
        for (const [i, query] of open.entries()) {
          terminal.write(textOf(query, open.length - i, request));
          const shownAt = performance.now();
          for (;;) {
            terminal.write("> ");
            const line = await terminal.readLine(signal);
            const command =
              line === undefined ? undefined : readCommand(line, asks, request, { names, subject: query });
            if (!command || command.kind === "stop")
              throw new Paused("the person at the terminal has stopped");
            if (command.kind === "unclear") {
              terminal.write(`${command.reason}\n`);
              continue;
            }
            if (command.kind === "withdraw") {
              const id = command.id ?? last;
              const isToCome = open.slice(i + 1).some((later) => later.id === id);
              if (id === undefined || id < 1 || id > request.asked || isToCome) {
                terminal.write("there is no such answer to withdraw\n");
                continue;
              }
              const answer = { id, ...(annotator && { annotator }), withdrawn: true } as const;
              await kept?.add(FILE, answer);
              if (id === last) last = undefined;
              yield [answer];
              if (id === query.id) break;
              terminal.write(`the answer to query ${id} is withdrawn; query ${query.id} again\n`);
              continue;
            }
            const { id } = query;
            const seconds = (performance.now() - shownAt) / 1000;
            const signed = { id, ...(annotator && { annotator, seconds }) };
            const answer: Answer<K> =
              command.kind === "skip" ? { ...signed, skipped: true } : { ...signed, ...command.reply };
            await kept?.add(FILE, answer);
            last = id;
            yield [answer];
            break;
          }
        }
      } catch (error) {
        // The learner has stopped waiting. Lines typed from now on belong to the next request.
        if (!signal.aborted || error instanceof Paused) throw error;
      } finally {
        terminal?.release();
        release?.();
      }
    },
  };
}

const schema = z.strictObject({ asks: kindName(), annotator: z.string().min(1).optional() });
