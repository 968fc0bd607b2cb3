/**
 * @file `defineAlgorithm`: one definition an algorithm, beside the algorithm's own code. Its schema is the one place for
 * the names, defaults, meanings and bounds of its options; its catalogue entry, command, help and checks follow from it.
 */

import type { z } from "zod";
import { resolveOptions } from "../config/options.js";

/** An option that is no plain data: the command line reads it from a file, and a run's record refers to it. */
export type Need = "demonstrations" | "expert" | "demonstrations or expert";

export interface AlgorithmDefinition<Schema extends z.ZodObject = z.ZodObject, L = unknown> {
  /** In camelCase; the command line also takes it in kebab-case. */
  readonly name: string;
  /** One line for lists and help. */
  readonly summary: string;
  /** Every option, each with its default, meaning and bounds. */
  readonly schema: Schema;
  /** Options that must be given and are no plain data. */
  readonly needs?: readonly Need[];
  /** An environment that suits the algorithm, for users who name none; CartPole-v1 unless given. */
  readonly environment?: string;
  /** Its defaults that differ where it maximises learnt rewards, inside imitation and inverse RL. */
  readonly withLearntRewards?: Partial<z.input<Schema>>;
  /** The option that takes a policy optimiser, and the optimiser it has by default. */
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
type Complete<L> = L extends { policy: infer P } ? L & { artefact: P } : L;

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
export const createFrom = <Schema extends z.ZodObject, L>(
  definition: AlgorithmDefinition<Schema, L>,
  options: unknown,
): Complete<L> => complete(definition.create(resolveOptions(definition.name, definition.schema, options)));

const complete = <L>(learner: L): Complete<L> =>
  ({ artefact: (learner as { policy?: unknown }).policy, ...learner }) as Complete<L>;
