/** @file The playground's runs in the storage of the site: run folders, each with its config, rows and policy. */

import type { Row } from "../../src/runs/sinks/sink.js";
import type { RunConfig } from "../../src/runs/spec.js";
import { listStored, readStored, removeStored } from "../../src/state/stored-files.js";

/** The folder of all runs. */
const ROOT = "playground";

export interface StoredRun {
  folder: string;
  /** The record of the run, with every default filled in. */
  config: RunConfig & { env: string; algorithm: string; steps: number };
  metrics: Row[];
  evaluations: Row[];
  /** The bytes of its last policy, or the best before that is there. */
  policy?: Uint8Array;
}

/** How far a run is. */
export const stepsOf = ({ metrics }: Pick<StoredRun, "metrics">): number => metrics.at(-1)?.steps ?? 0;

/** The folders of all runs. */
export const folders = async (): Promise<string[]> =>
  (await listStored(ROOT))
    .filter((name) => /^[^/]+\/config\.json$/.test(name))
    .map((name) => `${ROOT}/${name.replace(/\/.*/, "")}`);

/** A folder that is free, with a name that says what is in it. */
export async function freeFolder(name: string): Promise<string> {
  const taken = new Set((await listStored(ROOT)).map((path) => path.replace(/\/.*/, "")));
  let free = name;
  for (let k = 2; taken.has(free); k++) free = `${name}-${k}`;
  return `${ROOT}/${free}`;
}

const textOf = async (path: string) => new TextDecoder().decode(await readStored(path));

const rowsOf = async (path: string): Promise<Row[]> =>
  (await textOf(path))
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Row);

export async function readRun(folder: string): Promise<StoredRun> {
  return {
    folder,
    config: JSON.parse(await textOf(`${folder}/config.json`)),
    metrics: await rowsOf(`${folder}/metrics.jsonl`),
    evaluations: await rowsOf(`${folder}/evaluations.jsonl`),
    policy:
      (await readStored(`${folder}/policy.safetensors`)) ?? (await readStored(`${folder}/best.safetensors`)),
  };
}

export const removeRun = (folder: string): Promise<void> => removeStored(folder);
