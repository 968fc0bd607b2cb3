/**
 * @file A run's folder.
 *
 * | file | holds |
 * | --- | --- |
 * | `config.json` | the run, with every default filled in ({@link RunConfig}) |
 * | `provenance.json` | versions, machine, commit, command, seed; under `resumed` the same for each resume; how it ended |
 * | `metrics.jsonl` | one row an iteration: `steps`, `seconds` and the algorithm's numbers |
 * | `evaluations.jsonl` | one row an evaluation: `steps`, `seconds`, `mean`, `std`, `iqm`, `low`, `high`, … |
 * | `checkpoints/` | the latest checkpoints, to resume from |
 * | `best.safetensors`, `policy.safetensors` | the policy with the best evaluation, and the final policy |
 * | `artefact.safetensors` | the result of a learner without a policy, in place of `policy.safetensors` |
 * | `reward.safetensors` | the learnt reward of inverse RL, or of comparisons; `loadReward` reads it |
 * | `preferences/` | the segments and answers of preference learning; `loadPreferences` reads it |
 * | `episodes/` | recordings of the policy, `STEPS.html` |
 * | `report.html` | the report, once the run has ended |
 * | `lock.json` | the process that writes into the folder, while it runs |
 */

import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { withOrigin } from "../config/references.js";
import { UsageError } from "../errors.js";
import type { Artefact } from "../learning/contract.js";
import type { Policy } from "../policies/contract.js";
import { saveArtefact, savePolicy } from "../policies/index.js";
import { createFolder, writeFileAtomic } from "../state/files.js";
import { LOCK, lockFolder } from "../state/lock.js";
import { latestCheckpoint, saveCheckpoint } from "./checkpoints.js";
import { provenance } from "./provenance.js";
import { withWorkingFolder } from "./recorded-paths.js";
import { keepPreferences } from "./run-preferences.js";
import {
  PROVENANCE_FILE,
  REWARD_FILE,
  readProvenance,
  readRunConfig,
  writeJson,
  writeReport,
} from "./run-records.js";
import type { RunStore } from "./runner.js";
import { requireSameRun } from "./same-run.js";
import { sinkFormats } from "./sinks/formats.js";
import { jsonlSink, readRows, resumeRows } from "./sinks/jsonl.js";
import { type RunConfig, requireFormat } from "./spec.js";

export interface RunFolderOptions {
  folder: string;
  /** Resume the run in the folder, instead of refusing a folder in use. */
  resume: boolean;
  config: RunConfig;
  /** The reason why the run has no checkpoints, if it has none. */
  unsaveable?: string;
}

/**
 * Creates a run folder, or opens an existing one to resume. Rows after the last checkpoint are removed.
 *
 * @throws UsageError when the folder is in use and `resume` is false, when it cannot be created, when there is nothing
 * to resume, when its config differs, or when it has rows and no checkpoints because it cannot be saved
 * @throws FormatError when its config or checkpoint cannot be read
 */
export async function openRunFolder(options: RunFolderOptions): Promise<RunStore> {
  const { folder, resume } = options;
  requireUsable(folder, resume);
  try {
    createFolder(folder);
  } catch (cause) {
    throw new UsageError(`cannot create the folder ${folder}: ${(cause as Error).message}`, { cause });
  }
  const lock = await lockFolder(folder);
  try {
    // Another process may have been first.
    requireUsable(folder, resume);
    const store = await openLocked(options);
    const notes = [lock.note, ...store.notes].filter((note) => note !== undefined);
    return { ...store, notes, close: lock.release };
  } catch (error) {
    lock.release();
    throw error;
  }
}

async function openLocked({ folder, resume, config, unsaveable }: RunFolderOptions): Promise<RunStore> {
  const before = resume ? readRunConfig(folder) : undefined;
  if (before) {
    requireFormat(folder, before);
    requireSameRun(folder, before, config);
  }
  const rowsUntil = resume ? (readRows(folder, "metrics").at(-1)?.steps ?? 0) : 0;
  if (rowsUntil > 0 && unsaveable !== undefined) throw notSaved(folder, rowsUntil, unsaveable);
  const latest = resume ? latestCheckpoint(folder, rowsUntil) : undefined;
  // What a run has begun to write, it goes on with.
  const sinks = [...new Set([...(before?.sinks ?? []), ...config.sinks])];
  await writeJson(join(folder, "config.json"), withWorkingFolder({ ...config, sinks }, folder));
  await recordProvenance(folder, config.seed);

  const upTo = latest?.checkpoint.steps ?? 0;
  const metrics = resumeRows(folder, "metrics", upTo);
  const evaluations = resumeRows(folder, "evaluations", upTo);
  const started = Date.now() / 1000 - (latest?.checkpoint.seconds ?? 0);
  const rebuilt = await Promise.all(sinks.map((name) => sinkFormats[name].open(folder, started)));
  for (const sink of rebuilt) {
    for (const row of metrics) sink.write("metrics", row);
    for (const row of evaluations) sink.write("evaluations", row);
  }

  const rows = jsonlSink(folder);
  return {
    past: latest && { checkpoint: latest.checkpoint, name: latest.path, metrics, evaluations },
    notes: latest?.note === undefined ? [] : [latest.note],
    sinks: [rows, ...rebuilt],
    save(next) {
      // After a power cut, no checkpoint may be ahead of the rows.
      rows.sync();
      return saveCheckpoint(folder, next, config.checkpoint.keep);
    },
    async saveRecording(steps, html) {
      createFolder(join(folder, "episodes"));
      await writeFileAtomic(join(folder, "episodes", `${steps}.html`), new TextEncoder().encode(html));
    },
    saveBest: (artefact) => writeFileAtomic(join(folder, BEST_FILE), bytesOf(artefact)),
    async finish(artefact, ended, { reward, preferences } = {}) {
      const name = isPolicy(artefact) ? POLICY_FILE : ARTEFACT_FILE;
      const path = join(folder, name);
      await writeFileAtomic(path, bytesOf(artefact));
      if (isPolicy(artefact)) withOrigin(artefact, { policy: path });
      if (reward?.toData) await writeFileAtomic(join(folder, REWARD_FILE), saveArtefact(reward as Artefact));
      if (preferences) await keepPreferences(folder, preferences, config);
      const recorded = readProvenance(folder);
      await writeJson(join(folder, PROVENANCE_FILE), { ...recorded, ended });
      await writeReport(folder).catch((cause: Error) => {
        const next = `npx understudy-rl report ${folder}`;
        throw new Error(
          `the run is saved in ${folder}, but its report cannot be written: ${cause.message}; to write it: ${next}`,
          { cause },
        );
      });
    },
  };
}

/** The names of the files of a policy and of another artefact in a run folder. */
export const POLICY_FILE = "policy.safetensors";
export const ARTEFACT_FILE = "artefact.safetensors";
export const BEST_FILE = "best.safetensors";

const isPolicy = (artefact: Artefact): artefact is Policy =>
  typeof (artefact as Partial<Policy>).act === "function";

const bytesOf = (artefact: Artefact) => (isPolicy(artefact) ? savePolicy(artefact) : saveArtefact(artefact));

function requireUsable(folder: string, resume: boolean): void {
  const exists = existsSync(folder);
  if (exists && !statSync(folder).isDirectory()) throw new UsageError(`${folder} is a file, not a folder`);
  const names = exists ? readdirSync(folder).filter((name) => !name.startsWith(LOCK)) : [];
  if (!resume && names.length > 0) {
    throw new UsageError(`${folder} already exists; resume the run in it, or choose another folder`);
  }
  if (!resume) return;
  if (!exists) throw new UsageError(`there is no run to resume: ${folder} does not exist`);
  // A run killed during its start leaves only a temporary config file.
  if (!names.includes("config.json") && names.some((name) => !name.startsWith("config.json"))) {
    throw new UsageError(`there is no run to resume: ${folder} has no config.json`);
  }
}

/** A run without checkpoints would start over and lose its rows. */
const notSaved = (folder: string, steps: number, why: string) =>
  new UsageError(
    `cannot resume ${folder}, which ended at step ${steps}: ${why}; to start over, train into a new folder`,
  );

async function recordProvenance(folder: string, seed: RunConfig["seed"]): Promise<void> {
  const now = await provenance(seed);
  const recorded = readProvenance(folder);
  if (!recorded) return writeJson(join(folder, PROVENANCE_FILE), now);
  const { ended: _, ...before } = recorded;
  await writeJson(join(folder, PROVENANCE_FILE), { ...before, resumed: [...(before.resumed ?? []), now] });
}
