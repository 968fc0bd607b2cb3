/** @file What meets the words that no command meets. */

import { didYouMean, UsageError } from "../src/errors.js";

/** A command of yargs for them: it says what is missing or unknown. */
export const fallback = (parent: string, what: string, known: readonly string[]) => ({
  command: `$0 [${what}]`,
  describe: false as const,
  handler: ({ [what]: word }: Record<string, unknown>) => {
    const typed = ["understudy-rl", parent].filter(Boolean).join(" ");
    if (word === undefined) throw new UsageError(`which ${what}? ${known.join(", ")}; see ${typed} --help`);
    throw new UsageError(`unknown ${what} "${word}"${didYouMean(String(word), known)}`);
  },
});
