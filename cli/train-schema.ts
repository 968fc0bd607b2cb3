/**
 * @file The options of `understudy-rl train <algorithm>`: of every run, and of the algorithm. Help needs no more than this, so
 * it imports nothing that runs.
 */

import * as z from "zod";
import { count } from "../src/config/options.js";
import { annotatorNames, dataReference, rewardReference } from "../src/config/references.js";
import { readSchema } from "../src/datasets/read-demonstrations.js";
import { UsageError } from "../src/errors.js";
import { type AlgorithmDefinition, needsOf } from "../src/learning/define.js";
import {
  isReferenceOption,
  measuresDistance,
  referenceSchema,
  takesNames,
} from "../src/runs/reference-options.js";
import { seedsOption } from "../src/runs/seeds.js";
import { nameOf, type RunSpec, specFields } from "../src/runs/spec.js";
import { commonNames } from "./command.js";
import { labellerPort } from "./fields.js";

/** What a run takes on the command line that is no part of its spec. */
const startFields = {
  seeds: seedsOption(2)
    .optional()
    .describe("train under several seeds: how many, from --seed on, or a list such as 0,3,7"),
  jobs: count()
    .optional()
    .describe("how many of the seeds run at once; by default as many as there are cores"),
  out: z
    .string()
    .optional()
    .describe("folder of the run; by default runs/ALGORITHM-ENV-SEED, of several seeds runs/ALGORITHM-ENV"),
  resume: z.boolean().default(false).describe("resume the run in --out, with its options"),
};

/** A path or a word on the command line, a reference in a file. */
const wordOr = (reference: z.ZodType, description: string, alias?: string) =>
  z
    .union([z.string(), reference], "it must be a path")
    .describe(description)
    .meta({ type: "string", ...(alias && { alias }) });

/** Options that are no plain data: the command line names what they refer to. */
const referenceFields = {
  annotations: wordOr(
    referenceSchema("annotations"),
    "answers of the annotators: a CSV file with the columns item, annotator and label, JSON lines, or a dense table",
  ),
  demonstrations: wordOr(
    referenceSchema("demonstrations"),
    "demonstrations: a folder that understudy-rl collect wrote, a file or folder that understudy-rl convert reads, " +
      "or expert: episodes of the zoo's expert",
    "demos",
  ),
  expert: wordOr(
    referenceSchema("expert"),
    "the expert's run folder, a policy's .safetensors file, or expert: the zoo's, for --env",
  ),
  preferences: wordOr(
    referenceSchema("preferences"),
    "folder of preferences, such as one that understudy-rl compare-segments or a run of preference-learning wrote",
  ),
  student: wordOr(
    referenceSchema("student"),
    "policy to start from: its run folder, its .safetensors file, or expert: the zoo's, for --env; by default a new " +
      "network, or a copy of --reference",
  ),
  teacher: wordOr(
    referenceSchema("teacher"),
    "policy whose answers are preferred: its run folder, its .safetensors file, or expert: the zoo's, for --env",
  ),
  reference: wordOr(
    referenceSchema("reference"),
    "policy near which the learner stays: its run folder, its .safetensors file, or expert: the zoo's, for --env",
  ),
  labeller: z
    .union(
      [z.enum(["console", "files", "web"]), referenceSchema("labeller")],
      "it must be console, files or web",
    )
    .describe(
      "what answers the questions: you, at this terminal; files dropped into a folder; or people at a web page",
    )
    .meta({ type: "console, files, web" }),
};

/** What goes with them. */
const companionFields = {
  annotations: {},
  demonstrations: {
    demonstrationEpisodes: count()
      .optional()
      .describe("number of episodes: by default all in the folder, or 10 of the zoo's expert")
      .meta({ alias: "demo-episodes" }),
    observationColumn: readSchema.shape.observationColumn,
    observationSpace: readSchema.shape.observationSpace.describe(
      "without --env: space of the observations of --demos, such as Box(3) or Discrete(16); by default that of the " +
        "metadata or of the data",
    ),
    actionSpace: readSchema.shape.actionSpace.describe(
      "without --env: space of the actions of --demos, such as Discrete(4) or Box(2, -1, 1)",
    ),
  },
  expert: {},
  preferences: {},
  reference: {},
  student: {},
  teacher: {},
  labeller: {
    labellerFolder: z
      .string()
      .min(1)
      .optional()
      .describe("folder of queries and answers; by default labels in the run's folder"),
    labellerPort,
    labellerAnnotators: annotatorNames()
      .optional()
      .describe(
        "with web or files: names of the people, with commas between them; with web each gets a link",
      ),
  },
};

/** Of algorithms that can maximise a learnt reward. */
const rewardWord = wordOr(rewardReference, specFields.learntReward.description!, "reward");
const rewardFields = { learntReward: rewardWord.optional().meta(rewardWord.meta()!) };

/** The signal of a labeller follows from it. */
const isTyped = (name: string, { schema }: AlgorithmDefinition) =>
  name !== "signal" || !("labeller" in schema.shape);

/** The options of an algorithm's command, and which of them are the algorithm's own. */
export function trainSchema(definition: AlgorithmDefinition): { schema: z.ZodObject; own: string[] } {
  const { schema } = definition;
  const isNeeded = (name: string) =>
    needsOf(definition).some(([only, ...others]) => only === name && others.length === 0);
  const own: Record<string, z.ZodType> = {};
  for (const [name, field] of Object.entries(schema.shape as Record<string, z.ZodType>)) {
    if (!isTyped(name, definition)) continue;
    if (!isReferenceOption(name) || takesNames(name)) {
      own[name] = field;
      continue;
    }
    const word = referenceFields[name];
    own[name] = isNeeded(name) ? word : word.optional().meta(word.meta()!);
    Object.assign(own, companionFields[name]);
  }
  const diagnose = measuresDistance(definition) ? { diagnose: specFields.diagnose } : {};
  const learntReward = definition.withLearntRewards ? rewardFields : {};
  const taken = Object.keys(own).find(
    (name) => name in startFields || name in specFields || commonNames.includes(name),
  );
  if (taken !== undefined) {
    throw new UsageError(
      `${definition.name}: option "${taken}" is one that every run has; call it otherwise`,
    );
  }
  return {
    schema: z.strictObject({
      ...runFields(definition),
      ...startFields,
      ...diagnose,
      ...learntReward,
      ...own,
    }),
    own: [...Object.keys(own), ...Object.keys(diagnose)],
  };
}

/** What every run of an algorithm takes, in an environment or on a data set. */
function runFields({ source }: AlgorithmDefinition): Record<string, z.ZodType> {
  const {
    data: _,
    diagnose: __,
    learntReward: ___,
    env,
    environmentOptions,
    tuned,
    workers,
    workerTimeout,
    maxEpisodeSteps,
    ...common
  } = specFields;
  return source
    ? { data: wordOr(dataReference, source.summary), ...common }
    : {
        env: env.meta({ ...env.meta(), type: "string" }),
        ...{ environmentOptions, tuned, workers, workerTimeout, maxEpisodeSteps },
        ...common,
      };
}

/** An algorithm as it is typed after `understudy-rl train`. */
export const wordFor = (algorithm: RunSpec["algorithm"]) => nameOf(algorithm).replace(/\s/g, "_");
