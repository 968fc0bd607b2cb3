/**
 * @file Converts options between plain data and the objects that algorithms take: references become the objects that
 * they name, and objects become the references that a run records.
 */

import { requirement } from "../config/options.js";
import {
  type DemonstrationsReference,
  isGiven,
  isReference,
  type LabellerReference,
  type PolicyReference,
  referenceTo,
  requireSameContent,
  withOrigin,
} from "../config/references.js";
import { type Demonstrations, firstEpisodes } from "../datasets/demonstrations.js";
import { readDemonstrations } from "../datasets/read-demonstrations.js";
import { isDataId } from "../env/data-set.js";
import { UsageError } from "../errors.js";
import { collect } from "../measure/collect.js";
import type { Policy } from "../policies/contract.js";
import { policyRecord } from "../policies/index.js";
import { formatNumber } from "../report/format.js";
import { countCut, cutWarning } from "../rollout/trajectory.js";
import { loadExpert } from "../zoo/experts.js";
import { isReferenceOption, type ReferenceOption, referenceSchema } from "./reference-options.js";
import type { Trust } from "./trust.js";

type Options = Record<string, unknown>;

/** The context in which references are read. */
export interface ReadingContext {
  /** The id of the environment. */
  env: string;
  /** Whether the environment is named by the user, a record or the demonstrations. */
  isNamed: boolean;
  environmentOptions: Options;
  seed: number | string;
  workers: number;
  workerTimeout: number;
  maxEpisodeSteps?: number;
  /** The run's folder. */
  folder?: string;
  /** The modules that may be imported. */
  trust: Trust;
  /** Receives a line about collected demonstrations. */
  report(line: string): void;
}

/** Default number of episodes that a trained expert demonstrates. */
const EPISODES = 10;

/**
 * Replaces the references in options by the objects that they name.
 *
 * @throws UsageError when there is nothing at a path, or for an object that was passed in code
 */
export async function readOptions(what: string, options: Options, context: ReadingContext): Promise<Options> {
  const live = { ...options };
  for (const [name, value] of Object.entries(options)) {
    if (isGiven(value)) {
      throw new UsageError(
        `${what}: option "${name}" was passed in code (${value.given}) and is not in the record: pass it again`,
      );
    }
    if (isReferenceOption(name) && isPlainReference(value)) {
      Object.assign(live, await readers[name](checked(what, name, value), context));
    }
  }
  return live;
}

/** Whether a value is a reference as plain data, and not a labeller or policy object with a field of that name. */
const isPlainReference = (value: unknown): value is object =>
  typeof value === "object" &&
  value !== null &&
  Object.getPrototypeOf(value) === Object.prototype &&
  !Array.isArray((value as Partial<Demonstrations>).trajectories) &&
  !Object.values(value).some((member) => typeof member === "function");

function checked(what: string, name: ReferenceOption, value: object): never {
  const schema = referenceSchema(name);
  const { success, data, error } = schema.safeParse(value);
  if (success) return data as never;
  const wanted = requirement(schema, error.issues[0]);
  throw new UsageError(`${what}: option "${name}" is ${JSON.stringify(value)}: ${wanted}`);
}

const readers: Record<ReferenceOption, (reference: never, context: ReadingContext) => Promise<Options>> = {
  demonstrations: async (reference: DemonstrationsReference, context) => ({
    demonstrations: await demonstrationsOf(reference, context),
  }),
  expert: async (reference: PolicyReference, context) => ({ expert: await policyOf(reference, context) }),
  labeller: async (reference: Exclude<LabellerReference, { given: string }>, context) => {
    const { labellerFor } = await import("./labellers.js");
    const { env, environmentOptions, folder } = context;
    return labellerFor(reference, { env, environmentOptions, out: folder });
  },
};

async function demonstrationsOf(
  reference: DemonstrationsReference,
  context: ReadingContext,
): Promise<Demonstrations> {
  const { environmentOptions, isNamed, env } = context;
  if ("expert" in reference) return demonstrationsOfExpert(reference as ByExpert, context);
  const { from, episodes, format, clip, observationColumn, observationSpace, actionSpace } =
    reference as ByPath;
  const reading = {
    format,
    ...(clip && { clip }),
    ...(observationColumn && { observationColumn }),
    ...(observationSpace && { observationSpace }),
    ...(actionSpace && { actionSpace }),
  };
  const source = { env: isNamed ? env : undefined, environmentOptions };
  const all = await readDemonstrations(from, { ...source, ...(reading as object) });
  return episodes === undefined ? all : firstEpisodes(all, episodes);
}

type ByExpert = Extract<DemonstrationsReference, { expert: string; episodes?: number }>;
type ByPath = Extract<DemonstrationsReference, { from: string }>;

/** Episodes of a trained expert's mode. Their default seed is derived from the run's seed. */
async function demonstrationsOfExpert(
  { expert, episodes = EPISODES, seed }: ByExpert,
  {
    env,
    environmentOptions,
    seed: seedOfRun,
    workers,
    workerTimeout,
    maxEpisodeSteps,
    report,
  }: ReadingContext,
): Promise<Demonstrations> {
  const origin = { expert, seed: seed ?? `${seedOfRun}/demonstrations` };
  // A run on the data alone has no environment to play in: the expert's is.
  const played = isDataId(env) ? expert : env;
  const where = { env: played, environmentOptions, workers, workerTimeout, maxEpisodeSteps };
  const options = { ...where, episodes, seed: origin.seed, deterministic: true };
  const demonstrations = await collect(await loadExpert(expert), options);
  const { expertReturn } = demonstrations.provenance;
  report(`${episodes} episodes of the expert for ${expert}, mean return ${formatNumber(expertReturn)}`);
  const warning = cutWarning(countCut(demonstrations.trajectories), episodes);
  if (warning) report(warning);
  return withOrigin(demonstrations, origin);
}

async function policyOf(reference: PolicyReference, { trust }: ReadingContext): Promise<Policy> {
  if ("policy" in reference) {
    const { policyAt } = await import("./inputs.js");
    return (await policyAt(String(reference.policy), { trust })).policy;
  }
  return loadExpert(String((reference as { expert: string }).expert));
}

/**
 * The options of a learner as plain data for the run's config. Objects in the options become references.
 */
export async function recordedOptions(options: Options): Promise<Options> {
  const entries = await Promise.all(
    Object.entries(options).map(async ([name, value]) => [name, await recorded(name, value)] as const),
  );
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

async function recorded(name: string, value: unknown): Promise<unknown> {
  if (typeof value === "function") return { given: "a function" };
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  if (ArrayBuffer.isView(value)) return Array.from(value as Float64Array);
  if (value instanceof AbortSignal) return undefined;
  if (typeof (value as Partial<Policy>).act === "function") return policyRecord(value as Policy);
  if (Array.isArray((value as Partial<Demonstrations>).trajectories)) {
    const { fingerprint } = await import("../../algorithms/shared/demonstrations-option.js");
    return fingerprint(value as Demonstrations);
  }
  const isObject = Object.values(value).some((member) => typeof member === "function");
  return isObject ? referenceTo(value, name, {}) : recordedOptions(value as Options);
}

/**
 * Checks that the content behind references has the recorded checksums.
 *
 * @param given the options with their references, which may hold checksums
 * @param present the options with the checksums of the current content
 * @throws UsageError naming the changed file, with both checksums
 */
export function requireUnchanged(given: Options, present: Options): void {
  for (const [name, reference] of Object.entries(given)) {
    if (!isReferenceOption(name) || !isReference(reference)) continue;
    const before = (reference as { checksum?: string }).checksum;
    const now = (present[name] as { checksum?: string } | undefined)?.checksum;
    if (now !== undefined) requireSameContent(placeOf(reference), before, now);
  }
}

function placeOf(reference: object): string {
  const { from, policy, expert } = reference as Partial<Record<"from" | "policy" | "expert", string>>;
  return from ?? policy ?? `the expert for ${expert}`;
}
