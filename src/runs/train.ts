/** @file `train`: trains an algorithm in an environment, optionally in a run folder. */

import * as z from "zod";
import { count, fraction, resolveOptions } from "../config/options.js";
import type { GivenReference, ModuleReference } from "../config/references.js";
import { callback, environmentOption, folderOption } from "../env/source-options.js";
import { UsageError } from "../errors.js";
import type { Algorithm, Artefact, Learner, State } from "../learning/contract.js";
import type { Measure } from "../measure/measure.js";
import type { Policy } from "../policies/contract.js";
import { printable } from "./printable.js";
import { isLearner, type RunRequest, resolve } from "./resolve.js";
import type { Callback, Diagnosis, RunResult } from "./runner.js";
import { type SinkFormatName, sinkFormatNames } from "./sinks/formats.js";
import type { TextStream } from "./sinks/notes.js";
import type { MetricSink } from "./sinks/sink.js";
import { type RunSpec, specFields } from "./spec.js";
import { start } from "./start.js";
import { modulesIn, type Trust } from "./trust.js";

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
        every: count().describe("number of steps between measurements"),
        measure: callback<Measure>().describe(
          "function that measures the current policy, such as distanceFrom(expert, …)",
        ),
        share: fraction()
          .default(1)
          .describe(
            "limit of the `diagnosticSteps` that measurements return, as a fraction of the run's environment steps (the final one is always made)",
          ),
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
  folder: folderOption().optional().describe("path of the run folder; unset: nothing is written"),
  resume: z.boolean().default(false).describe("whether to resume the run in `folder`"),
  trust: z
    .union([z.literal(true), z.array(z.string())], "it must be true or a list of paths")
    .default([])
    .describe(
      "modules that may be imported although only files name them, such as the config of a run: a list of paths, or true for all",
    ),
  progress: z
    .custom<TextStream>((value) => isWritable(value), "it must be a stream, such as process.stderr")
    .meta({ type: "stream" })
    .optional()
    .describe("stream that progress is written to, such as process.stderr"),
  onIteration: callback<Callback>()
    .optional()
    .describe(
      "function that is called after every iteration with its metrics, and with `artefact()` (the policy so far) and `stop()`; it is awaited",
    ),
  onEvaluation: callback<Callback>()
    .optional()
    .describe("function that is called after every evaluation in the same way, with its numbers"),
  signal: z
    .instanceof(AbortSignal)
    .meta({ type: "AbortSignal" })
    .optional()
    .describe("signal that ends the run after the current iteration, with a checkpoint"),
  handleInterrupt: z
    .boolean()
    .default(false)
    .describe(
      "whether the first Ctrl-C or SIGTERM ends the run as `signal` does, and a second one kills it (Node.js); your program hears them between iterations only, so not in an environment that hangs: the command line has a supervisor for that",
    ),
});

type Given = z.input<typeof trainSchema>;

/** Options of `train` with an algorithm. */
export interface TrainOptions extends Omit<Given, "env" | "data" | "tuned"> {
  /** Unset for an algorithm that learns from demonstrations alone, such as `bc`: nothing acts, in training or measures. */
  env?: Given["env"];
}

/** Options of `train` with a learner without an environment. */
export interface TrainOnDataOptions<Source>
  extends Omit<Given, "env" | "environmentOptions" | "data" | "tuned" | "diagnose"> {
  /**
   * The data set. If the algorithm's definition can read it: also a path, or a reference such as `{ from: "data.json"
   * }`.
   */
  data: Source | string | { from: string; checksum?: string };
}

/** Options of `train` with the name of an algorithm. */
export interface TrainByNameOptions extends Given {
  /** Options of the algorithm. They take precedence over tuned settings. */
  options?: Record<string, unknown>;
}

/** A run as data, with the options that do not affect its numbers. */
export type TrainSpec = Omit<RunSpec, keyof Given> &
  Omit<TrainByNameOptions, "env" | "data"> & {
    env?: TrainByNameOptions["env"] | ModuleReference | GivenReference;
    data?: unknown;
  };

/**
 * Trains an algorithm and returns its policy. `train.run` takes the same arguments and returns the full result, whose
 * state holds the open training environments; `close()` of the result closes them.
 *
 * An algorithm given by name uses the settings tuned for the environment (`algorithms/tuned/`). They are shown on
 * `progress` and recorded in the run's `config.json`. A run as data, such as the content of a `config.json`, is trained
 * again as it is.
 *
 * The same algorithm, options and seed give bit-identical policies, also if the run is killed and resumed.
 *
 * @throws UsageError for an unknown algorithm, option or environment, a folder in use, a resume with a different
 * config, or a file that has changed since it was recorded
 * @throws Error when a metric or a parameter is not finite, with the likely cause, or when a file cannot be written;
 * earlier files stay as they are
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
  const { request, rest, trust } = requestOf(await fromRecord(first, second), second);
  const { folder, progress } = rest;
  const report = (line: string) => void progress?.write(`${printable(line)}\n`);
  return start(await resolve(request, { folder, report, trust }), rest);
}

/** The record of a run that is resumed, whose relative paths start where the run was started; other values as they are. */
async function fromRecord(first: unknown, second: unknown): Promise<unknown> {
  const { workingFolder, folder, resume } = { ...(first as object), ...(second as object) } as Record<
    string,
    unknown
  >;
  if (workingFolder === undefined || typeof folder !== "string" || resume !== true) return first;
  return (await import("./recorded-paths.js")).fromWorkingFolder(first as object, folder);
}

type Rest = Pick<
  z.output<typeof trainSchema>,
  "folder" | "resume" | "progress" | "onIteration" | "onEvaluation" | "signal" | "handleInterrupt"
> & { sinks: MetricSink[] };

/** The request, without the options of progress and storage. */
export function requestOf(
  first: unknown,
  second: unknown,
): { request: RunRequest; rest: Rest; trust: Trust } {
  const { algorithm, options, given, isNamed, isSpec } = partsOf(first, second);
  const {
    sinks,
    folder,
    resume,
    trust,
    progress,
    onIteration,
    onEvaluation,
    signal,
    handleInterrupt,
    ...asked
  } = given;
  const named = sinks.filter((sink) => typeof sink === "string");
  if (folder === undefined && (resume || asked.record || named.length > 0)) {
    const what = resume ? "resume" : asked.record ? "record" : `sink "${named[0]}"`;
    throw new UsageError(`train: ${what} needs a folder`);
  }
  const canDoWithout = isLearner(algorithm) && algorithm.dataSet !== undefined;
  if (!isNamed && !canDoWithout && asked.env === undefined && asked.data === undefined) {
    const why = isLearner(algorithm) ? `: ${algorithm.name} acts in an environment` : "";
    throw new UsageError(`train: option "env" is required${why}`);
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
      onIteration,
      onEvaluation,
      signal,
      handleInterrupt,
    },
    // A spec may have been read from a file; a name and options were written by the caller.
    trust: isSpec || trust === true ? trust : [...trust, ...modulesIn([algorithm, asked.env])],
  };
}

interface GivenParts {
  algorithm: RunRequest["algorithm"];
  options: Record<string, unknown>;
  given: z.output<typeof trainSchema>;
  /** Whether the algorithm is given by name, so that its definition fills in defaults. */
  isNamed: boolean;
  /** Whether all is given as one spec. */
  isSpec: boolean;
}

/** The three forms of arguments of `train`: a spec, a name and options, or a learner and options. */
function partsOf(first: unknown, second: unknown): GivenParts {
  const isSpec = isObject(first) && !isLearner(first) && "algorithm" in first;
  const whole = isSpec ? { ...first, ...(second as object | undefined) } : second;
  if (!isObject(whole)) {
    const got = second === undefined ? "nothing" : JSON.stringify(second);
    throw new UsageError(
      `train: the second argument must be options such as { env: "CartPole-v1" }, not ${got}`,
    );
  }
  if (isLearner(first)) {
    const given = resolveOptions("train", trainSchema, whole);
    return { algorithm: first, options: {}, given, isNamed: false, isSpec: false };
  }
  const { options = {}, algorithm = first, format: _, unit: __, workingFolder: ___, ...given } = whole;
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
    isSpec,
  };
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
