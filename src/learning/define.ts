/**
 * @file `defineAlgorithm`: the definition of an algorithm, in the algorithm's own file. Its schema defines the names,
 * defaults, meanings and bounds of the options; the catalogue entry, command, help and checks are derived from it.
 */

import type * as z from "zod";
import { resolveOptions } from "../config/options.js";
import type { KindName } from "../people/kinds/index.js";
import type { Rng } from "../random/rng.js";
import type { Artefact, Learner, Metrics } from "./contract.js";

/** Options that are no plain data, and alternatives to each other. The command line names them, a record refers to them. */
export type Need = readonly (
  | "annotations"
  | "demonstrations"
  | "expert"
  | "labeller"
  | "preferences"
  | "student"
  | "teacher"
)[];

/** The data set of a learner without an environment: how to read it, and how to evaluate on it. */
export interface DataSource<Source = unknown, A extends Artefact = Artefact> {
  /** One line about the data set and its file format, for the help of `--data`. */
  readonly summary: string;
  /** Name of a file or folder of this format, for examples in the help, such as `items.csv`; unset: `data.json`. */
  readonly example?: string;
  /**
   * Reads the data set at a path.
   *
   * @throws UsageError when there is no data set at the path; FormatError when it is damaged
   */
  read(path: string): Promise<Source>;
  /** Metrics of an artefact on the data set. All randomness is drawn from `rng`. */
  evaluate?(artefact: A, source: Source, rng: Rng): Promise<Metrics>;
  /** The metric of `evaluate` by which the best artefact is chosen; larger is better. */
  readonly criterion?: string;
}

export interface AlgorithmDefinition<Schema extends z.ZodObject = z.ZodObject, L = unknown> {
  /** The name in camelCase. The command line also accepts it in kebab-case. */
  readonly name: string;
  /** One line about the algorithm, for lists and help. */
  readonly summary: string;
  /** Every option, each with its default, meaning and bounds. */
  readonly schema: Schema;
  /** The options that are no plain data and must be given: one of each list. */
  readonly needs?: readonly Need[];
  /** The data set that the learner learns from; absent if it learns in an environment. */
  // biome-ignore lint/suspicious/noExplicitAny: the data and the artefact are those of the learner
  readonly source?: DataSource<any, any>;
  /** The kind of question that the option `labeller` answers; unset: actions. */
  readonly asks?: KindName;
  /** Default environment; CartPole-v1 if unset. */
  readonly environment?: string;
  /**
   * Defaults that replace the schema's when the algorithm maximises learnt rewards. Present, if only as `{}`, where the
   * learner is a `PolicyOptimiser`: then runs of it take a learnt reward.
   */
  readonly withLearntRewards?: Partial<z.input<Schema>>;
  /** Name of the policy optimiser inside that it has by default; its tuned settings are used where it has none. */
  readonly optimiser?: string;
  /**
   * Creates the learner.
   *
   * @param options with every default filled in
   */
  create(options: z.output<Schema>): L;
}

/** An algorithm: a function from options to a learner, with its definition. */
export interface DefinedAlgorithm<Schema extends z.ZodObject = z.ZodObject, L = unknown> {
  /** @throws UsageError for an option that the schema does not have or a value that it refuses */
  (
    ...options: Record<string, never> extends z.input<Schema>
      ? [options?: z.input<Schema>]
      : [options: z.input<Schema>]
  ): Complete<L>;
  readonly definition: AlgorithmDefinition<Schema, L>;
}

/** The learner with `artefact`, which for an `Algorithm` is its policy. */
type Complete<L> = L extends { policy(state: infer S): infer P } ? L & { artefact(state: S): P } : L;

/** Defines an algorithm: returns the function from options to a learner, with its definition. */
export function defineAlgorithm<Schema extends z.ZodObject, L extends { readonly unit?: Learner["unit"] }>(
  definition: AlgorithmDefinition<Schema, L>,
): DefinedAlgorithm<Schema, L> {
  const create = (options?: z.input<Schema>) => createFrom(definition, options);
  return Object.assign(create, { definition }) as DefinedAlgorithm<Schema, L>;
}

/**
 * Creates a definition's learner from options, with defaults filled in.
 *
 * @throws UsageError for an option that the schema does not have or a value that it refuses
 */
export function createFrom<Schema extends z.ZodObject, L>(
  definition: AlgorithmDefinition<Schema, L>,
  options: unknown,
): Complete<L> {
  const resolved = resolveOptions(definition.name, definition.schema, options);
  const learner = complete(definition.create(resolved));
  definitions.set(learner as object, definition as unknown as AlgorithmDefinition);
  return learner;
}

/** The learner with `artefact`. For an `Algorithm` it calls `policy`, also if a copy of the object overrides `policy`. */
export function complete<L>(learner: L): Complete<L> {
  const { policy, artefact } = learner as { policy?: unknown; artefact?: unknown };
  return { ...learner, artefact: policy ?? artefact } as Complete<L>;
}

/** A need of a definition, or the data set of a learner that needs no environment. */
type AnyNeed = readonly (Need[number] | "data")[];

/** What must be given for a run: one of each list. */
export const needsOf = ({ needs = [], source }: AlgorithmDefinition): readonly AnyNeed[] =>
  source ? [...needs, ["data"]] : needs;

/** Whether one of the alternatives of a need is given. */
export const isSatisfied = (need: AnyNeed, given: Readonly<Record<string, unknown>>): boolean =>
  need.some((name) => given[name] !== undefined);

/** Whether a definition has a need with all these alternatives. */
export const hasNeed = (definition: AlgorithmDefinition, ...alternatives: AnyNeed): boolean =>
  needsOf(definition).some((need) => alternatives.every((name) => need.includes(name)));

/** The needs in words, such as "demonstrations or expert". */
export const describeNeeds = (definition: AlgorithmDefinition): string[] =>
  needsOf(definition).map((need) => need.join(" or "));

const definitions = new WeakMap<object, AlgorithmDefinition>();

/** The definition that created this object; undefined for modified copies. */
export const definitionOf = (learner: object): AlgorithmDefinition | undefined => definitions.get(learner);
