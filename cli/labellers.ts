/** @file Who labels, as the command line says it: a person at this terminal, or whoever drops files into a folder. */

import { join } from "node:path";
import { z } from "zod";
import { make } from "../src/env/registry.js";
import { consoleLabeller, fileLabeller, type Labeller, type Names, picturesOf } from "../src/people/index.js";
import { streamTerminal } from "../src/people/terminal.js";

/** Options of algorithms whose labeller is no plain data. */
export const labellerFields = {
  labeller: z
    .enum(["console", "files"])
    .optional()
    .describe(
      "instead of --expert, who answers: you, at this terminal, or whoever drops files into a folder",
    ),
  labellerFolder: z
    .string()
    .min(1)
    .optional()
    .describe("where queries are written and answers dropped; by default labels in the run's folder"),
};

export interface LabellerChoice {
  labeller?: "console" | "files";
  labellerFolder?: string;
}

/** What the actions of well-known environments are called; and the numbers that they observe. */
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

/** The grids of this project share their moves. */
const GRID: Names = { actions: ["left", "down", "right", "up"] };
const isGrid = (env: string) => /^(Corridor|FourRooms|Gridworld|Maze|MacroCells|Objectworld)-v0$/.test(env);

const report = (message: string) => void process.stderr.write(`${message}\n`);

const terminal = () => streamTerminal(process.stdin, process.stderr);

/** @throws UsageError when somebody is to be asked at a terminal and there is none. */
export function requireSomebody({ labeller }: LabellerChoice): void {
  if (labeller === "console") terminal();
}

/** The labeller that was chosen, and what stops it at the first Ctrl-C or SIGTERM, or nothing where none was. */
export async function labellerFor(
  { labeller, labellerFolder }: LabellerChoice,
  where: { env: string; environmentOptions: Record<string, unknown>; out: string },
): Promise<{ labeller: Labeller; signal: AbortSignal } | undefined> {
  if (labeller === undefined) return undefined;
  const { env } = where;
  const folder = labellerFolder ?? join(where.out, "labels");
  const picture = picturesOf(await make(env, where.environmentOptions));
  const names = NAMES[env] ?? (isGrid(env) ? GRID : {});
  const stop = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => stop.abort());
  return {
    signal: stop.signal,
    labeller:
      labeller === "console"
        ? consoleLabeller({ terminal, folder, names, picture, report })
        : fileLabeller({ folder, every: 0.25, picture, report }),
  };
}
