/** @file `train`: an algorithm, an environment and a seed become a policy, and a run folder if one is asked for. */

import { z } from "zod";
import { count, fraction, resolveOptions } from "../config/options.js";
import type { GivenReference, ModuleReference } from "../config/references.js";
import { callback, environmentOption, folderOption } from "../env/source-options.js";
import { UsageError } from "../errors.js";
import type { Algorithm, Artefact, Learner, State } from "../learning/contract.js";
import type { Measure } from "../measure/measure.js";
import type { Policy } from "../policies/contract.js";
import { isLearner, type RunRequest, resolve } from "./resolve.js";
import type { Diagnosis, RunResult } from "./runner.js";
import { type SinkFormatName, sinkFormatNames } from "./sinks/formats.js";
import type { TextStream } from "./sinks/progress.js";
import type { MetricSink, Row } from "./sinks/sink.js";
import { type RunSpec, specFields } from "./spec.js";
import { start } from "./start.js";

const isWritable = (value: unknown) => typeof (value as Partial<TextStream> | null)?.write === "function";

const describedAs = (name: "env" | "data" | "diagnose" | "sinks") => specFields[name].description!;

const formats = sinkFormatNames.map((name) => `"${name}"`).join(", ");

export const trainSchema = z.strictObject({
  ...specFields,
  env: environmentOption().optional().describe(describedAs("env")),
  data: z.unknown().meta({ type: "data set, path or reference" }).optional().describe(describedAs("data")),
  diagnose: z
    .union([
      z.strictObject({
        every: count().describe("steps between measurements"),
        measure: callback<Measure>().describe("measures the policy so far, such as distanceFrom(expert, …)"),
        share: fraction()
          .default(1)
          .describe("largest share of the run's time for measurements before the last"),
      }),
      specFields.diagnose.unwrap(),
    ])
    .optional()
    .describe(describedAs("diagnose")),
  sinks: z
    .array(
      z
        .custom<MetricSink | SinkFormatName>(
          (value) => sinkFormatNames.includes(value as SinkFormatName) || isWritable(value),
          `it must be ${formats} or an object with write and close`,
        )
        .meta({ type: "name or MetricSink" }),
    )
    .default([])
    .describe(`${describedAs("sinks")}; or objects that receive the rows`),
  folder: folderOption().optional().describe("folder to keep the run in; unset, nothing is written"),
  resume: z.boolean().default(false).describe("go on with the run in the folder"),
  progress: z
    .custom<TextStream>((value) => isWritable(value), "it must be a stream, such as process.stderr")
    .meta({ type: "stream" })
    .optional()
    .describe("stream to show progress on, for example process.stderr"),
  onProgress: callback<(row: Row) => void>()
    .optional()
    .describe("called with the metrics of every iteration"),
  signal: z
    .instanceof(AbortSignal)
    .meta({ type: "AbortSignal" })
    .optional()
    .describe("ends the run after the iteration in progress, with a checkpoint"),
  handleInterrupt: z
    .boolean()
    .default(false)
    .describe("Node.js: the first Ctrl-C or SIGTERM ends the run as signal does, a second one kills it"),
});

type Given = z.input<typeof trainSchema>;

/** What `train` takes beside an algorithm. */
export interface TrainOptions extends Omit<Given, "env" | "data" | "tuned"> {
  env: NonNullable<Given["env"]>;
}

/** What `train` takes beside a learner that needs no environment. */
export interface TrainOnDataOptions<Source>
  extends Omit<Given, "env" | "environmentOptions" | "data" | "tuned" | "diagnose"> {
  /** The data set, or its path or a reference such as `{ from: "data.json" }` where a definition says how it is read. */
  data: Source | string | { from: string; checksum?: string };
}

/** What `train` takes beside the name of an algorithm. */
export interface TrainByNameOptions extends Given {
  /** The algorithm's own; they win over the tuned ones. */
  options?: Record<string, unknown>;
}

/** A run as data, with what does not decide its numbers beside it. */
export type TrainSpec = Omit<RunSpec, keyof Given> &
  Omit<TrainByNameOptions, "env" | "data"> & {
    env?: TrainByNameOptions["env"] | ModuleReference | GivenReference;
    data?: unknown;
  };

/**
 * Trains an algorithm and returns its policy. `train.run` takes the same and returns all there is to know, with the
 * environments that it was trained in still open in the state: `close()` of its result closes them.
 *
 * An algorithm's name stands for the algorithm with the settings tuned for the environment: see `algorithms/tuned/`.
 * Which these are is shown on `progress`, and kept in the run's `config.json`. A whole run as data, such as the content
 * of a `config.json`, runs again.
 *
 * The same algorithm, options and seed give the same policy, bit for bit, also when the run was killed and resumed
 * on the way.
 *
 * @throws UsageError for an unknown algorithm, option or environment, a folder in use, a resume that does not fit, or a
 * file that has changed since it was recorded.
 * @throws Error when a metric or a parameter is not finite, with what most likely did it, or a file cannot be written;
 * what was kept before stays.
 */
export async function train(algorithm: string, options: TrainByNameOptions): Promise<Policy>;
export async function train(spec: TrainSpec): Promise<Policy>;
export async function train<Source, A extends Artefact, S extends State>(
  learner: Learner<Source, A, S>,
  options: TrainOnDataOptions<Source>,
): Promise<A>;
export async function train<S extends State>(algorithm: Algorithm<S>, options: TrainOptions): Promise<Policy>;
export async function train(first: unknown, options?: unknown): Promise<Artefact> {
  const { artefact, close } = await startRun(first, options);
  close();
  return artefact;
}

async function run(algorithm: string, options: TrainByNameOptions): Promise<RunResult>;
async function run(spec: TrainSpec): Promise<RunResult>;
async function run<Source, A extends Artefact, S extends State>(
  learner: Learner<Source, A, S>,
  options: TrainOnDataOptions<Source>,
): Promise<RunResult<S, A>>;
async function run<S extends State>(algorithm: Algorithm<S>, options: TrainOptions): Promise<RunResult<S>>;
async function run(first: unknown, options?: unknown): Promise<RunResult<State, Artefact>> {
  return startRun(first, options);
}

train.run = run;

async function startRun(first: unknown, second: unknown): Promise<RunResult<State, Artefact>> {
  const { request, rest } = requestOf(first, second);
  const { folder, progress } = rest;
  const report = (line: string) => void progress?.write(`${line}\n`);
  return start(await resolve(request, { folder, report }), rest);
}

type Rest = Pick<
  z.output<typeof trainSchema>,
  "folder" | "resume" | "progress" | "onProgress" | "signal" | "handleInterrupt"
> & { sinks: MetricSink[] };

/** What is asked for, apart from how it is shown and kept. */
export function requestOf(first: unknown, second: unknown): { request: RunRequest; rest: Rest } {
  const { algorithm, options, given, isNamed } = partsOf(first, second);
  const { sinks, folder, resume, progress, onProgress, signal, handleInterrupt, ...asked } = given;
  const named = sinks.filter((sink) => typeof sink === "string");
  if (folder === undefined && (resume || named.length > 0)) {
    throw new UsageError(`train: ${resume ? "resume" : `sink "${named[0]}"`} needs a folder`);
  }
  if (!isNamed && asked.env === undefined && asked.data === undefined) {
    throw new UsageError('train: option "env" is required');
  }
  return {
    request: {
      ...asked,
      algorithm,
      options,
      sinks: named,
      diagnose: asked.diagnose as Diagnosis | undefined,
    },
    rest: {
      sinks: sinks.filter((sink) => typeof sink !== "string"),
      folder,
      resume,
      progress,
      onProgress,
      signal,
      handleInterrupt,
    },
  };
}

interface GivenParts {
  algorithm: RunRequest["algorithm"];
  options: Record<string, unknown>;
  given: z.output<typeof trainSchema>;
  /** Whether the algorithm is named, so that its definition fills in what is not given. */
  isNamed: boolean;
}

/** The three ways to call `train`: with a spec, with a name and options, or with a learner and options. */
function partsOf(first: unknown, second: unknown): GivenParts {
  const isSpec = isObject(first) && !isLearner(first) && "algorithm" in first;
  const whole = isSpec ? { ...first, ...(second as object | undefined) } : second;
  if (!isObject(whole)) {
    const got = second === undefined ? "nothing" : JSON.stringify(second);
    throw new UsageError(
      `train: after the algorithm, or its name, come options such as { env: "CartPole-v1" }, not ${got}`,
    );
  }
  if (isLearner(first)) {
    const given = resolveOptions("train", trainSchema, whole);
    return { algorithm: first, options: {}, given, isNamed: false };
  }
  const { options = {}, algorithm = first, format: _, unit: __, ...given } = whole;
  if (typeof algorithm !== "string" && !(isSpec && isObject(algorithm))) {
    throw new UsageError(
      "train: the first argument must be an algorithm, such as ppo() or bc({ demonstrations }), or the name of one",
    );
  }
  if (!isObject(options)) throw new UsageError(`train: option "options" must be an object`);
  return {
    algorithm: algorithm as RunRequest["algorithm"],
    options,
    given: resolveOptions("train", trainSchema, given),
    isNamed: true,
  };
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
