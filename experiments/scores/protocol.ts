/** @file How the runs of scores and experts are trained and measured on the way, and the command that says so. */

import type { RunConfig } from "../../src/experiment/run-config.js";

/** The evaluations of a run of so many steps: a curve has twenty points, a long one more, so that it can be extended. */
export const evaluations = (steps: number) => ({
  every: Math.min(Math.ceil(steps / 20), 25_000),
  episodes: 5,
});

/**
 * All that a run was asked for: its settings are the tuned ones.
 *
 * @param seeds `--seed 1`, or `--seeds 3` of several
 */
export function commandOf({ algorithm, env, evaluate }: RunConfig, seeds: string): string {
  const measured = evaluate && `--evaluate.every ${evaluate.every} --evaluate.episodes ${evaluate.episodes}`;
  return [`understudy train ${algorithm} --env ${env} ${seeds}`, measured].filter(Boolean).join(" ");
}
