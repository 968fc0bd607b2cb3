/** @file The run that the options of `understudy-rl train <algorithm>` ask for. */

import { join } from "node:path";
import type * as z from "zod";
import { merge } from "../src/config/merge.js";
import { resolveOptions } from "../src/config/options.js";
import { UsageError } from "../src/errors.js";
import type { AlgorithmDefinition } from "../src/learning/define.js";
import { isAcquisitionPath } from "../src/runs/acquisition-file.js";
import { expertNamed } from "../src/runs/inputs.js";
import { loadModules } from "../src/runs/modules.js";
import { isReferenceOption, type ReferenceOption, takesNames } from "../src/runs/reference-options.js";
import { type FoundAlgorithm, type RunRequest, settle } from "../src/runs/resolve.js";
import { readRunConfig } from "../src/runs/run-records.js";
import type { Seed } from "../src/runs/seeds.js";
import { readSeeds } from "../src/runs/seeds-run.js";
import { nameOf, type RunSpec, requireFormat, sourceName, specFields, specSchema } from "../src/runs/spec.js";
import { isSamePath, type Trust } from "../src/runs/trust.js";
import { warn } from "./command.js";
import type { Values } from "./options.js";

/** The environment of a run, or the default one, for the word "expert". */
const environmentAtHand = ({ environment = "CartPole-v1" }: AlgorithmDefinition, { env }: Values) =>
  env === undefined ? environment : nameOf(env as RunSpec["env"]);

/** The reference to a policy that a word denotes. */
function policyNamed(word: string, env: string): Values {
  const expert = expertNamed(word, env);
  return expert === undefined ? { policy: word } : { expert };
}

/** The reference that a word denotes. */
const references: Record<
  Exclude<ReferenceOption, "acquisition">,
  (word: string, env: string, given: Values) => Values
> = {
  demonstrations(word, env) {
    const expert = expertNamed(word, env);
    return expert === undefined ? { from: word } : { expert };
  },
  annotations: (word) => ({ from: word }),
  expert: policyNamed,
  preferences: (word) => ({ from: word }),
  reference: policyNamed,
  student: policyNamed,
  teacher: policyNamed,
  labeller: (word, _, { labellerFolder: folder, labellerPort: port, labellerAnnotators: annotators }) => ({
    labeller: word,
    ...(folder !== undefined && { folder }),
    ...(word === "web" && port !== undefined && { port }),
    ...(word !== "console" && annotators !== undefined && { annotators }),
  }),
};

/** The reference to an acquisition policy, for a path; other values as they are. */
function acquisitionNamed(value: unknown): unknown {
  const { name, ...rest } = (typeof value === "string" ? { name: value } : value) as Values;
  return typeof name === "string" && isAcquisitionPath(name) ? { policy: name, ...rest } : value;
}

/** Whether a word is a value of the option itself, as `uniform` is of dpo's reference. */
const isWord = ({ schema }: AlgorithmDefinition, name: string, word: string): boolean =>
  schema.shape[name].safeParse(word).success;

/** The spec of a run from typed options: the algorithm's options nested, words replaced by references. */
export function requestFor({ definition, reference }: FoundAlgorithm, given: Values): RunRequest {
  const options = pick(given, Object.keys(definition.schema.shape));
  const env = definition.source ? "" : environmentAtHand(definition, given);
  for (const [name, value] of Object.entries(options)) {
    if (!isReferenceOption(name)) continue;
    if (takesNames(name)) options[name] = acquisitionNamed(value);
    else if (typeof value === "string" && !isWord(definition, name, value)) {
      options[name] = references[name](value, env, given);
    }
  }
  const { demonstrationEpisodes: episodes } = given;
  const demonstrations = options.demonstrations as Values | undefined;
  if (demonstrations && episodes !== undefined && episodes !== demonstrations.episodes) {
    const { checksum: _, ...rest } = demonstrations;
    options.demonstrations = { ...rest, episodes };
  }
  const reading = pick(given, ["observationColumn", "observationSpace", "actionSpace"]);
  if (demonstrations) options.demonstrations = { ...(options.demonstrations as Values), ...reading };
  const { data, learntReward, ...run } = pick(given, Object.keys(specFields));
  const named = (value: unknown) => (typeof value === "string" ? { from: value } : value);
  return resolveOptions(`train ${definition.name}`, specSchema, {
    ...run,
    algorithm: reference,
    options,
    ...(data !== undefined && { data: named(data) }),
    ...(learntReward !== undefined && { learntReward: named(learntReward) }),
  }) as RunRequest;
}

export const pick = (values: Values, names: readonly string[]): Values =>
  Object.fromEntries(names.filter((name) => values[name] !== undefined).map((name) => [name, values[name]]));

/**
 * The values below the typed ones: the recorded options of a resumed run, the options of a file, and the settings tuned
 * for the environment.
 */
export async function givenValues(
  found: FoundAlgorithm,
  schema: z.ZodObject,
  file: Values,
  { typed, trust }: { typed: Values; trust: Trust },
) {
  const inFile = withoutOptionsOfAnother(flat(found, file), typed.env);
  const before = typed.resume ? recordIn(await folderOf(found, merge(inFile, typed, schema))) : undefined;
  const given = merge(merge(flat(found, before ?? {}), inFile, schema), typed, schema);
  const request = requestFor(found, given);
  // A resumed run keeps its recorded options.
  const { env, steps, options } = await settle(found, before ? { ...request, tuned: false } : request);
  // Options may name a network that the module of the environment defines.
  await loadModules([env], trust);
  return merge(given, { steps, ...options });
}

/** The values of a file without its environment options, if another environment is typed: they are not of that one. */
function withoutOptionsOfAnother(inFile: Values, env: unknown): Values {
  const { env: ofFile, environmentOptions, ...rest } = inFile;
  const isOther =
    env !== undefined && ofFile !== undefined && !isSamePath(String(env), nameOf(ofFile as RunSpec["env"]));
  if (!isOther || environmentOptions === undefined) return inFile;
  warn(
    `the environment options of the config are those of ${nameOf(ofFile as RunSpec["env"])}, and are left out for ${env}`,
  );
  return { env: ofFile, ...rest };
}

/** The folder of a run. */
export async function folderOf(found: FoundAlgorithm, given: Values): Promise<string> {
  if (given.out !== undefined) return String(given.out);
  const request = await settle(found, requestFor(found, given));
  // Ids may contain slashes, and modules and data sets are paths.
  const plain = (name: string) =>
    name
      .replace(/^[./\\]+/, "")
      .replace(/^data:/, "data-")
      .replace(/[/\\]/g, "-");
  const parts = [plain(found.definition.name), plain(sourceName(request as Pick<RunSpec, "env" | "data">))];
  return join("runs", [...parts, ...(given.seeds === undefined ? [request.seed] : [])].join("-"));
}

/** The recorded options of a run folder or of a folder of seeds. */
export function recordIn(folder: string): Partial<RunSpec & { seeds: Seed[] | number }> | undefined {
  const found = readSeeds(folder);
  const record = found?.config ?? readRunConfig(folder);
  if (record) requireFormat(folder, record);
  if (!found) return record;
  const { seeds } = found;
  return { ...record, ...(seeds.length > 1 ? { seeds } : { seed: seeds[0], seeds: 1 }) };
}

/** Options that only apply to runs in an environment. */
const environmentOnly = ["environmentOptions", "tuned", "workers", "workerTimeout", "maxEpisodeSteps"];

/** The content of a config file with the algorithm's options at the top level. */
function flat({ definition, reference }: FoundAlgorithm, file: Values): Values {
  const { algorithm, options, format: _, unit: __, ...all } = file;
  const isKept = (name: string) => !(definition.source && environmentOnly.includes(name));
  const rest = pick(all, Object.keys(all).filter(isKept));
  const [name, ofFile] = [nameOf(reference), nameOf(algorithm as RunSpec["algorithm"] | undefined)];
  if (algorithm !== undefined && !isSamePath(name, ofFile)) {
    throw new UsageError(`this config is for ${ofFile}, not for ${name}`);
  }
  return { ...rest, ...(options as Values | undefined) };
}
