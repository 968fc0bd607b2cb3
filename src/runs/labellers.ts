/**
 * @file The labellers that a run's config can name: a person at this terminal, files in a folder, or people at a page
 * (Node.js only).
 */

import { join } from "node:path";
import { type LabellerReference, withOrigin } from "../config/references.js";
import { envSpec, make } from "../env/registry.js";
import { UsageError } from "../errors.js";
import {
  consoleLabeller,
  type FileLabellerOptions,
  fileLabeller,
  type KindName,
  type Labeller,
  picturesOf,
} from "../people/index.js";
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
 * @param where the environment, empty for questions about data; the run's folder, the default place of queries and answers; and the kind of question
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
  const isPage = reference.labeller === "web";
  const isOfData = env === "";
  const picture = isOfData
    ? undefined
    : picturesOf(await make(env, where.environmentOptions), isPage ? "svg" : "text");
  const names = isOfData ? undefined : envSpec(env).names;
  const stop = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => stop.abort());
  const { annotators } = reference;
  const files = { asks, folder, every: 0.25, picture, report, ...(annotators && { annotators }) };
  const labeller =
    reference.labeller === "console"
      ? consoleLabeller({ asks, terminal, folder, names, picture, report })
      : isPage
        ? await atPage(files, reference.port, where)
        : fileLabeller(files);
  return { signal: stop.signal, labeller: withOrigin(labeller, reference) };
}

/**
 * A labeller whose questions are answered at a page. The server starts with the first questions, and outlives them: what
 * is answered later is found with the next ones.
 */
async function atPage(
  files: FileLabellerOptions<KindName> & { folder: string },
  port: number | undefined,
  where: { env: string; environmentOptions: Record<string, unknown>; out?: string },
): Promise<Labeller<KindName>> {
  const bell = new EventTarget();
  const inner = fileLabeller({ ...files, forPage: true, bell });
  let isAsking = false;
  const start = async () => {
    const { teach } = await import("./teach.js");
    // Once the process has nothing left to do, the folder says how the run has ended.
    let isOver = false;
    const status = () => (isOver ? undefined : isAsking ? ("asking" as const) : ("learning" as const));
    const server = await teach({
      ...where,
      folder: where.out,
      labels: files.folder,
      annotators: files.annotators,
      port,
      bell,
      status,
      report,
    });
    server.unref();
    process.once("beforeExit", () => {
      isOver = true;
      void server.end();
    });
    for (const { name, url } of server.invitations) report(`${url}  asks ${name}`);
  };
  let started: Promise<void> | undefined;
  return {
    ...inner,
    kind: "web",
    async *label(request, signal) {
      started ??= start();
      await started;
      isAsking = true;
      try {
        yield* inner.label(request, signal);
      } finally {
        isAsking = false;
      }
    },
  };
}
