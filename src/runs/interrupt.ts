/**
 * @file Handling of Ctrl-C and of SIGTERM, which job schedulers send (Node.js only). The first signal requests the end
 * of the run; the second one reaches the default handler, which kills the process.
 */

const SIGNALS = ["SIGINT", "SIGTERM"] as const;

export interface Interrupt {
  requested(): boolean;
  /** Removes the handlers. */
  stop(): void;
}

export function listen(): Interrupt {
  let requested = false;
  const onInterrupt = () => {
    requested = true;
  };
  for (const signal of SIGNALS) process.once(signal, onInterrupt);
  return {
    requested: () => requested,
    stop: () => {
      for (const signal of SIGNALS) process.off(signal, onInterrupt);
    },
  };
}
