/** @file A terminal made of two streams (Node.js only). */

import { UsageError } from "../errors.js";
import type { Terminal } from "./console-labeller.js";

/** The part of a readable stream that a terminal needs; `process.stdin` is one. */
export interface TerminalInput {
  isTTY?: boolean;
  setEncoding(encoding: "utf8"): unknown;
  on(event: "data", listener: (chunk: string) => void): unknown;
  on(event: "end", listener: () => void): unknown;
  pause(): unknown;
  resume(): unknown;
}

/**
 * Reads lines from one stream and writes to another. Lines typed ahead are buffered.
 *
 * @throws UsageError when the input is not a terminal
 */
export function streamTerminal(input: TerminalInput, output: { write(text: string): unknown }): Terminal {
  if (!input.isTTY) {
    throw new UsageError(
      "the console labeller needs a terminal, and standard input is not a terminal; " +
        "use the file labeller (--labeller files) without a terminal",
    );
  }
  const lines: string[] = [];
  let rest = "";
  let hasEnded = false;
  let isListening = false;
  let wake = () => {};
  const listen = () => {
    isListening = true;
    input.setEncoding("utf8");
    input.on("data", (chunk) => {
      const parts = (rest + chunk).split(/\r?\n/);
      rest = parts.pop()!;
      lines.push(...parts);
      wake();
    });
    input.on("end", () => {
      if (rest !== "") lines.push(rest);
      hasEnded = true;
      wake();
    });
  };
  return {
    write: (text) => void output.write(text),
    release: () => void input.pause(),
    readLine(signal) {
      if (!isListening) listen();
      input.resume();
      return new Promise((resolve, reject) => {
        const stop = () => reject(signal.reason);
        const look = () => {
          if (lines.length === 0 && !hasEnded && !signal.aborted) return;
          signal.removeEventListener("abort", stop);
          wake = () => {};
          if (signal.aborted) stop();
          else resolve(lines.shift());
        };
        wake = look;
        signal.addEventListener("abort", stop, { once: true });
        look();
      });
    },
  };
}
