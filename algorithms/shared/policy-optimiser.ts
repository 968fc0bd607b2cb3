/** @file The option `optimiser`: which reinforcement learner maximises a learnt reward, as an object or as plain data. */

import { z } from "zod";
import { didYouMean, UsageError } from "../../src/errors.js";
import type { Algorithm, PolicyOptimiser } from "../../src/learning/contract.js";
import { type AlgorithmDefinition, createFrom } from "../../src/learning/define.js";
import { a2c } from "../rl/a2c.js";
import { dqn } from "../rl/dqn.js";
import { ppo } from "../rl/ppo.js";
import { sac } from "../rl/sac.js";

/** The reinforcement learners of this package that take learnt rewards. */
const optimisers = new Map(
  [a2c, dqn, ppo, sac].map(({ definition }) => [
    definition.name,
    definition as AlgorithmDefinition<z.ZodObject, PolicyOptimiser>,
  ]),
);
const optimiserNames: readonly string[] = [...optimisers.keys()];

/** A learner, its name, or its name (`"ppo"` unless given) with its options: what a command line and a file can say. */
export type OptimiserOption = object | string;

const isLearner = (value: unknown): value is PolicyOptimiser =>
  typeof (value as Partial<Algorithm> | null)?.update === "function";

export const optimiserSchema = z
  .custom<OptimiserOption>(
    (value) =>
      typeof value === "string"
        ? optimiserNames.includes(value)
        : typeof value === "object" && value !== null && !Array.isArray(value),
    `it must be a learner such as ppo(), one of ${optimiserNames.join(", ")}, or such a name as "algorithm" with its options`,
  )
  .meta({ tag: "algorithm", type: "name, options or learner" })
  .default("ppo")
  .describe(
    `learner of the policy: ${optimiserNames.join(", ")}; its options as --optimiser.learning-rate 1e-3`,
  );

/**
 * The learner that an option stands for.
 *
 * @throws UsageError for a name that is none, or options that it does not take
 */
export function optimiserOf(what: string, option: OptimiserOption): PolicyOptimiser {
  if (isLearner(option)) return option;
  const { algorithm = "ppo", ...options } = (
    typeof option === "string" ? { algorithm: option } : option
  ) as Record<string, unknown>;
  const name = String(algorithm);
  const definition = optimisers.get(name);
  if (definition === undefined) {
    throw new UsageError(
      `${what}: there is no policy optimiser "${name}"${didYouMean(name, optimiserNames)}; there are ${optimiserNames.join(", ")}`,
    );
  }
  return createFrom(definition, { ...definition.withLearntRewards, ...options });
}

/** A learner as plain data, from which `optimiserOf` makes the same one. */
export const optimiserConfig = ({ name, options }: PolicyOptimiser): Record<string, unknown> => ({
  algorithm: name,
  ...options,
});

/** γ of a learner. */
export const discountOf = ({ options }: Pick<PolicyOptimiser, "options">): number =>
  typeof options.discount === "number" ? options.discount : 0.99;
