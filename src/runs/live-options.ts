/**
 * @file Converts options between plain data and the objects that algorithms take: references become the objects that
 * they name, and objects become the references that a run records. What reads them (`read-references.ts`) is imported on
 * demand, so that a run without references loads little in a browser.
 */

import { requirement } from "../config/options.js";
import { isGiven, isReference, referenceTo, requireSameContent } from "../config/references.js";
import type { Demonstrations } from "../datasets/demonstrations.js";
import type { Preferences } from "../datasets/preferences.js";
import { UsageError } from "../errors.js";
import type { KindName } from "../people/kinds/index.js";
import type { Policy } from "../policies/contract.js";
import { isReferenceOption, type ReferenceOption, referenceSchema, takesNames } from "./reference-options.js";
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
  /** The kind of question that labellers answer; unset: actions. */
  asks?: KindName;
  /** The modules that may be imported. */
  trust: Trust;
  /** Receives a line about collected demonstrations. */
  report(line: string): void;
}

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
    if (!isReferenceOption(name) || !isPlainReference(value)) continue;
    if (!takesNames(name) || isReference(value)) {
      const { readers } = await import("./read-references.js");
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
  !Array.isArray((value as Partial<Preferences>).segments) &&
  !Object.values(value).some((member) => typeof member === "function" || ArrayBuffer.isView(member));

function checked(what: string, name: ReferenceOption, value: object): never {
  const schema = referenceSchema(name);
  const { success, data, error } = schema.safeParse(value);
  if (success) return data as never;
  const wanted = requirement(schema, error.issues[0]);
  throw new UsageError(`${what}: option "${name}" is ${JSON.stringify(value)}: ${wanted}`);
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
  if (typeof (value as Partial<Policy>).act === "function") {
    return (await import("../policies/save.js")).policyRecord(value as Policy);
  }
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
