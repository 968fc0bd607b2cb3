/**
 * @file `RunSpec`: a run as plain data. Its schema defines the names, defaults and meanings of a run's options, apart
 * from those of the algorithm. The command line, `train`, `trainSeeds` and `config.json` are derived from it.
 */

import * as z from "zod";
import { count, fraction, positive } from "../config/options.js";
import {
  dataReference,
  type GivenReference,
  givenReference,
  type ModuleReference,
  moduleReference,
  rewardReference,
} from "../config/references.js";
import { environmentOptionsOption, problemOptions, seedOption } from "../env/source-options.js";
import { UsageError } from "../errors.js";
import { sinkFormatNames, sinkFormats } from "./sinks/formats.js";

/** Version of the format of `config.json`; increase it when the meaning of a field changes. Runs of 0.1 have none. */
export const FORMAT = 1;

const sinkSummaries = sinkFormatNames.map((name) => `${name} (${sinkFormats[name].summary})`).join(", ");

/** Options of a run, apart from the algorithm and its options. */
export const specFields = {
  env: z
    .union(
      [z.string().min(1), moduleReference, givenReference],
      'it must be the id of an environment, such as "CartPole-v1"',
    )
    .optional()
    .describe(
      "environment: an id (see understudy-rl envs), gymnasium:ID of the local Python installation, or the path of a module",
    ),
  environmentOptions: environmentOptionsOption().describe(
    "options of the environment, as JSON or --environment-options.size 8",
  ),
  data: dataReference.optional().describe("data set of a learner that needs no environment"),
  learntReward: rewardReference
    .optional()
    .describe(
      "learnt reward to maximise instead of the environment's: the run folder of inverse RL, or its reward.safetensors; " +
        "returns stay those of the environment",
    ),
  seed: seedOption().describe("seed of all randomness"),
  steps: count()
    .optional()
    .describe("length of the run, in the algorithm's unit; unset: as tuned, or the algorithm's default"),
  tuned: z
    .boolean()
    .default(true)
    .describe("whether to use the settings tuned for the environment; given options take precedence"),
  evaluate: z
    .strictObject({
      every: count().describe(
        "number of steps between evaluations of the policy's mode in fresh environments",
      ),
      episodes: count().default(20).describe("number of whole episodes in an evaluation"),
    })
    .optional()
    .describe("evaluations during training and at the end; unset: none"),
  record: z
    .strictObject({
      every: count().describe("number of steps between recordings of the policy's mode"),
      episodes: count().default(1).describe("number of whole episodes in a recording"),
    })
    .optional()
    .describe(
      "replays of the policy during training and at the end, in episodes/ of the run folder; unset: none",
    ),
  stop: z
    .strictObject({
      return: z
        .number()
        .describe(
          "the run ends after the first evaluation whose mean return is at least this; needs evaluate",
        ),
    })
    .optional()
    .describe("when the run ends before its last step; unset: never"),
  diagnose: z
    .strictObject({
      every: count()
        .optional()
        .describe(
          "number of steps between measurements of the distance from the expert; unset: a tenth of the run",
        ),
      episodes: count().default(5).describe("number of whole episodes of the learner in a measurement"),
      share: fraction()
        .default(0.25)
        .describe(
          "limit of the environment steps of measurements, as a fraction of those of the run (the final one is always made); 0 disables measurements",
        ),
    })
    .optional()
    .describe("imitation: measurements of the distance between expert and learner"),
  checkpoint: z
    .strictObject({
      every: count().optional().describe("number of steps between checkpoints; unset: a tenth of the run"),
      seconds: positive().default(60).describe("longest time between checkpoints (s)"),
      keep: count().default(3).describe("number of latest checkpoints to keep"),
    })
    .prefault({})
    .describe("checkpoints to resume from"),
  sinks: z
    .array(z.enum(sinkFormatNames))
    .default([])
    .describe(`additional formats of the metrics: ${sinkSummaries}`),
  ...problemOptions(),
};

export const specSchema = z.strictObject({
  format: z.literal(FORMAT).default(FORMAT).describe("format of this record"),
  algorithm: z
    .union([z.string().min(1), moduleReference, givenReference])
    .describe("name of an algorithm, or path of a user module that defines one"),
  options: z.record(z.string(), z.unknown()).default({}).describe("options of the algorithm"),
  unit: z.string().optional().describe("unit of steps, for information"),
  workingFolder: z
    .string()
    .optional()
    .describe(
      "folder that relative paths start from, seen from the folder of this record; unset: the working folder of the process",
    ),
  ...specFields,
});

/**
 * A run as plain data. Demonstrations, experts, data sets and labellers among the options are references, such as
 * `{ from: "demos/cartpole" }`.
 */
export type RunSpec = z.input<typeof specSchema>;

/** A run with every default filled in and the checksums of all files read: the content of `config.json`. */
export type RunConfig = z.output<typeof specSchema> & {
  steps: number;
  unit: string;
  checkpoint: { every: number };
};

/** The name of an algorithm or an environment in titles and messages: an id, a path or a name. */
export function nameOf(reference: string | ModuleReference | GivenReference | undefined): string {
  if (reference === undefined || typeof reference === "string") return reference ?? "unknown";
  return "module" in reference ? String(reference.module) : reference.given;
}

/** The name of a run's source, in titles and messages. */
export function sourceName({ env, data }: Pick<RunSpec, "env" | "data">): string {
  if (data === undefined) return nameOf(env);
  return "from" in data ? String(data.from) : data.given;
}

/** @throws UsageError for a record of 0.1, or of a later format */
export function requireFormat(path: string, record: { format?: unknown }): void {
  if (record.format === FORMAT) return;
  const whose =
    record.format === undefined
      ? "understudy 0.1, whose records do not say where demonstrations and experts were read from"
      : `another version of understudy (format ${record.format}, this is ${FORMAT})`;
  throw new UsageError(
    `${path} was written by ${whose}: resume it with that version, or train into a new folder`,
  );
}
