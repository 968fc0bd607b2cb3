/**
 * @file A run's folder in the storage of a browser. It holds what a folder on disk holds (`run-folder.ts`), without the
 * report. The rows are stored with the checkpoints, so that neither is ahead of the other.
 */

import { withOrigin } from "../config/references.js";
import { FormatError, UsageError } from "../errors.js";
import type { Artefact } from "../learning/contract.js";
import type { Policy } from "../policies/contract.js";
import { saveArtefact, savePolicy } from "../policies/index.js";
import { parseJson } from "../state/json.js";
import { lockFolder } from "../state/lock.js";
import { listStored, readStored, writeStored } from "../state/stored-files.js";
import { runtimeVersion } from "../tensor/runtime.js";
import {
  checkpointName,
  decodeCheckpoint,
  encodeCheckpoint,
  type Found,
  isCheckpoint,
  noneOf,
  noteOf,
} from "./checkpoint-format.js";
import { packageVersion } from "./package-version.js";
import type * as disk from "./run-folder.js";
import type { RunStore } from "./runner.js";
import { requireSameRun } from "./same-run.js";
import { parseRow } from "./sinks/parse-row.js";
import type { MetricSink, Row, Table } from "./sinks/sink.js";
import { type RunConfig, requireFormat } from "./spec.js";

export const POLICY_FILE: typeof disk.POLICY_FILE = "policy.safetensors";
export const ARTEFACT_FILE: typeof disk.ARTEFACT_FILE = "artefact.safetensors";
export const REWARD_FILE = "reward.safetensors";

const encoded = (text: string) => new TextEncoder().encode(text);
const json = (value: unknown) => encoded(`${JSON.stringify(value, null, 2)}\n`);

/** @throws UsageError and FormatError as on disk */
export const openRunFolder: typeof disk.openRunFolder = async (options) => {
  const { folder } = options;
  const lock = await lockFolder(folder);
  try {
    const store = await openLocked(options);
    return { ...store, close: lock.release };
  } catch (error) {
    lock.release();
    throw error;
  }
};

/** The config of the run in a folder; undefined where there is none. */
export async function readRunConfig(folder: string): Promise<RunConfig | undefined> {
  const path = `${folder}/config.json`;
  const bytes = await readStored(path);
  if (bytes === undefined) return undefined;
  try {
    return parseJson(bytes) as RunConfig;
  } catch (cause) {
    throw new FormatError(`${path} is not valid JSON: ${(cause as Error).message}`, { cause });
  }
}

async function openLocked({ folder, resume, config, unsaveable }: disk.RunFolderOptions): Promise<RunStore> {
  const names = await listStored(folder);
  if (!resume && names.length > 0) {
    throw new UsageError(`${folder} already exists; resume the run in it, or choose another folder`);
  }
  const before = resume ? await readRunConfig(folder) : undefined;
  if (resume && before === undefined) {
    throw new UsageError(
      `there is no run to resume: ${folder} has no config.json in the storage of this site`,
    );
  }
  if (before) {
    requireFormat(folder, before);
    requireSameRun(folder, before, config);
  }
  if (config.sinks.length > 0) {
    throw new UsageError(
      `sink "${config.sinks[0]}" writes files on disk: this needs Node.js; use onIteration`,
    );
  }
  const latest = before && (await latestCheckpoint(folder, names));
  const upTo = latest?.checkpoint.steps ?? 0;
  const rows = {
    metrics: await readRows(folder, "metrics", upTo),
    evaluations: await readRows(folder, "evaluations", upTo),
  };
  if (before && unsaveable !== undefined) {
    throw new UsageError(`cannot resume ${folder}: ${unsaveable}; to start over, train into a new folder`);
  }
  await writeStored({
    [`${folder}/config.json`]: json(config),
    [`${folder}/provenance.json`]: json(await provenance(config.seed)),
  });
  return {
    past: latest && {
      checkpoint: latest.checkpoint,
      name: latest.path,
      metrics: [...rows.metrics],
      evaluations: [...rows.evaluations],
    },
    notes: latest?.note === undefined ? [] : [latest.note],
    sinks: [collecting(rows)],
    async save(checkpoint) {
      const name = checkpointName(checkpoint.steps);
      const present = (await listStored(`${folder}/checkpoints`)).filter(isCheckpoint);
      const old = [...new Set([...present, name])].sort().slice(0, -config.checkpoint.keep);
      const path = `${folder}/checkpoints/${name}`;
      await writeStored(
        { [path]: encodeCheckpoint(checkpoint), ...tables(folder, rows) },
        old.map((each) => `${folder}/checkpoints/${each}`),
      );
      return path;
    },
    saveRecording: (steps, html) => writeStored({ [`${folder}/episodes/${steps}.html`]: encoded(html) }),
    saveBest: (artefact) => writeStored({ [`${folder}/best.safetensors`]: bytesOf(artefact) }),
    async finish(artefact, ended, { reward, preferences } = {}) {
      const path = `${folder}/${isPolicy(artefact) ? POLICY_FILE : ARTEFACT_FILE}`;
      await writeStored({
        [path]: bytesOf(artefact),
        ...(reward?.toData && { [`${folder}/${REWARD_FILE}`]: saveArtefact(reward as Artefact) }),
        [`${folder}/provenance.json`]: json({ ...(await provenance(config.seed)), ended }),
        ...tables(folder, rows),
      });
      // Loaded on demand, so that other runs start sooner.
      if (preferences) {
        await (await import("./run-preferences.js")).keepPreferences(folder, preferences, config);
      }
      if (isPolicy(artefact)) withOrigin(artefact, { policy: path });
    },
  };
}

type Rows = Record<Table, Row[]>;

const collecting = (rows: Rows): MetricSink => ({
  write: (table, row) => void rows[table].push(row),
  close() {},
});

const tables = (folder: string, rows: Rows) =>
  Object.fromEntries(
    Object.entries(rows).map(([table, of]) => [
      `${folder}/${table}.jsonl`,
      encoded(of.map((row) => `${JSON.stringify(row)}\n`).join("")),
    ]),
  );

async function readRows(folder: string, table: Table, upTo: number): Promise<Row[]> {
  const path = `${folder}/${table}.jsonl`;
  const text = new TextDecoder().decode(await readStored(path));
  const lines = text.split("\n").filter((line) => line !== "");
  return lines
    .map((line, i) => parseRow(line, `${path}, line ${i + 1}`))
    .filter(({ steps }) => steps <= upTo);
}

/** @throws FormatError when all checkpoints are damaged, or one was written by another version */
async function latestCheckpoint(folder: string, names: readonly string[]): Promise<Found | undefined> {
  const reasons: string[] = [];
  const found = names.filter((name) => isCheckpoint(name.replace(/^checkpoints\//, "")));
  for (const name of found.sort().reverse()) {
    const path = `${folder}/${name}`;
    const checkpoint = decodeCheckpoint((await readStored(path))!, path);
    if (typeof checkpoint !== "string") return { checkpoint, path, note: noteOf(reasons, path) };
    reasons.push(checkpoint);
  }
  return noneOf(reasons);
}

const isPolicy = (artefact: Artefact): artefact is Policy =>
  typeof (artefact as Partial<Policy>).act === "function";

const bytesOf = (artefact: Artefact) => (isPolicy(artefact) ? savePolicy(artefact) : saveArtefact(artefact));

/** Versions, browser and seed. */
async function provenance(seed: RunConfig["seed"]) {
  const runtime = await runtimeVersion();
  return {
    understudy: packageVersion(),
    browser: navigator.userAgent,
    onnxruntime: runtime.version,
    runtime: runtime.name,
    seed,
    started: new Date().toISOString(),
  };
}
