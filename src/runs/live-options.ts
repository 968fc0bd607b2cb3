/**
 * @file Between options as plain data and options as algorithms take them: references become the objects that they name,
 * and objects become the references that a run records.
 */

import {
  type DemonstrationsReference,
  isGiven,
  isReference,
  type LabellerReference,
  type PolicyReference,
  referenceTo,
  withOrigin,
} from "../config/references.js";
import { type Demonstrations, firstEpisodes } from "../datasets/demonstrations.js";
import { readDemonstrations } from "../datasets/read-demonstrations.js";
import { UsageError } from "../errors.js";
import { collect } from "../measure/collect.js";
import type { Policy } from "../policies/contract.js";
import { policyRecord } from "../policies/index.js";
import { formatNumber } from "../report/format.js";
import { loadExpert } from "../zoo/experts.js";
import { isReferenceOption, type ReferenceOption, referenceSchema } from "./reference-options.js";

type Options = Record<string, unknown>;

/** What the references of a run depend on. */
export interface ReadingContext {
  /** The id of the environment. */
  env: string;
  /** Whether somebody named it; otherwise demonstrations of other programs do not know theirs. */
  isNamed: boolean;
  environmentOptions: Options;
  seed: number | string;
  workers: number;
  workerTimeout: number;
  /** The run's folder. */
  folder?: string;
  /** Receives a line about what was collected. */
  report(line: string): void;
}

/** Episodes that an expert of the zoo demonstrates unless a reference says how many. */
const EPISODES = 10;

/**
 * The options with the objects that their references name.
 *
 * @throws UsageError when there is nothing at a path, or for an object that only code can give again
 */
export async function readOptions(what: string, options: Options, context: ReadingContext): Promise<Options> {
  const live = { ...options };
  for (const [name, value] of Object.entries(options)) {
    if (isGiven(value)) {
      throw new UsageError(
        `${what}: option "${name}" was given in code (${value.given}), which a record cannot hold: give it again`,
      );
    }
    if (isReferenceOption(name) && isPlainReference(value)) {
      Object.assign(live, await readers[name](checked(what, name, value), context));
    }
  }
  return live;
}

/** A live labeller or policy is no reference, whatever it is called. */
const isPlainReference = (value: unknown): value is object =>
  typeof value === "object" &&
  value !== null &&
  Object.getPrototypeOf(value) === Object.prototype &&
  !Array.isArray((value as Partial<Demonstrations>).trajectories) &&
  !Object.values(value).some((member) => typeof member === "function");

function checked(what: string, name: ReferenceOption, value: object): never {
  const { success, data, error } = referenceSchema(name).safeParse(value);
  if (success) return data as never;
  throw new UsageError(`${what}: option "${name}" is ${JSON.stringify(value)}: ${error.issues[0].message}`);
}

const readers: Record<ReferenceOption, (reference: never, context: ReadingContext) => Promise<Options>> = {
  demonstrations: async (reference: DemonstrationsReference, context) => ({
    demonstrations: await demonstrationsOf(reference, context),
  }),
  expert: async (reference: PolicyReference) => ({ expert: await policyOf(reference) }),
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
  const { from, episodes, format, clip, observationColumn } = reference as ByPath;
  const reading = { format, ...(clip && { clip }), ...(observationColumn && { observationColumn }) };
  const source = { env: isNamed ? env : undefined, environmentOptions };
  const all = await readDemonstrations(from, { ...source, ...(reading as object) });
  return episodes === undefined ? all : firstEpisodes(all, episodes);
}

type ByExpert = Extract<DemonstrationsReference, { expert: string; episodes?: number }>;
type ByPath = Extract<DemonstrationsReference, { from: string }>;

/** Episodes of the mode of an expert of the zoo; unless the reference says so, they follow from the run's seed. */
async function demonstrationsOfExpert(
  { expert, episodes = EPISODES, seed }: ByExpert,
  { env, environmentOptions, seed: seedOfRun, workers, workerTimeout, report }: ReadingContext,
): Promise<Demonstrations> {
  const origin = { expert, seed: seed ?? `${seedOfRun}/demonstrations` };
  const where = { env, environmentOptions, workers, workerTimeout };
  const options = { ...where, episodes, seed: origin.seed, deterministic: true };
  const demonstrations = await collect(await loadExpert(expert), options);
  const { expertReturn } = demonstrations.provenance;
  report(`${episodes} episodes of the expert for ${expert}, mean return ${formatNumber(expertReturn)}`);
  return withOrigin(demonstrations, origin);
}

async function policyOf(reference: PolicyReference): Promise<Policy> {
  if ("policy" in reference) {
    const { policyAt } = await import("./inputs.js");
    return (await policyAt(String(reference.policy))).policy;
  }
  return loadExpert(String((reference as { expert: string }).expert));
}

/**
 * The options of a learner as a run records them: plain data. Objects that an algorithm left in its options become
 * references.
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
 * Checks that what was read is what a record says.
 *
 * @param given the options with their references, which may hold checksums
 * @param present the options as recorded now
 * @throws UsageError naming what has changed, with both checksums
 */
export function requireUnchanged(given: Options, present: Options): void {
  for (const [name, reference] of Object.entries(given)) {
    if (!isReferenceOption(name) || !isReference(reference)) continue;
    const before = (reference as { checksum?: string }).checksum;
    const now = (present[name] as { checksum?: string } | undefined)?.checksum;
    if (before === undefined || now === undefined || before === now) continue;
    throw new UsageError(
      `${placeOf(reference)} has changed since it was recorded: its checksum was ${before} and is ${now} now; ` +
        "restore it, or name it again, without the checksum, for a run in a new folder",
    );
  }
}

function placeOf(reference: object): string {
  const { from, policy, expert } = reference as Partial<Record<"from" | "policy" | "expert", string>>;
  return from ?? policy ?? `the expert for ${expert}`;
}
