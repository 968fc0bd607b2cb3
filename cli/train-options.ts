/** @file The options of `understudy train <algorithm>`: of every run, and of the algorithm; and the run that they ask for. */

import { join } from "node:path";
import { z } from "zod";
import { merge } from "../src/config/merge.js";
import { count, resolveOptions } from "../src/config/options.js";
import { dataReference } from "../src/config/references.js";
import { UsageError } from "../src/errors.js";
import type { AlgorithmDefinition } from "../src/learning/define.js";
import { measuresDistance } from "../src/runs/diagnosis.js";
import { expertNamed } from "../src/runs/inputs.js";
import { isReferenceOption, referenceSchema } from "../src/runs/live-options.js";
import { type FoundAlgorithm, type RunRequest, settle } from "../src/runs/resolve.js";
import { readJson } from "../src/runs/run-records.js";
import { type Seed, seedsOption } from "../src/runs/seeds.js";
import { readSeeds } from "../src/runs/seeds-run.js";
import { nameOf, type RunSpec, requireFormat, sourceName, specFields, specSchema } from "../src/runs/spec.js";
import type { Values } from "./options.js";

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
  resume: z.boolean().default(false).describe("go on with the run in --out, with its options"),
};

/** A path or a word on the command line, a reference in a file. */
const wordOr = (reference: z.ZodType, description: string, alias?: string) =>
  z
    .union([z.string(), reference], "it must be a path")
    .describe(description)
    .meta({ type: "string", ...(alias && { alias }) });

/** Options that are no plain data: the command line names what they refer to. */
const referenceFields = {
  demonstrations: wordOr(
    referenceSchema("demonstrations"),
    "demonstrations: a folder that understudy collect wrote, a file or folder that understudy convert reads, " +
      "or expert: episodes of the zoo's expert",
    "demos",
  ),
  expert: wordOr(
    referenceSchema("expert"),
    "the expert's run folder, a policy's .safetensors file, or expert: the zoo's, for --env",
  ),
  labeller: z
    .union([z.enum(["console", "files"]), referenceSchema("labeller")], "it must be console or files")
    .describe("instead of --expert, what answers: you, at this terminal, or files dropped into a folder")
    .meta({ type: "console, files" }),
};

/** What goes with them. */
const companionFields = {
  demonstrations: {
    demonstrationEpisodes: count()
      .optional()
      .describe("number of episodes: by default all in the folder, or 10 of the zoo's expert")
      .meta({ alias: "demo-episodes" }),
  },
  expert: {},
  labeller: {
    labellerFolder: z
      .string()
      .min(1)
      .optional()
      .describe("folder of queries and answers; by default labels in the run's folder"),
  },
};

/** The signal of a labeller follows from it. */
const isTyped = (name: string, schema: z.ZodObject) => name !== "signal" || !("labeller" in schema.shape);

/** The options of an algorithm's command, and which of them are the algorithm's own. */
export function trainSchema(definition: AlgorithmDefinition): { schema: z.ZodObject; own: string[] } {
  const { schema, needs = [] } = definition;
  const isNeeded = (name: string) =>
    needs.some((need) => need === name) && !(name === "expert" && "labeller" in schema.shape);
  const own: Record<string, z.ZodType> = {};
  for (const [name, field] of Object.entries(schema.shape as Record<string, z.ZodType>)) {
    if (!isTyped(name, schema)) continue;
    if (!isReferenceOption(name)) {
      own[name] = field;
      continue;
    }
    const word = referenceFields[name];
    own[name] = isNeeded(name) ? word : word.optional().meta(word.meta()!);
    Object.assign(own, companionFields[name]);
  }
  const diagnose = measuresDistance(definition) ? { diagnose: specFields.diagnose } : {};
  const taken = Object.keys(own).find((name) => name in startFields || name in specFields);
  if (taken !== undefined) {
    throw new UsageError(
      `${definition.name}: option "${taken}" is one that every run has; call it otherwise`,
    );
  }
  return {
    schema: z.strictObject({ ...runFields(definition), ...startFields, ...diagnose, ...own }),
    own: [...Object.keys(own), ...Object.keys(diagnose)],
  };
}

/** Recorded of every run, with no meaning for one on a data set. */
const environmentOnly = ["environmentOptions", "tuned", "workers", "workerTimeout"];

/** What every run of an algorithm takes, in an environment or on a data set. */
function runFields({ source }: AlgorithmDefinition): Record<string, z.ZodType> {
  const {
    data: _,
    diagnose: __,
    env,
    environmentOptions,
    tuned,
    workers,
    workerTimeout,
    ...common
  } = specFields;
  return source
    ? { data: wordOr(dataReference, source.summary), ...common }
    : {
        env: env.meta({ ...env.meta(), type: "string" }),
        ...{ environmentOptions, tuned, workers, workerTimeout },
        ...common,
      };
}

/** The environment of a run that names none, for the word "expert". */
const environmentAtHand = ({ environment = "CartPole-v1" }: AlgorithmDefinition, { env }: Values) =>
  env === undefined ? environment : nameOf(env as RunSpec["env"]);

/** The reference that stands for a word. */
const references: Record<keyof typeof referenceFields, (word: string, env: string, given: Values) => Values> =
  {
    demonstrations(word, env) {
      const expert = expertNamed(word, env);
      return expert === undefined ? { from: word } : { expert };
    },
    expert(word, env) {
      const expert = expertNamed(word, env);
      return expert === undefined ? { policy: word } : { expert };
    },
    labeller: (word, _, { labellerFolder: folder }) => ({
      labeller: word,
      ...(folder !== undefined && { folder }),
    }),
  };

/** The run that options ask for: those of the algorithm apart, with references in place of words. */
export function requestFor({ definition, reference }: FoundAlgorithm, given: Values): RunRequest {
  const options = pick(given, Object.keys(definition.schema.shape));
  const env = definition.source ? "" : environmentAtHand(definition, given);
  for (const [name, value] of Object.entries(options)) {
    if (isReferenceOption(name) && typeof value === "string") {
      options[name] = references[name](value, env, given);
    }
  }
  const { demonstrationEpisodes: episodes } = given;
  const demonstrations = options.demonstrations as Values | undefined;
  if (demonstrations && episodes !== undefined && episodes !== demonstrations.episodes) {
    const { checksum: _, ...rest } = demonstrations;
    options.demonstrations = { ...rest, episodes };
  }
  const { data, ...run } = pick(given, Object.keys(specFields));
  const source = typeof data === "string" ? { from: data } : data;
  return resolveOptions(`train ${definition.name}`, specSchema, {
    ...run,
    algorithm: reference,
    options,
    data: source,
  }) as RunRequest;
}

export const pick = (values: Values, names: readonly string[]): Values =>
  Object.fromEntries(names.filter((name) => values[name] !== undefined).map((name) => [name, values[name]]));

/**
 * What is given without being typed, under what is: the options on record where a run goes on, those of a file, and those
 * tuned for the environment.
 */
export async function givenValues(found: FoundAlgorithm, schema: z.ZodObject, file: Values, typed: Values) {
  const inFile = flat(found, file);
  const before = typed.resume ? recordIn(await folderOf(found, merge(inFile, typed, schema))) : undefined;
  const given = merge(merge(flat(found, before ?? {}), inFile, schema), typed, schema);
  const request = requestFor(found, given);
  // A run that goes on has the options that it had, wherever these came from.
  const { steps, options } = await settle(found, before ? { ...request, tuned: false } : request);
  return merge(given, { steps, ...options });
}

/** Where a run is kept. */
export async function folderOf(found: FoundAlgorithm, given: Values): Promise<string> {
  if (given.out !== undefined) return String(given.out);
  const request = await settle(found, requestFor(found, given));
  // Ids may hold slashes, and modules and data sets are paths.
  const plain = (name: string) => name.replace(/^[./\\]+/, "").replace(/[/\\]/g, "-");
  const parts = [plain(found.definition.name), plain(sourceName(request as Pick<RunSpec, "env" | "data">))];
  return join("runs", [...parts, ...(given.seeds === undefined ? [request.seed] : [])].join("-"));
}

/** The options of the run, or of the seeds, in a folder. */
export function recordIn(folder: string): Partial<RunSpec & { seeds: Seed[] | number }> | undefined {
  const found = readSeeds(folder);
  const record = found?.config ?? readJson<RunSpec>(folder, "config.json");
  if (record) requireFormat(folder, record);
  if (!found) return record;
  const { seeds } = found;
  return { ...record, ...(seeds.length > 1 ? { seeds } : { seed: seeds[0], seeds: 1 }) };
}

/** A spec, or options by name, with the algorithm's options beside the others. */
function flat({ definition, reference }: FoundAlgorithm, file: Values): Values {
  const { algorithm, options, format: _, unit: __, ...all } = file;
  const isKept = (name: string) => !(definition.source && environmentOnly.includes(name));
  const rest = pick(all, Object.keys(all).filter(isKept));
  const [name, ofFile] = [nameOf(reference), nameOf(algorithm as RunSpec["algorithm"] | undefined)];
  if (algorithm !== undefined && name !== ofFile) {
    throw new UsageError(`this config is for ${ofFile}, not for ${name}`);
  }
  return { ...rest, ...(options as Values | undefined) };
}
