/**
 * @file `defineAlgorithm`: one definition an algorithm, beside the algorithm's own code. Its schema is the one place for
 * the names, defaults, meanings and bounds of its options; its catalogue entry, command, help and checks follow from it.
 */

import type { z } from "zod";
import { resolveOptions } from "../config/options.js";
import type { Rng } from "../random/rng.js";
import type { Artefact, Metrics } from "./contract.js";

/** Options that are no plain data, and alternatives to each other. The command line names them, a record refers to them. */
export type Need = readonly ("demonstrations" | "expert" | "labeller")[];

/** How a learner that needs no environment gets what it learns from. */
export interface DataSource<Source = unknown, A extends Artefact = Artefact> {
  /** What the data set is and how it is stored, in a few words, for the help of `--data`. */
  readonly summary: string;
  /**
   * Reads the data set at a path.
   *
   * @throws UsageError when there is none, FormatError when it is damaged
   */
  read(path: string): Promise<Source>;
  /** How good an artefact is on the data set, drawing from `rng` and nothing else. */
  evaluate?(artefact: A, source: Source, rng: Rng): Promise<Metrics>;
  /** The number of `evaluate` that decides which artefact is best; larger is better. */
  readonly criterion?: string;
}

export interface AlgorithmDefinition<Schema extends z.ZodObject = z.ZodObject, L = unknown> {
  /** In camelCase; the command line also takes it in kebab-case. */
  readonly name: string;
  /** One line for lists and help. */
  readonly summary: string;
  /** Every option, each with its default, meaning and bounds. */
  readonly schema: Schema;
  /** The options that are no plain data and must be given: one of each list. */
  readonly needs?: readonly Need[];
  /** What it learns from, where that is no environment. */
  readonly source?: DataSource;
  /** An environment that suits the algorithm, for users who name none; CartPole-v1 unless given. */
  readonly environment?: string;
  /** Its defaults that differ where it maximises learnt rewards, inside imitation and inverse RL. */
  readonly withLearntRewards?: Partial<z.input<Schema>>;
  /** Name of the policy optimiser inside that it has by default; its tuned settings are used where it has none. */
  readonly optimiser?: string;
  /**
   * The learner with these options.
   *
   * @param options resolved: every default filled in.
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

/** A learner with its `artefact`, which for an algorithm is its policy. */
type Complete<L> = L extends { policy(state: infer S): infer P } ? L & { artefact(state: S): P } : L;

/** Turns a definition into the function that users call. */
export function defineAlgorithm<Schema extends z.ZodObject, L extends object>(
  definition: AlgorithmDefinition<Schema, L>,
): DefinedAlgorithm<Schema, L> {
  const create = (options?: z.input<Schema>) => createFrom(definition, options);
  return Object.assign(create, { definition }) as DefinedAlgorithm<Schema, L>;
}

/**
 * The learner that a definition makes with these options, the defaults filled in.
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

/** A learner with its artefact. That of an algorithm is its policy, also where a copy of it has another one. */
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

/** The definition that made this very learner; nothing of copies with something changed. */
export const definitionOf = (learner: object): AlgorithmDefinition | undefined => definitions.get(learner);
