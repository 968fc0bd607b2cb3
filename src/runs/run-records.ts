/** @file Reads the records in a run folder, and writes the report. */

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { LearnedReward } from "../../algorithms/irl/shared/contract.js";
import { FormatError, UsageError } from "../errors.js";
import { writeFileAtomic } from "../state/files.js";
import { parseJson } from "../state/json.js";
import type { RunRecords } from "./run-report.js";
import { readRows } from "./sinks/jsonl.js";
import type { RunConfig } from "./spec.js";

/**
 * The records of a run, which may still be in progress.
 *
 * @throws UsageError when the folder holds no run; FormatError when a file in it is damaged, naming it.
 */
export function readRun(folder: string): RunRecords {
  const config = readJson<RunConfig>(folder, "config.json");
  if (!config) throw new UsageError(`there is no run in ${folder}: it has no config.json`);
  return {
    config,
    provenance: readJson(folder, "provenance.json") ?? {},
    metrics: readRows(folder, "metrics"),
    evaluations: readRows(folder, "evaluations"),
  };
}

/** Writes `report.html` into a run's folder and returns its path. @throws as `readRun` does. */
export async function writeReport(folder: string): Promise<string> {
  // Charts load slowly, so they are imported on demand.
  const { renderReport } = await import("../report/index.js");
  const { runReport } = await import("./run-report.js");
  const path = join(folder, "report.html");
  const records = { ...readRun(folder), reward: await readReward(join(folder, REWARD_FILE)) };
  await writeFileAtomic(path, renderReport(runReport(records)));
  return path;
}

/** The name of the file of a learnt reward in a run folder. */
export const REWARD_FILE = "reward.safetensors";

/** @throws FormatError for a damaged file */
async function readReward(path: string): Promise<LearnedReward | undefined> {
  if (!existsSync(path)) return undefined;
  const { loadReward } = await import("../../algorithms/irl/shared/learned-reward.js");
  return loadReward(readFileSync(path));
}

/** The content of a JSON file in a run folder; undefined if the file does not exist. */
export function readJson<T>(folder: string, name: string): T | undefined {
  const path = join(folder, name);
  if (!existsSync(path)) return undefined;
  try {
    return parseJson(readFileSync(path)) as T;
  } catch (cause) {
    throw new FormatError(`${path} is not valid JSON: ${(cause as Error).message}`, { cause });
  }
}

/** Writes a value as formatted JSON: whole, or not at all. */
export const writeJson = (path: string, value: unknown): Promise<void> =>
  writeFileAtomic(path, `${JSON.stringify(value, null, 2)}\n`);
