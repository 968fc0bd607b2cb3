/** @file Waiting for a labeller: until enough is answered, patience ends, or the run is to stop. */

import { UsageError } from "../errors.js";
import { type Answer, type Labeller, type LabelRequest, Paused } from "./labeller.js";

export interface Wait {
  /** Takes in what has come. */
  receive(answers: readonly Answer[]): void;
  /** Whether nothing is open any more. */
  isDone(): boolean;
  /** Whether the run may go on without what is still open, once patience has ended. */
  isEnough(): boolean;
  /** How long to wait for the rest once there is enough (s). */
  patience: number;
  /** Stops the waiting, and with it the run. */
  signal?: AbortSignal;
}

/**
 * Asks, and hands what comes to `receive` until there is enough.
 *
 * @throws Paused when the run is to stop; UsageError when the labeller ends before there is enough.
 */
export async function exchange(labeller: Labeller, request: LabelRequest, wait: Wait): Promise<void> {
  const started = performance.now();
  const left = () => 1000 * wait.patience - (performance.now() - started);
  const stop = new AbortController();
  const aborted = untilAborted(wait.signal);
  const answers = labeller.label(request, stop.signal)[Symbol.asyncIterator]();
  let pending: Promise<IteratorResult<readonly Answer[]>> | undefined;
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
          `the labeller "${labeller.kind}" ended with queries open: it must answer, skip or withdraw each of them`,
        );
      }
    }
  } finally {
    aborted.forget();
    stop.abort();
    const ending = (async () => {
      await pending;
      await answers.return?.();
    })();
    // What is still awaited may take its time to notice; otherwise the labeller has been left in good order.
    if (pending) ending.catch(() => {});
    else await ending;
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

/** The longest time that timers take (ms): a longer one would ring at once. */
const LONGEST = 2 ** 31 - 1;

function alarm(after: number): { rung: Promise<"alarm">; stop(): void } {
  let timer: ReturnType<typeof setTimeout>;
  const rung = new Promise<"alarm">((resolve) => {
    timer = setTimeout(() => resolve("alarm"), Math.min(Math.max(0, after), LONGEST));
  });
  return { rung, stop: () => clearTimeout(timer) };
}
