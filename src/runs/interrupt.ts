/**
 * @file Handling of Ctrl-C and of SIGTERM, which job schedulers send (Node.js only). The first signal requests the end
 * of the run; a second one kills the process.
 *
 * Node.js calls these handlers between two turns of the event loop, so not while an iteration runs. The command line
 * has a supervisor for that: see `cli/supervisor.ts`.
 */

const SIGNALS = ["SIGINT", "SIGTERM"] as const;

export type EndSignal = (typeof SIGNALS)[number];

/**
 * Signals within this time are one (ms). A terminal signals all its processes, and `npx` and `timeout` pass a signal on
 * to a process that has received it already.
 */
const SAME = 250;

/** Calls `first` at the first signal and `second` at a later one. @returns a function that removes the handlers */
export function onSignals(
  first: (signal: EndSignal) => void,
  second: (signal: EndSignal) => void,
): () => void {
  let since: number | undefined;
  const hear = (signal: EndSignal) => {
    const now = performance.now();
    if (since === undefined) {
      since = now;
      first(signal);
    } else if (now - since >= SAME) second(signal);
  };
  for (const signal of SIGNALS) process.on(signal, hear);
  return () => {
    for (const signal of SIGNALS) process.off(signal, hear);
  };
}

export interface Interrupt {
  requested(): boolean;
  /** Removes the handlers. */
  stop(): void;
}

export function listen(): Interrupt {
  let requested = false;
  const stop = onSignals(
    () => {
      requested = true;
    },
    (signal) => {
      stop();
      process.kill(process.pid, signal);
    },
  );
  return { requested: () => requested, stop };
}
