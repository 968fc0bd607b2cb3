/** @file The labellers that a run's config can name: a person at this terminal, or files in a folder (Node.js only). */

import { join } from "node:path";
import { type LabellerReference, withOrigin } from "../config/references.js";
import { envSpec, make } from "../env/registry.js";
import { UsageError } from "../errors.js";
import { consoleLabeller, fileLabeller, type KindName, type Labeller, picturesOf } from "../people/index.js";
import { streamTerminal } from "../people/terminal.js";
import { printable } from "./printable.js";

const report = (message: string) => void process.stderr.write(`${printable(message)}\n`);

const terminal = () => streamTerminal(process.stdin, process.stderr);

/** @throws UsageError when the labeller is the console and standard input is not a terminal */
export function requireTerminal({ labeller }: Record<string, unknown>): void {
  if ((labeller as { labeller?: string } | undefined)?.labeller === "console") terminal();
}

/**
 * The labeller that a reference names, and a signal that is aborted at the first Ctrl-C or SIGTERM.
 *
 * @param where the environment; the run's folder, the default place of queries and answers; and the kind of question
 */
export async function labellerFor(
  reference: Exclude<LabellerReference, { given: string }>,
  where: { env: string; environmentOptions: Record<string, unknown>; out?: string; asks?: KindName },
): Promise<{ labeller: Labeller<KindName>; signal: AbortSignal }> {
  const { env, out, asks } = where;
  const folder = reference.folder ?? (out === undefined ? undefined : join(out, "labels"));
  if (folder === undefined) {
    throw new UsageError(
      `labeller "${reference.labeller}" needs a folder for its queries and answers: give it a folder, or train into one`,
    );
  }
  const picture = picturesOf(await make(env, where.environmentOptions));
  const { names } = envSpec(env);
  const stop = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => stop.abort());
  const labeller =
    reference.labeller === "console"
      ? consoleLabeller({ asks, terminal, folder, names, picture, report })
      : fileLabeller({ asks, folder, every: 0.25, picture, report });
  return { signal: stop.signal, labeller: withOrigin(labeller, reference) };
}
