/** @file Ctrl-C in Node.js: the first asks the run to end, the second finds the default handler and kills. */

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
  process.once("SIGINT", onInterrupt);
  return { requested: () => requested, stop: () => process.off("SIGINT", onInterrupt) };
}
