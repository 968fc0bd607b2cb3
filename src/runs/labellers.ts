/** @file The labellers that a run's config can name: a person at this terminal, or files in a folder (Node.js only). */

import { join } from "node:path";
import { type LabellerReference, withOrigin } from "../config/references.js";
import { make } from "../env/registry.js";
import { UsageError } from "../errors.js";
import { consoleLabeller, fileLabeller, type Labeller, type Names, picturesOf } from "../people/index.js";
import { streamTerminal } from "../people/terminal.js";

/** Names of the actions and of the entries of observations, for well-known environments. */
const NAMES: Record<string, Names> = {
  "Acrobot-v1": { actions: ["push back", "nothing", "push forth"] },
  "CartPole-v1": {
    actions: ["left", "right"],
    observations: ["position", "velocity", "angle", "angular velocity"],
  },
  "CliffWalking-v1": { actions: ["up", "right", "down", "left"] },
  "FrozenLake-v1": { actions: ["left", "down", "right", "up"] },
  "FrozenLake8x8-v1": { actions: ["left", "down", "right", "up"] },
  "LaneKeeping-v0": { observations: ["offset", "heading", "bend here", "bend in 5 m", "in 10 m", "in 15 m"] },
  "MountainCar-v0": { actions: ["left", "nothing", "right"], observations: ["position", "velocity"] },
  "Pendulum-v1": { observations: ["cosine", "sine", "angular velocity"] },
};

/** Names of the actions of this project's grids. */
const GRID: Names = { actions: ["left", "down", "right", "up"] };
const isGrid = (env: string) => /^(Corridor|FourRooms|Gridworld|Maze|MacroCells|Objectworld)-v0$/.test(env);

const report = (message: string) => void process.stderr.write(`${message}\n`);

const terminal = () => streamTerminal(process.stdin, process.stderr);

/** @throws UsageError when the labeller is the console and standard input is not a terminal */
export function requireTerminal({ labeller }: Record<string, unknown>): void {
  if ((labeller as { labeller?: string } | undefined)?.labeller === "console") terminal();
}

/**
 * The labeller that a reference names, and a signal that is aborted at the first Ctrl-C or SIGTERM.
 *
 * @param where the environment, and the run's folder, the default place of queries and answers
 */
export async function labellerFor(
  reference: Exclude<LabellerReference, { given: string }>,
  where: { env: string; environmentOptions: Record<string, unknown>; out?: string },
): Promise<{ labeller: Labeller; signal: AbortSignal }> {
  const { env, out } = where;
  const folder = reference.folder ?? (out === undefined ? undefined : join(out, "labels"));
  if (folder === undefined) {
    throw new UsageError(
      `labeller "${reference.labeller}" needs a folder for its queries and answers: give it a folder, or train into one`,
    );
  }
  const picture = picturesOf(await make(env, where.environmentOptions));
  const names = NAMES[env] ?? (isGrid(env) ? GRID : {});
  const stop = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => stop.abort());
  const labeller =
    reference.labeller === "console"
      ? consoleLabeller({ terminal, folder, names, picture, report })
      : fileLabeller({ folder, every: 0.25, picture, report });
  return { signal: stop.signal, labeller: withOrigin(labeller, reference) };
}
