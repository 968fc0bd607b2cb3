/** @file Expands gzip files, never beyond what a file of their size may take. */

import { concatenated } from "../../state/concatenated.js";
import { allowanceOf } from "../../state/limits.js";
import type { Refuse } from "../formats/arrays.js";

/** Whether bytes are a gzip file. */
export const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

/** @throws FormatError when the file is damaged, truncated, or expands to more than it may */
export async function gunzip(bytes: Uint8Array, refuse: Refuse): Promise<Uint8Array> {
  const allowance = allowanceOf(bytes.length);
  const chunks: Uint8Array[] = [];
  const stream = new Blob([bytes as Uint8Array<ArrayBuffer>])
    .stream()
    .pipeThrough(new DecompressionStream("gzip")) as unknown as AsyncIterable<Uint8Array>;
  let excess: string | undefined;
  try {
    for await (const chunk of stream) {
      excess = allowance.excess(chunk.length);
      if (excess !== undefined) break;
      chunks.push(chunk);
    }
  } catch {
    refuse("", "it is a damaged or truncated gzip file");
  }
  if (excess !== undefined) refuse("", excess);
  return concatenated(Uint8Array, chunks);
}
