/**
 * @file The option `optimiser`: the reinforcement learner that maximises a learnt reward, as an object or plain data.
 */

import * as z from "zod";
import { didYouMean, UsageError } from "../../src/errors.js";
import type { Algorithm, PolicyOptimiser } from "../../src/learning/contract.js";
import { type AlgorithmDefinition, createFrom } from "../../src/learning/define.js";
import { a2c } from "../rl/a2c.js";
import { dqn } from "../rl/dqn.js";
import { ppo } from "../rl/ppo.js";
import { sac } from "../rl/sac.js";
import { td3 } from "../rl/td3.js";

/** The reinforcement learners of this package that accept learnt rewards. */
const optimisers = new Map(
  [a2c, dqn, ppo, sac, td3].map(({ definition }) => [
    definition.name,
    definition as AlgorithmDefinition<z.ZodObject, PolicyOptimiser>,
  ]),
);
const optimiserNames: readonly string[] = [...optimisers.keys()];

/** A learner, its name, or plain options with its name as `algorithm` (`"ppo"` by default). */
export type OptimiserOption = object | string;

const isLearner = (value: unknown): value is PolicyOptimiser =>
  typeof (value as Partial<Algorithm> | null)?.update === "function";

/** @param others names of this use, which `optimiserOf` does not know */
export const optimiserSchemaWith = (...others: readonly string[]) => {
  const names = [...optimiserNames, ...others];
  return z
    .custom<OptimiserOption>(
      (value) =>
        typeof value === "string"
          ? names.includes(value)
          : typeof value === "object" && value !== null && !Array.isArray(value),
      `it must be a learner such as ppo(), one of ${names.join(", ")}, or { algorithm: such a name, …options }`,
    )
    .meta({ tag: "algorithm", type: "name, options or learner" })
    .default("ppo")
    .describe(
      `reinforcement learner of the policy: ${names.join(", ")}; its options as in --optimiser.learning-rate 1e-3`,
    );
};

export const optimiserSchema = optimiserSchemaWith();

/**
 * The learner that an option names or holds.
 *
 * @param defaults options of this use, where the learner has them
 * @throws UsageError for an unknown name, or options that the learner's schema refuses
 */
export function optimiserOf(
  what: string,
  option: OptimiserOption,
  defaults: Readonly<Record<string, unknown>> = {},
): PolicyOptimiser {
  if (isLearner(option)) return option;
  const { algorithm = "ppo", ...options } = (
    typeof option === "string" ? { algorithm: option } : option
  ) as Record<string, unknown>;
  const name = String(algorithm);
  const definition = optimisers.get(name);
  if (definition === undefined) {
    throw new UsageError(
      `${what}: unknown policy optimiser "${name}"${didYouMean(name, optimiserNames)}; available: ${optimiserNames.join(", ")}`,
    );
  }
  const known = Object.entries(defaults).filter(([key]) => key in definition.schema.shape);
  return createFrom(definition, {
    ...definition.withLearntRewards,
    ...Object.fromEntries(known),
    ...options,
  });
}

/** A learner as plain data, from which `optimiserOf` recreates it. */
export const optimiserConfig = ({ name, options }: PolicyOptimiser): Record<string, unknown> => ({
  algorithm: name,
  ...options,
});
