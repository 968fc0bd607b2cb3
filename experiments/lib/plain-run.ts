/**
 * @file A row of a table as a plain run: an algorithm by name in an environment, with the settings tuned for it. The
 * experiment trains it, the page shows its command, and its settings are recorded beside the results.
 */

import { algorithmCatalogue, algorithmFor, tuned } from "../../algorithms/index.js";
import { flagOf, kebab, type Values } from "../../cli/options.js";
import { merge } from "../../src/config/merge.js";
import { resolveOptions } from "../../src/config/options.js";
import type { Algorithm } from "../../src/learning/contract.js";
import { isReferenceOption } from "../../src/runs/reference-options.js";

export interface PlainRun {
  algorithm: string;
  env: string;
  environmentOptions?: Values;
  /** Options that differ from the tuned ones. */
  options?: Values;
  /** Number of steps if it differs from the tuned one. */
  steps?: number;
}

/** What a result records of a row. */
export interface RecordedRow {
  /** The command of the row, without its seed. */
  command: string;
  env: string;
  environmentOptions?: Values;
  /** The algorithm's options, apart from what it learns from. */
  options: Values;
  /** The length of the run; absent where it follows from the options. */
  steps?: number;
}

/**
 * The learner of a row and its number of steps.
 *
 * @param from what it learns from: demonstrations, an expert or a labeller
 */
export const learnerOf = ({ algorithm, env, options, steps }: PlainRun, from: Values) => ({
  algorithm: algorithmFor(algorithm, env, { ...options, ...from }) as Algorithm,
  steps: steps ?? tuned(algorithm, env)?.steps,
});

/**
 * The command and the settings of a row.
 *
 * @param source the words that say what it learns from, such as `--demos expert --demo-episodes 25`
 */
export function recordOf(run: PlainRun, source: string): RecordedRow {
  const { algorithm, env, environmentOptions, options = {} } = run;
  const { schema } = algorithmCatalogue[algorithm];
  const live = Object.keys(schema.shape).filter(isReferenceOption);
  const plain = schema.omit(Object.fromEntries(live.map((name) => [name, true])) as never);
  const settings = tuned(algorithm, env);
  const steps = run.steps ?? settings?.steps;
  const flags = Object.entries({ environmentOptions, ...options, steps: run.steps })
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${flagOf(name)} ${wordFor(value)}`);
  const words = ["understudy-rl train", kebab(algorithm), "--env", env, source, ...flags];
  const resolved = resolveOptions(algorithm, plain, merge(settings?.options ?? {}, options, schema));
  return {
    command: words.filter((word) => word !== "").join(" "),
    env,
    ...(environmentOptions && { environmentOptions }),
    options: resolved as Values,
    ...(steps !== undefined && { steps }),
  };
}

/** A value as one word of a shell command. */
const wordFor = (value: unknown) =>
  typeof value === "object" ? `'${JSON.stringify(value)}'` : String(value);
