/** @file What the screens with questions share: the time that a question is seen, and the guard against double presses. */

import { useLayoutEffect, useRef } from "preact/hooks";
import type { Asked } from "../../src/teaching/wire.js";
import type { Command } from "./commands.js";
import type { Connection } from "./connection.js";

/** Time after a question appears in which no answer is taken (ms): a key that is pressed twice was meant for the last. */
const GUARD = 300;

/** Answers the question that is shown. Returns false if it appeared only just now. */
export function useAnswer(connection: Connection, asked: Asked | undefined) {
  const clock = useRef({ shown: 0, seen: 0, since: 0 });
  // Before the question is painted, so that no press is an answer to a question that was not seen.
  useLayoutEffect(() => {
    const now = performance.now();
    clock.current = { shown: now, seen: 0, since: document.hidden ? Number.NaN : now };
    // A hidden page stops the clock.
    const turn = () => {
      const { current } = clock;
      const time = performance.now();
      if (!Number.isNaN(current.since)) current.seen += time - current.since;
      current.since = document.hidden ? Number.NaN : time;
    };
    document.addEventListener("visibilitychange", turn);
    return () => document.removeEventListener("visibilitychange", turn);
  }, [asked?.id]);
  return (reply: Record<string, unknown>, swapped?: boolean): boolean => {
    const { shown, seen, since } = clock.current;
    const now = performance.now();
    if (!asked || now - shown < GUARD) return false;
    const seconds = (seen + (Number.isNaN(since) ? 0 : now - since)) / 1000;
    connection.answer(reply, { seconds: Math.round(seconds * 1000) / 1000, ...(swapped && { swapped }) });
    return true;
  };
}

/** The commands of every screen with questions. */
export const commonCommands = (
  screen: string,
  connection: Connection,
  answer: (reply: Record<string, unknown>) => boolean,
): Command[] => [
  { name: `${screen}.skip`, label: "Skip", keys: ["s"], run: () => void answer({ skipped: true }) },
  undoCommand(screen, connection),
];

export const undoCommand = (screen: string, connection: Connection): Command => ({
  name: `${screen}.undo`,
  label: "Undo",
  keys: ["z"],
  disabled: !connection.canUndo(),
  run: () => connection.undo(),
});
