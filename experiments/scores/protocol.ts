/** @file How the runs of scores and experts are trained and measured on the way, and the command that says so. */

import { algorithmFor } from "../../algorithms/index.js";
import { flagOf } from "../../cli/options.js";
import { nameOf, type RunConfig } from "../../src/runs/spec.js";

/** The evaluations of a run of so many steps: a curve has twenty points, a long one more, so that it can be extended. */
export const evaluations = (steps: number) => ({
  every: Math.min(Math.ceil(steps / 20), 25_000),
  episodes: 5,
});

/**
 * All that a run was asked for. The settings are those tuned for the environment; the options that differ are named.
 *
 * @param seeds `--seed 1`, or `--seeds 3` of several
 */
export function commandOf(config: RunConfig, seeds: string): string {
  const { steps, options, evaluate } = config;
  const [algorithm, env] = [nameOf(config.algorithm), nameOf(config.env)];
  const measured = evaluate && `--evaluate.every ${evaluate.every} --evaluate.episodes ${evaluate.episodes}`;
  const others = differing(algorithmFor(algorithm, env).options, options).map(flagFor);
  const start = `understudy train ${algorithm} --env ${env} ${seeds} --steps ${steps}`;
  return [start, ...others, measured].filter(Boolean).join(" ");
}

const differing = (usual: Record<string, unknown>, options: Record<string, unknown>) =>
  Object.entries(options).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(usual[name]));

function flagFor([name, value]: [string, unknown]): string {
  if (typeof value === "boolean") return value ? flagOf(name) : flagOf(name).replace("--", "--no-");
  return `${flagOf(name)} ${wordFor(value)}`;
}

/** What a shell takes as one word. */
const wordFor = (value: unknown) =>
  typeof value === "object" ? `'${JSON.stringify(value)}'` : String(value);
