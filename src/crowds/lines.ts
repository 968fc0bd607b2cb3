/** @file Reads text files line by line. */

import { FormatError } from "../errors.js";

/** The longest line, in characters: one without line ends would fill the memory. */
const LONGEST = 2 ** 20;

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
