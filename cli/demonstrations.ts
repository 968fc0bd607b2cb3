/** @file The demonstrations that a command line names: a folder of them, or episodes of the zoo's expert. */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Demonstrations, firstEpisodes } from "../src/datasets/demonstrations.js";
import { MANIFEST, openDemonstrations } from "../src/datasets/demonstrations-folder.js";
import { onDisk } from "../src/datasets/read-demonstrations.js";
import { formatNumber } from "../src/report/format.js";
import { collect, loadExpert, readDemonstrations } from "../src/runs/index.js";

/** How many episodes an expert demonstrates unless more are asked for. */
const EPISODES = 10;

export interface Demonstrating {
  /** How many episodes: of a folder the first ones, or all. */
  episodes?: number;
  /** Where an expert demonstrates, if not in its own environment. */
  env?: string;
  environmentOptions: Record<string, unknown>;
  /** Of the run. */
  seed: number | string;
  workers: number;
  workerTimeout: number;
}

/** What a run's record says of demonstrations that the zoo's expert gave. */
export interface ByExpert {
  expert: string;
  /** With it `collect` gives the same ones again. */
  seed: string;
}

/**
 * The demonstrations in a folder or file, of `env` where they do not say it themselves.
 *
 * @throws UsageError when there are none, or too few
 */
export async function demonstrationsIn(
  path: string,
  { env, environmentOptions, episodes }: Partial<Demonstrating>,
): Promise<Demonstrations> {
  const all = await readDemonstrations(path, { env, environmentOptions });
  return episodes === undefined ? all : firstEpisodes(all, episodes);
}

/** The environment that a folder of demonstrations names; nothing of other files, which name none. */
export async function environmentOfDemonstrations(path: string): Promise<string | undefined> {
  if (!existsSync(join(path, MANIFEST))) return undefined;
  return (await openDemonstrations(await onDisk(path))).env;
}

/** Episodes of the mode of the zoo's expert, which are said on the terminal: they follow from the run's seed. */
export async function demonstrationsOfExpert(
  id: string,
  { episodes = EPISODES, env = id, seed, ...where }: Demonstrating,
): Promise<{ demonstrations: Demonstrations; record: ByExpert }> {
  const record = { expert: id, seed: `${seed}/demonstrations` };
  const options = { ...where, env, episodes, seed: record.seed, deterministic: true };
  const demonstrations = await collect(await loadExpert(id), options);
  const { expertReturn } = demonstrations.provenance;
  process.stderr.write(
    `${episodes} episodes of the expert for ${id}, mean return ${formatNumber(expertReturn)}\n`,
  );
  return { demonstrations, record };
}
