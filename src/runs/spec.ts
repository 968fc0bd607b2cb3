/**
 * @file `RunSpec`: a run as plain data. Its schema is the one place for the names, defaults and meanings of what a run
 * takes beside its algorithm's own options: the command line, `train`, seeds and `config.json` all follow from it.
 */

import { z } from "zod";
import { count, fraction, positive } from "../config/options.js";
import {
  dataReference,
  type GivenReference,
  givenReference,
  type ModuleReference,
  moduleReference,
} from "../config/references.js";
import { environmentOptionsOption, seedOption, workerOptions } from "../env/source-options.js";
import { UsageError } from "../errors.js";
import { sinkFormatNames, sinkFormats } from "./sinks/formats.js";

/** Of `config.json`; raised whenever what its fields mean changes. Runs of 0.1 have none. */
export const FORMAT = 1;

const sinkSummaries = sinkFormatNames.map((name) => `${name} (${sinkFormats[name].summary})`).join(", ");

/** What a run takes beside its algorithm and that algorithm's options. */
export const specFields = {
  env: z
    .union(
      [z.string().min(1), moduleReference, givenReference],
      'it must be the id of an environment, such as "CartPole-v1"',
    )
    .optional()
    .describe(
      "environment: an id (see understudy envs), gymnasium:ID of the local Python installation, or the path of a module",
    ),
  environmentOptions: environmentOptionsOption().describe(
    "options of the environment, as JSON or --environment-options.size 8",
  ),
  data: dataReference.optional().describe("data set of a learner that needs no environment"),
  seed: seedOption().describe("seed of all randomness"),
  steps: count()
    .optional()
    .describe("length of the run in the algorithm's unit; unset, as tuned, or the algorithm's own number"),
  tuned: z
    .boolean()
    .default(true)
    .describe("use the settings tuned for the environment, under what is given"),
  evaluate: z
    .strictObject({
      every: count().describe("steps between evaluations of the policy's mode in fresh environments"),
      episodes: count().default(20).describe("whole episodes in an evaluation"),
    })
    .optional()
    .describe("evaluations on the way and at the end; unset, none"),
  diagnose: z
    .strictObject({
      every: count()
        .optional()
        .describe("steps between measurements of the distance from the expert; unset, a tenth of the run"),
      episodes: count().default(5).describe("whole episodes of the learner in a measurement"),
      share: fraction()
        .default(0.05)
        .describe("largest share of the run's time for measurements before the last; 0: no measurements"),
    })
    .optional()
    .describe("measurements of the distance from the expert, in imitation"),
  checkpoint: z
    .strictObject({
      every: count().optional().describe("steps between checkpoints; unset, a tenth of the run"),
      seconds: positive().default(60).describe("longest time between checkpoints (s)"),
      keep: count().default(3).describe("latest checkpoints to keep"),
    })
    .prefault({})
    .describe("checkpoints to resume from"),
  sinks: z
    .array(z.enum(sinkFormatNames))
    .default([])
    .describe(`further formats for the metrics: ${sinkSummaries}`),
  ...workerOptions(),
};

export const specSchema = z.strictObject({
  format: z.literal(FORMAT).default(FORMAT).describe("format of this record"),
  algorithm: z
    .union([z.string().min(1), moduleReference, givenReference])
    .describe("name of an algorithm, or the module of one of the user's own"),
  options: z.record(z.string(), z.unknown()).default({}).describe("options of the algorithm"),
  unit: z.string().optional().describe("unit of steps, recorded for readers"),
  ...specFields,
});

/**
 * A run as plain data. Demonstrations, experts, data sets and labellers among the options are references, such as
 * `{ from: "demos/cartpole" }`.
 */
export type RunSpec = z.input<typeof specSchema>;

/** A run with every default filled in and the checksum of whatever was read: what `config.json` holds. */
export type RunConfig = z.output<typeof specSchema> & {
  steps: number;
  unit: string;
  checkpoint: { every: number };
};

/** The id, path or name that a reference to an algorithm or an environment stands for, for titles and messages. */
export function nameOf(reference: string | ModuleReference | GivenReference | undefined): string {
  if (reference === undefined || typeof reference === "string") return reference ?? "unknown";
  return "module" in reference ? String(reference.module) : reference.given;
}

/** What a run learns from, for titles and messages. */
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
