/** @file Asks a labeller and waits until enough questions are answered, patience ends, or the run is stopped. */

import * as z from "zod";
import { nonNegative } from "../config/options.js";
import { UsageError } from "../errors.js";
import type { KindName } from "./kinds/index.js";
import { type Labeller, Paused } from "./labeller.js";
import type { Answer, LabelRequest } from "./question.js";

/** Options of learners that ask, besides their quorum. */
export const waitOptions = {
  patience: nonNegative()
    .default(0)
    .describe("time to wait for the remaining answers after the quorum is reached (s)"),
  signal: z
    .instanceof(AbortSignal)
    .meta({ type: "AbortSignal" })
    .optional()
    .describe("signal that ends the wait for answers and pauses the run"),
};

export interface Wait<K extends KindName = "action"> {
  /** Records the answers that have arrived. */
  receive(answers: readonly Answer<K>[]): void;
  /** Whether all questions are closed. */
  isDone(): boolean;
  /** Whether the run may continue with the remaining questions open, after patience has ended. */
  isEnough(): boolean;
  /** Time to wait for the remaining answers once there are enough (s). */
  patience: number;
  /** Stops waiting, and pauses the run. */
  signal?: AbortSignal;
}

/**
 * Asks the questions, and passes the answers to `receive` until there are enough.
 *
 * @throws Paused when the signal is aborted; UsageError when the labeller answers another kind of question, yields
 * something that is no answer, or ends before there are enough answers
 */
export async function exchange<K extends KindName>(
  labeller: Labeller<K>,
  request: LabelRequest<K>,
  wait: Wait<K>,
): Promise<void> {
  const { kind, asks = "action" } = labeller;
  if (asks !== request.kind) {
    throw new UsageError(
      `the labeller "${kind}" answers questions of kind ${asks}, and these are of kind ${request.kind}: ` +
        `give it the option asks: "${request.kind}"`,
    );
  }
  const started = performance.now();
  const left = () => 1000 * wait.patience - (performance.now() - started);
  const stop = new AbortController();
  const aborted = untilAborted(wait.signal);
  const answers = batchesOf(labeller, request, stop.signal);
  let pending: Promise<IteratorResult<readonly Answer<K>[]>> | undefined;
  try {
    while (!wait.isDone()) {
      pending ??= answers.next();
      const timer = wait.isEnough() ? alarm(left()) : undefined;
      const came = await Promise.race([pending, aborted.promise, ...(timer ? [timer.rung] : [])]).finally(
        () => timer?.stop(),
      );
      if (came === "aborted") throw new Paused("asked to stop while waiting for labels");
      if (came === "alarm") return;
      pending = undefined;
      if (!came.done) wait.receive(came.value);
      else if (wait.isEnough()) return;
      else {
        throw new UsageError(
          `the labeller "${kind}" ended with queries open: it must answer, skip or withdraw each of them`,
        );
      }
    }
  } finally {
    aborted.forget();
    stop.abort();
    const ending = (async () => {
      await pending;
      await answers.return(undefined);
    })();
    // A labeller that is still waiting may notice the abort with a delay; any other has ended by itself.
    if (pending) ending.catch(() => {});
    else await ending;
  }
}

/**
 * The answers of a labeller, in batches. Single answers in place of arrays, other iterables and promises of answers are
 * accepted, because `label` is easily written so.
 *
 * @throws UsageError for anything else
 */
async function* batchesOf<K extends KindName>(
  labeller: Labeller<K>,
  request: LabelRequest<K>,
  signal: AbortSignal,
): AsyncGenerator<readonly Answer<K>[]> {
  const answered: unknown = await labeller.label(request, signal);
  const isIterable =
    typeof answered === "object" &&
    answered !== null &&
    (Symbol.asyncIterator in answered || Symbol.iterator in answered);
  const batches = Array.isArray(answered) || !isIterable ? [answered] : (answered as AsyncIterable<unknown>);
  for await (const batch of batches) {
    const list: unknown[] = Array.isArray(batch) ? batch : [batch];
    for (const answer of list) {
      if (typeof answer === "object" && answer !== null && "id" in answer) continue;
      throw new UsageError(
        `the labeller "${labeller.kind}" must yield arrays of answers, such as [{ id: 1, ${request.kind}: … }], ` +
          `not ${JSON.stringify(answer)}`,
      );
    }
    yield list as Answer<K>[];
  }
}

function untilAborted(signal?: AbortSignal): { promise: Promise<"aborted">; forget(): void } {
  let onAbort = () => {};
  const promise = new Promise<"aborted">((resolve) => {
    onAbort = () => resolve("aborted");
    if (signal?.aborted) onAbort();
    else signal?.addEventListener("abort", onAbort);
  });
  return { promise, forget: () => signal?.removeEventListener("abort", onAbort) };
}

/** The longest delay of a timer (ms). A timer with a longer delay fires at once. */
const LONGEST = 2 ** 31 - 1;

function alarm(after: number): { rung: Promise<"alarm">; stop(): void } {
  let timer: ReturnType<typeof setTimeout>;
  const rung = new Promise<"alarm">((resolve) => {
    timer = setTimeout(() => resolve("alarm"), Math.min(Math.max(0, after), LONGEST));
  });
  return { rung, stop: () => clearTimeout(timer) };
}
