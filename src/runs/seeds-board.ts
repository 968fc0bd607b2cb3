/** @file Progress of parallel jobs on one stream: a redrawn block of lines on a terminal, plain lines elsewhere. */

import { printable } from "./printable.js";
import type { TextStream } from "./sinks/notes.js";

export interface Board {
  /**
   * A stream for one job's progress. On a terminal it owns a line of the block until a complete line is written to it.
   */
  line(): TextStream;
  /** Writes a permanent line. */
  say(text: string): void;
}

export function createBoard(stream: TextStream): Board {
  if (stream.isTTY !== true || process.env.TERM === "dumb") {
    return { line: () => stream, say: (text) => stream.write(`${printable(text)}\n`) };
  }
  const block = new Map<TextStream, string>();
  let painted = 0;

  /** Replaces the current block by the permanent text `above` and the new block below it. */
  const paint = (above = "") => {
    const up = painted > 0 ? `\x1b[${painted}A` : "";
    painted = block.size;
    stream.write(`${up}\r\x1b[J${[above, ...[...block.values()].map((text) => `${text}\n`)].join("")}`);
  };

  return {
    line() {
      const line: TextStream = {
        isTTY: true,
        columns: stream.columns,
        write(text: string) {
          const shown = text.replace("\r", "").replace("\x1b[K", "");
          if (shown.endsWith("\n")) {
            block.delete(line);
            paint(shown);
          } else {
            block.set(line, shown);
            paint();
          }
        },
      };
      return line;
    },
    say: (text) => paint(`${printable(text)}\n`),
  };
}
