/** @file Starts a resolved run: opens its folder and its sinks, handles Ctrl-C, and trains. */

import type { Artefact, State } from "../learning/contract.js";
import { printable } from "./printable.js";
import type { ResolvedRun } from "./resolve.js";
import type { RunFolderOptions } from "./run-folder.js";
import { type Callback, type RunResult, run } from "./runner.js";
import { notes as standardError, type TextStream } from "./sinks/notes.js";
import type { MetricSink } from "./sinks/sink.js";

/** Options that do not affect a run's numbers and are not recorded. */
export interface StartOptions {
  /** Path of the run folder; without it nothing is written. */
  folder?: string;
  /** Resume the run in `folder`. */
  resume?: boolean;
  /** Additional receivers of the rows. */
  sinks?: readonly MetricSink[];
  progress?: TextStream;
  onIteration?: Callback;
  onEvaluation?: Callback;
  signal?: AbortSignal;
  handleInterrupt?: boolean;
}

export async function start(
  { learner, source, config, diagnose, film, notes }: ResolvedRun,
  options: StartOptions = {},
): Promise<RunResult<State, Artefact>> {
  const { folder, resume = false, progress, signal } = options;
  const sinks = [...(options.sinks ?? [])];
  if (progress) {
    const { consoleSink } = await import("./sinks/console.js");
    const label = `${learner.name} on ${source.id}`;
    sinks.push(consoleSink({ stream: progress, label, total: config.steps, unit: learner.unit }));
  }
  const interrupt = options.handleInterrupt ? (await import("./interrupt.js")).listen() : undefined;
  const { seed, steps, evaluate, checkpoint } = config;
  try {
    const result = await run({
      learner,
      source: source as never,
      seed,
      steps,
      evaluate,
      diagnose,
      record: film && config.record && { every: config.record.every, film },
      checkpoint,
      sinks,
      open:
        folder === undefined ? undefined : (unsaveable) => openFolder({ folder, resume, config, unsaveable }),
      onStart: (found) => {
        for (const line of notes) progress?.write(`${printable(line)}\n`);
        for (const line of found) (progress ?? standardError).write(`${printable(line)}\n`);
      },
      stop: config.stop,
      onIteration: options.onIteration,
      onEvaluation: options.onEvaluation,
      interrupted: () => signal?.aborted === true || interrupt?.requested() === true,
    });
    if (result.outcome !== undefined) progress?.write(`${result.outcome}\n`);
    return { ...result, folder };
  } finally {
    interrupt?.stop();
  }
}

/** Imported on demand, so that browsers do not load modules of Node.js. */
const openFolder = async (options: RunFolderOptions) =>
  (await import("./run-folder.js")).openRunFolder(options);
