/** @file Training protocol of the scores and experts: evaluations during training, and the equivalent command. */

import { algorithmFor } from "../../algorithms/index.js";
import { flagOf } from "../../cli/options.js";
import { nameOf, type RunConfig } from "../../src/runs/spec.js";

/** Evaluations of a run with the given number of steps: 20 points per curve, and more for long runs. */
export const evaluations = (steps: number) => ({
  every: Math.min(Math.ceil(steps / 20), 25_000),
  episodes: 5,
});

/**
 * The command of a run. It names the options that differ from the settings tuned for the environment.
 *
 * @param seeds The seed options, `--seed 1`, or `--seeds 3` for several.
 */
export function commandOf(config: RunConfig, seeds: string): string {
  const { steps, options, evaluate } = config;
  const [algorithm, env] = [nameOf(config.algorithm), nameOf(config.env)];
  const measured = evaluate && `--evaluate.every ${evaluate.every} --evaluate.episodes ${evaluate.episodes}`;
  const others = differing(algorithmFor(algorithm, env).options, options).map(flagFor);
  const start = `understudy-rl train ${algorithm} --env ${env} ${seeds} --steps ${steps}`;
  return [start, ...others, measured].filter(Boolean).join(" ");
}

const differing = (usual: Record<string, unknown>, options: Record<string, unknown>) =>
  Object.entries(options).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(usual[name]));

function flagFor([name, value]: [string, unknown]): string {
  if (typeof value === "boolean") return value ? flagOf(name) : flagOf(name).replace("--", "--no-");
  return `${flagOf(name)} ${wordFor(value)}`;
}

/** Quotes a value as one word of a shell command. */
const wordFor = (value: unknown) =>
  typeof value === "object" ? `'${JSON.stringify(value)}'` : String(value);
