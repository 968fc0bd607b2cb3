/** @file Reads text files line by line, and the cells of a line. */

import { FormatError } from "../errors.js";

/** The longest line, in characters: one without line ends would fill the memory. */
const LONGEST = 2 ** 20;

/** The cells of a line of CSV (RFC 4180), without spaces around them; undefined if a quoted cell does not end. */
export function cellsOf(line: string, separator: string): string[] | undefined {
  if (!line.includes('"')) return line.split(separator).map((cell) => cell.trim());
  const cells: string[] = [];
  const pattern = new RegExp(`\\s*(?:"((?:[^"]|"")*)"\\s*|([^${separator}"]*))(${separator}|$)`, "y");
  do {
    const match = pattern.exec(line);
    if (!match) return undefined;
    cells.push(match[1] === undefined ? match[2].trim() : match[1].replaceAll('""', '"'));
    if (match[3] === "") return cells;
  } while (pattern.lastIndex <= line.length);
  return cells;
}

/** The lines of a file, or of its bytes, which end with CR, LF or both. */
export async function* linesOf(source: string | Uint8Array, where: string): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  // Imported on demand, so that browsers do not load modules of Node.js.
  const chunks = typeof source === "string" ? (await import("../state/files.js")).chunksOf(source) : [source];
  for await (const chunk of chunks) {
    rest += decoder.decode(chunk, { stream: true });
    const lines = rest.split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop()!;
    if (rest.length > LONGEST) {
      throw new FormatError(`${where}: a line has more than ${LONGEST} characters`);
    }
    yield* lines;
  }
  rest += decoder.decode();
  yield* rest.split(/\r\n|\n|\r/);
}
