/** @file The labeller that is a person at a terminal. */

import { type Space, spaceWidth, whyOutside } from "../spaces/index.js";
import type { Action } from "../spaces/values.js";
import { AnswerDrop, type DropFolder } from "./answer-drop.js";
import { openDrop } from "./file-labeller.js";
import { type Answer, type Labeller, type LabelRequest, Paused, type Query } from "./labeller.js";
import type { Pictured } from "./picture.js";

/** Where a person reads and types. */
export interface Terminal {
  write(text: string): void;
  /** The next line that is typed; nothing once there will be none. Rejects when `signal` is aborted. */
  readLine(signal: AbortSignal): Promise<string | undefined>;
  /** Until the next line is asked for, nobody reads. */
  release(): void;
}

/** What actions and the numbers of an observation are called. */
export interface Names {
  actions?: readonly string[];
  observations?: readonly string[];
}

export interface ConsoleLabellerOptions {
  /** Opened with the first question. */
  terminal: () => Terminal;
  /** Keeps the answers, so that a kill loses none: a path (Node.js), or any other place that holds files. */
  folder?: string | DropFolder;
  names?: Names;
  picture?: Pictured;
  report?: (message: string) => void;
}

/** What somebody meant by a line. */
export type Reply =
  | { kind: "action"; action: Action }
  | { kind: "skip" }
  | { kind: "stop" }
  | { kind: "withdraw"; id?: number }
  | { kind: "unclear"; reason: string };

/** Reads a line: an action by number, name or list of numbers, or one of `s`, `w`, `w 12` and `q`. */
export function readReply(line: string, actionSpace: Space, names: Names = {}): Reply {
  const text = line.trim();
  const lower = text.toLowerCase();
  if (lower === "s" || lower === "skip") return { kind: "skip" };
  if (lower === "q" || lower === "quit") return { kind: "stop" };
  const withdrawal = /^w(?:ithdraw)?(?:\s+(\d+))?$/.exec(lower);
  if (withdrawal) return { kind: "withdraw", ...(withdrawal[1] && { id: Number(withdrawal[1]) }) };
  const named = names.actions?.findIndex((name) => name.toLowerCase() === lower) ?? -1;
  const numbers = text.split(/[\s,]+/).map((part) => (part === "" ? Number.NaN : Number(part)));
  const action =
    named >= 0 ? named : actionSpace.kind === "discrete" && numbers.length === 1 ? numbers[0] : numbers;
  const reason = text === "" ? "nothing was typed" : whyOutside(actionSpace, action);
  return reason ? { kind: "unclear", reason } : { kind: "action", action };
}

/** What may be typed. */
function choices(space: Space, { actions = [] }: Names): string {
  if (space.kind === "discrete") {
    const named = (a: number) => (actions[a] ? `${a} ${actions[a]}` : `${a}`);
    return space.n <= 20
      ? Array.from({ length: space.n }, (_, a) => named(a)).join(", ")
      : `0 to ${space.n - 1}`;
  }
  const width = spaceWidth(space);
  const bounds = space.kind === "box" ? ` from ${space.low.join(", ")} to ${space.high.join(", ")}` : "";
  return `${width} number${width === 1 ? "" : "s, with commas between them,"}${bounds}`;
}

function describeObservation(row: Float32Array, { observations = [] }: Names): string {
  const shown = Array.from(row, (x, i) => {
    const value = Number.isInteger(x) ? String(x) : x.toPrecision(4);
    return observations[i] ? `${observations[i]} ${value}` : value;
  });
  return `observation: ${shown.join(", ")}`;
}

/**
 * Shows one query after the other and reads what is to be done. `s` skips a query, `w` withdraws the last answer and `w
 * 12` that of query 12, `q` or the end of the input stops the run, to be resumed later.
 */
export function consoleLabeller({
  terminal: openTerminal,
  folder,
  names = {},
  picture,
  report,
}: ConsoleLabellerOptions): Labeller {
  const FILE = "answers-console.json";
  let opened: Promise<AnswerDrop> | undefined;
  let terminal: Terminal | undefined;
  let last: number | undefined;

  const questionOf = (query: Query, left: number, { env, actionSpace }: LabelRequest): string => {
    const drawn = picture?.(query);
    const lines = [
      "",
      `${env}, query ${query.id} (round ${query.round + 1}; ${left} to go)`,
      ...(drawn && "text" in drawn ? [drawn.text] : []),
      describeObservation(query.observation, names),
      `action: ${choices(actionSpace, names)}; s skip, w withdraw the last answer, q stop`,
    ];
    return `${lines.join("\n")}\n`;
  };

  return {
    kind: "console",
    wantsStates: picture !== undefined,
    async *label(request, signal) {
      if (folder !== undefined) opened ??= openDrop(folder).then((drop) => new AnswerDrop(drop, { report }));
      const drop = await opened;
      await drop?.ask(request);
      const said = drop ? await drop.read(request) : new Map<number, Answer>();
      if (said.size > 0) yield [...said.values()];
      const open = request.queries.filter(({ id }) => !said.has(id));
      terminal ??= openTerminal();
      try {
        for (const [i, query] of open.entries()) {
          terminal.write(questionOf(query, open.length - i, request));
          for (;;) {
            terminal.write("> ");
            const line = await terminal.readLine(signal);
            const reply = line === undefined ? undefined : readReply(line, request.actionSpace, names);
            if (!reply || reply.kind === "stop") throw new Paused("whoever labels has stopped");
            if (reply.kind === "unclear") {
              terminal.write(`${reply.reason}\n`);
              continue;
            }
            if (reply.kind === "withdraw") {
              const id = reply.id ?? last;
              const isToCome = open.slice(i + 1).some((later) => later.id === id);
              if (id === undefined || id < 1 || id > request.asked || isToCome) {
                terminal.write("there is no such answer to withdraw\n");
                continue;
              }
              const answer = { id, withdrawn: true } as const;
              await drop?.add(FILE, answer, request);
              if (id === last) last = undefined;
              yield [answer];
              if (id === query.id) break;
              terminal.write(`the answer to query ${id} is withdrawn; query ${query.id} again\n`);
              continue;
            }
            const { id } = query;
            const answer: Answer =
              reply.kind === "skip" ? { id, skipped: true } : { id, action: reply.action };
            await drop?.add(FILE, answer, request);
            last = id;
            yield [answer];
            break;
          }
        }
      } catch (error) {
        // Whoever asked has left, and what is typed from now on is not for us.
        if (!signal.aborted || error instanceof Paused) throw error;
      } finally {
        terminal.release();
      }
    },
  };
}
