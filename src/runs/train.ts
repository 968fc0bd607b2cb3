/** @file `train`: an algorithm, an environment and a seed become a policy, and a run folder if one is asked for. */

import { z } from "zod";
import { count, fraction, positive, resolveOptions } from "../config/options.js";
import { problemOf } from "../env/problem.js";
import {
  callback,
  environmentConfig,
  environmentOption,
  environmentOptionsOption,
  folderOption,
  seedOption,
  workerOptions,
} from "../env/source-options.js";
import { UsageError } from "../errors.js";
import type { Algorithm, State } from "../learning/contract.js";
import type { Measure } from "../measure/measure.js";
import type { Policy } from "../policies/contract.js";
import type { RunConfig } from "./run-config.js";
import type { RunFolderOptions, RunFormat } from "./run-folder.js";
import { type RunResult, run } from "./runner.js";
import type { TextStream } from "./sinks/progress.js";
import type { MetricSink, Row } from "./sinks/sink.js";

const isWritable = (value: unknown) => typeof (value as Partial<TextStream> | null)?.write === "function";

const schema = z.strictObject({
  env: environmentOption(),
  environmentOptions: environmentOptionsOption(),
  ...workerOptions(),
  /** In the algorithm's unit; the algorithm's own number by default. */
  steps: count().optional(),
  seed: seedOption(),
  /** Where to keep the run; without it nothing is written. */
  folder: folderOption().optional(),
  /** Go on with the run in `folder`. */
  resume: z.boolean().default(false),
  /** Measure the policy (its mode) on fresh environments every so many steps, and at the end. */
  evaluate: z.strictObject({ every: count(), episodes: count().default(20) }).optional(),
  /**
   * Measure anything else about the policy, such as its `distanceFrom` an expert, for `evaluations`: every so many steps
   * and at the end, but for `share` of the run's time at most.
   */
  diagnose: z
    .strictObject({ every: count(), measure: callback<Measure>(), share: fraction().default(1) })
    .optional(),
  /** When to keep a checkpoint: every tenth of the run and every minute by default, the latest 3. */
  checkpoint: z
    .strictObject({ every: count().optional(), seconds: positive().default(60), keep: count().default(3) })
    .prefault({}),
  /** What receives the rows, beside the folder's JSON lines: `"csv"` and `"tensorboard"` go to the folder too. */
  sinks: z
    .array(
      z.custom<MetricSink | RunFormat>(
        (value) => value === "csv" || value === "tensorboard" || isWritable(value),
        'it must be "csv", "tensorboard" or an object with write and close',
      ),
    )
    .default([]),
  /** Show progress on this stream, for example `process.stderr`. */
  progress: z
    .custom<TextStream>((value) => isWritable(value), "it must be a stream, such as process.stderr")
    .optional(),
  onProgress: callback<(row: Row) => void>().optional(),
  /** Ends the run after the iteration in progress, with a checkpoint. */
  signal: z.instanceof(AbortSignal).optional(),
  /** Node.js: the first Ctrl-C or SIGTERM ends the run as `signal` does, a second one kills it. */
  handleInterrupt: z.boolean().default(false),
});

export type TrainOptions = z.input<typeof schema>;

/**
 * Trains an algorithm and returns its policy. `train.run` takes the same and returns all there is to know, with the
 * environments that it was trained in still open in the state: `close()` of its result closes them.
 *
 * The same algorithm, options and seed give the same policy, bit for bit, also when the run was killed and resumed
 * on the way.
 *
 * @throws UsageError for an unknown option or environment, a folder in use, or a resume that does not fit.
 * @throws Error when a metric or a parameter is not finite, with what most likely did it, or a file cannot be written;
 * what was kept before stays.
 */
export async function train<S extends State>(
  algorithm: Algorithm<S>,
  options: TrainOptions,
): Promise<Policy> {
  const { policy, close } = await train.run(algorithm, options);
  close();
  return policy;
}

train.run = async <S extends State>(algorithm: Algorithm<S>, given: TrainOptions): Promise<RunResult<S>> => {
  if (typeof algorithm?.init !== "function" || typeof algorithm.update !== "function") {
    throw new UsageError(
      "train: the first argument must be an algorithm, such as ppo() or bc({ demonstrations })",
    );
  }
  const options = resolveOptions("train", schema, given);
  const { seed, evaluate, folder, resume, workers, workerTimeout } = options;
  const problem = await problemOf(options.env, options.environmentOptions, { workers, workerTimeout });
  const steps = options.steps ?? algorithm.defaultSteps;
  const checkpoint = { ...options.checkpoint, every: options.checkpoint.every ?? Math.ceil(steps / 10) };
  const formats = options.sinks.filter((sink) => typeof sink === "string");
  if (folder === undefined && (resume || formats.length > 0)) {
    throw new UsageError(`train: ${resume ? "resume" : `sink "${formats[0]}"`} needs a folder`);
  }

  const config: RunConfig = {
    algorithm: algorithm.name,
    options: algorithm.options,
    env: problem.id,
    environmentOptions: environmentConfig(options.env, options.environmentOptions),
    seed,
    steps,
    unit: algorithm.unit,
    evaluate,
    checkpoint,
  };
  const sinks = options.sinks.filter((sink) => typeof sink !== "string");
  if (options.progress) {
    const { consoleSink } = await import("./sinks/console.js");
    const label = `${algorithm.name} on ${problem.id}`;
    sinks.push(consoleSink({ stream: options.progress, label, total: steps, unit: algorithm.unit }));
  }
  const interrupt = options.handleInterrupt ? (await import("./interrupt.js")).listen() : undefined;

  try {
    const result = await run({
      algorithm,
      problem,
      seed,
      steps,
      evaluate,
      diagnose: options.diagnose,
      checkpoint,
      sinks,
      open: folder === undefined ? undefined : () => openFolder({ folder, resume, config, formats }),
      onProgress: options.onProgress,
      interrupted: () => options.signal?.aborted === true || interrupt?.requested() === true,
    });
    return { ...result, folder };
  } finally {
    interrupt?.stop();
  }
};

/** Loaded only when asked for, so that a browser never meets the modules of Node.js. */
const openFolder = async (options: RunFolderOptions) =>
  (await import("./run-folder.js")).openRunFolder(options);
