/** @file Replaces tables in pages of the documentation, between two comments. */

import { readFile } from "node:fs/promises";
import { writeFileAtomic } from "../../src/state/files.js";

/**
 * The page with `text` between `<!-- mark -->` and `<!-- end of mark -->`.
 *
 * @throws {Error} if the page does not contain these comments.
 */
export function withBetween(page: string, mark: string, text: string): string {
  const [begin, end] = [`<!-- ${mark} -->`, `<!-- end of ${mark} -->`];
  const [before, rest] = page.split(begin);
  const after = rest?.split(end)[1];
  if (after === undefined) throw new Error(`the page has no lines ${begin} and ${end}`);
  return `${before}${begin}\n\n${text}\n\n${end}${after}`;
}

export async function writeBetween(path: string, mark: string, text: string): Promise<void> {
  const page = withBetween(await readFile(path, "utf8"), mark, text);
  await writeFileAtomic(path, new TextEncoder().encode(page));
}
