/** @file Reads the records in a run folder, and writes the report. */

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import type { LearnedReward } from "../../algorithms/irl/shared/contract.js";
import { requirement } from "../config/options.js";
import { FormatError, UsageError } from "../errors.js";
import type { Section } from "../report/types.js";
import { writeFileAtomic } from "../state/files.js";
import { parseJson } from "../state/json.js";
import type { RecordedProvenance } from "./provenance.js";
import { fromWorkingFolder } from "./recorded-paths.js";
import type { RunRecords } from "./run-report.js";
import { readRows } from "./sinks/jsonl.js";
import { FORMAT, type RunConfig, requireFormat, specSchema } from "./spec.js";

/**
 * The records of a run, which may still be in progress.
 *
 * @throws UsageError when the folder holds no run, or one of another version; FormatError when a file in it is damaged,
 * naming it.
 */
export function readRun(folder: string): RunRecords {
  const config = readRunConfig(folder);
  if (!config) throw new UsageError(`there is no run in ${folder}: it has no config.json`);
  requireFormat(folder, config);
  return {
    config,
    provenance: { ...readProvenance(folder) },
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
  const records = {
    ...readRun(folder),
    reward: await readReward(join(folder, REWARD_FILE)),
    diagnostics: await confusionsIn(join(folder, "artefact.safetensors")),
  };
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

/** The confusion matrices of a classifier that was learnt from annotations. @throws FormatError for a damaged file */
async function confusionsIn(path: string): Promise<Section[]> {
  if (!existsSync(path)) return [];
  const { loadArtefact } = await import("../policies/save.js");
  const { kind, settings, arrays } = loadArtefact(readFileSync(path));
  const { confusion, common } = arrays;
  if (kind !== "crowd-classifier" || !(confusion || common)) return [];
  const { classes, annotators } = settings as { classes: string[]; annotators: string[] };
  const { confusionSection } = await import("../report/confusion-sections.js");
  const own = confusion ? { annotators, confusion: confusion.data } : { annotators: [], confusion: [] };
  return [confusionSection({ classes, ...own, common: common?.data })!];
}

export const PROVENANCE_FILE = "provenance.json";

const configSchema = z.looseObject({
  ...specSchema.shape,
  options: z.record(z.string(), z.unknown()),
  steps: z.number(),
  unit: z.string(),
});

/**
 * The config of a run, whose relative paths start from the working folder of this process; undefined if the folder has
 * none. That of another version is returned unchecked, for `requireFormat`.
 *
 * @throws FormatError when it is damaged
 */
export function readRunConfig(folder: string): RunConfig | undefined {
  const config = readRecord<RunConfig>(folder, "config.json");
  if (config?.format !== FORMAT) return config;
  return fromWorkingFolder(readRecord<RunConfig>(folder, "config.json", configSchema)!, folder);
}

const provenanceSchema = z.looseObject({ resumed: z.array(z.looseObject({})).optional() });

/** @throws FormatError when it is damaged */
export const readProvenance = (folder: string): RecordedProvenance | undefined =>
  readRecord(folder, PROVENANCE_FILE, provenanceSchema);

/**
 * The content of a JSON file in a run folder, as it is; undefined if the file does not exist.
 *
 * @param schema what readers rely on; by default an object
 * @throws FormatError naming the file and the field, when it is not JSON, nested too deep, or refused by the schema
 */
export function readRecord<T>(
  folder: string,
  name: string,
  schema: z.ZodType = z.looseObject({}),
): T | undefined {
  const path = join(folder, name);
  if (!existsSync(path)) return undefined;
  let value: unknown;
  try {
    value = parseJson(readFileSync(path));
  } catch (cause) {
    throw new FormatError(`${path} is not valid JSON: ${(cause as Error).message}`, { cause });
  }
  const { error } = schema.safeParse(value);
  if (error === undefined) return value as T;
  const [issue] = error.issues;
  const field = issue.path.length > 0 ? `field ${issue.path.join(".")}` : "the content";
  throw new FormatError(`${path} is damaged: ${field}: ${requirement(schema, issue)}`, { cause: error });
}

/** Writes a value as formatted JSON: whole, or not at all. */
export const writeJson = (path: string, value: unknown): Promise<void> =>
  writeFileAtomic(path, `${JSON.stringify(value, null, 2)}\n`);
