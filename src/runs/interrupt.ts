/**
 * @file Ctrl-C in Node.js, and the SIGTERM by which schedulers of jobs take back a machine: the first asks the run to
 * end, the second finds the default handler and kills.
 */

const SIGNALS = ["SIGINT", "SIGTERM"] as const;

export interface Interrupt {
  requested(): boolean;
  /** Leaves the process as it was. */
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
