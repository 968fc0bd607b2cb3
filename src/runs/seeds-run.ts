/**
 * @file Training with several seeds in child processes, and the folder of their runs (Node.js only).
 *
 * | file | holds |
 * | --- | --- |
 * | `options.json` | the run without its seed ({@link SeedsConfig}), and the list of seeds |
 * | `summary.json` | the status of each seed, and statistics over the seeds ({@link SeedsSummary}) |
 * | `demonstrations/`, `expert.safetensors` | what was given in code and had not been read from a file |
 * | `seed-0/`, … | a run folder for each seed |
 * | `report.html` | all seeds in one report |
 */

import { closeSync, existsSync, fstatSync, openSync, readdirSync, readSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import * as z from "zod";
import { UsageError } from "../errors.js";
import { createFolder, writeFileAtomic } from "../state/files.js";
import { LOCK, lockFolder } from "../state/lock.js";
import { onSignals } from "./interrupt.js";
import { importedFirst } from "./modules.js";
import { provenance } from "./provenance.js";
import { fromWorkingFolder, withWorkingFolder } from "./recorded-paths.js";
import { readRecord, readRunConfig, writeJson } from "./run-records.js";
import type { ResolvedSeedsOptions, Seed, SeedsConfig } from "./seeds.js";
import { createBoard } from "./seeds-board.js";
import { type Child, startChild } from "./seeds-child.js";
import { requireStorable, storedConfig } from "./seeds-inputs.js";
import {
  type LastRows,
  measureOf,
  readSummary,
  type SeedRecord,
  type SeedsSummary,
  SUMMARY,
  scoreOf,
  statisticsOf,
} from "./seeds-summary.js";
import { consoleSink } from "./sinks/console.js";
import { notes, type TextStream } from "./sinks/notes.js";
import { parseRow } from "./sinks/parse-row.js";
import type { Row, Table } from "./sinks/sink.js";
import { nameOf, type RunConfig, requireFormat, sourceName } from "./spec.js";
import { modulesIn } from "./trust.js";

const OPTIONS = "options.json";

/** Its content. The options are read as those of `train` are, so a mistake in them is found there. */
type SeedsFile = SeedsConfig & { seeds: Seed[] };
const seedsFileSchema = z.looseObject({ seeds: z.array(z.union([z.int(), z.string().min(1)])).min(1) });

/** Time between two reads of the run folders for progress (ms). */
const LOOK = 500;

/** The config of a folder of seeds; undefined for other folders. */
export function readSeeds(folder: string): { config: SeedsConfig; seeds: Seed[] } | undefined {
  const file = readSeedsFile(folder);
  if (file === undefined) return undefined;
  const { seeds, ...config } = file;
  return { config, seeds };
}

function readSeedsFile(folder: string): SeedsFile | undefined {
  const file = readRecord<SeedsFile>(folder, OPTIONS);
  if (file === undefined) return undefined;
  requireFormat(folder, file);
  return fromWorkingFolder(readRecord<SeedsFile>(folder, OPTIONS, seedsFileSchema)!, folder);
}

/** {@link trainSeeds} with resolved options. */
export async function runSeeds(given: SeedsConfig, options: ResolvedSeedsOptions): Promise<SeedsSummary> {
  const { folder, resume } = options;
  // The caller wrote the config; the children read it from a file.
  const trust = options.trust === true || [...options.trust, ...modulesIn([given.algorithm, given.env])];
  requireUsable(folder, resume);
  requireStorable(given);
  createFolder(folder);
  const lock = await lockFolder(folder);
  try {
    requireUsable(folder, resume);
    return await runLocked(await storedConfig(given, folder), { ...options, trust });
  } finally {
    lock.release();
  }
}

async function runLocked(config: SeedsConfig, options: ResolvedSeedsOptions): Promise<SeedsSummary> {
  const { seeds, jobs = availableParallelism(), folder, resume, trust } = options;
  const { progress = { write() {} } } = options;
  const records = recordsOf(config, folder, seeds, resume);
  await writeJson(join(folder, OPTIONS), withWorkingFolder<SeedsFile>({ ...config, seeds }, folder));
  const { seed: _, ...origin } = await provenance(0);
  const board = createBoard(progress);
  const noted = (text: string) => (options.progress ? board.say(text) : notes.write(text));
  const children = new Set<Child>();
  let stopping = false;

  const summarise = (): SeedsSummary => {
    const runs = records.map((record) => lastRows(join(folder, record.folder)));
    const measure = measureOf(runs);
    for (const [i, record] of records.entries()) {
      record.steps = runs[i].metrics?.steps ?? 0;
      record.seconds = runs[i].metrics?.seconds ?? 0;
      record.score = scoreOf(runs[i], measure);
    }
    const begun = records.map((record) => configOf(folder, record)).find((known) => known !== undefined);
    return {
      algorithm: nameOf(begun?.algorithm ?? config.algorithm),
      env: sourceName(begun ?? config),
      measure,
      seeds: records,
      ...statisticsOf(records),
      provenance: origin,
    };
  };
  let saving: Promise<unknown> = Promise.resolve();
  /** Writes are queued, because two seeds may end at the same time. */
  const save = () => {
    saving = saving.then(() => writeJson(join(folder, SUMMARY), summarise()));
    return saving;
  };

  const runOne = async (record: SeedRecord) => {
    const run = join(folder, record.folder);
    record.status = "running";
    const child = startChild(
      [join(folder, OPTIONS), JSON.stringify(record.seed), run, JSON.stringify(trust)],
      importedFirst(),
      (note) => noted(`seed ${record.seed}: ${note}`),
    );
    children.add(child);
    const shown = createDisplay(run, record, Number(config.steps ?? 0), () => board.line());
    const watch = setInterval(shown.look, LOOK);
    const ending = await child.ended;
    clearInterval(watch);
    children.delete(child);
    shown.close();
    Object.assign(record, ending);
    if (ending.status === "failed") board.say(`seed ${record.seed} failed: ${ending.error}`);
    await save();
  };

  const waiting = records.filter(({ status }) => status === "waiting");
  const work = async () => {
    while (!stopping && waiting.length > 0) await runOne(waiting.shift()!);
  };
  const stop = () => {
    stopping = true;
    for (const child of children) child.stop();
  };
  const kill = () => {
    for (const child of children) child.kill();
  };
  const deafen = options.handleInterrupt ? onSignals(stop, kill) : undefined;
  options.signal?.addEventListener("abort", stop);
  try {
    if (options.signal?.aborted) stop();
    await save();
    await Promise.all(Array.from({ length: Math.min(jobs, waiting.length) }, work));
    const summary = summarise();
    await writeSeedsReport(folder);
    return summary;
  } finally {
    deafen?.();
    options.signal?.removeEventListener("abort", stop);
  }
}

function requireUsable(folder: string, resume: boolean): void {
  if (resume && readSeedsFile(folder) === undefined) {
    throw new UsageError(`there are no seeds to resume in ${folder}: it has no ${OPTIONS}`);
  }
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => !name.startsWith(LOCK)) : [];
  if (!resume && names.length > 0) {
    const otherwise = names.includes(OPTIONS) ? "resume the seeds in it, or " : "";
    throw new UsageError(`${folder} already exists; ${otherwise}choose another folder`);
  }
}

/** The record of every seed before the start: finished seeds stay finished, all others wait. */
function recordsOf(
  config: SeedsConfig,
  folder: string,
  seeds: readonly Seed[],
  resume: boolean,
): SeedRecord[] {
  const before = resume ? readSummary(folder)?.seeds : undefined;
  return seeds.map((seed) => {
    const record: SeedRecord = {
      seed,
      folder: `seed-${encodeURIComponent(seed)}`,
      status: "waiting",
      steps: 0,
      seconds: 0,
    };
    const finished = before?.some((old) => old.folder === record.folder && old.status === "finished");
    const enough = (configOf(folder, record)?.steps ?? 0) >= Number(config.steps ?? 0);
    return finished && enough ? { ...record, status: "finished" } : record;
  });
}

const configOf = (folder: string, record: SeedRecord) => runConfig(join(folder, record.folder));

/** The config of a run folder, if it can be read. The seed's own process reports a damaged one. */
function runConfig(run: string): RunConfig | undefined {
  try {
    return readRunConfig(run);
  } catch {
    return undefined;
  }
}

/** Displays the progress in a run folder. A resumed run may not yet have written its new number of steps, `asked`. */
function createDisplay(run: string, { seed }: SeedRecord, asked: number, line: () => TextStream) {
  let sink: ReturnType<typeof consoleSink> | undefined;
  let last: LastRows = {};
  const look = () => {
    const config = runConfig(run);
    const rows = lastRows(run);
    const isSame = (table: Table) => rows[table]?.steps === last[table]?.steps;
    if (!config || rows.metrics === undefined || (isSame("metrics") && isSame("evaluations"))) return;
    const { unit } = config;
    const total = Math.max(config.steps, asked);
    sink ??= consoleSink({ stream: line(), label: `seed ${seed}`, total, unit });
    if (rows.evaluations) sink.write("evaluations", rows.evaluations);
    sink.write("metrics", rows.metrics);
    last = rows;
  };
  return {
    look,
    close() {
      look();
      sink?.close();
    },
  };
}

const lastRows = (run: string): LastRows => ({
  metrics: lastRow(run, "metrics"),
  evaluations: lastRow(run, "evaluations"),
});

/** An upper bound of the bytes in a row. */
const TAIL = 65_536;

/** The last complete row of a table, read from the end of the file; undefined if it is damaged. */
export function lastRow(run: string, table: Table): Row | undefined {
  const path = join(run, `${table}.jsonl`);
  if (!existsSync(path)) return undefined;
  const file = openSync(path, "r");
  try {
    const { size } = fstatSync(file);
    const bytes = Buffer.alloc(Math.min(size, TAIL));
    readSync(file, bytes, 0, bytes.length, size - bytes.length);
    const lines = bytes.toString("utf8").split("\n");
    // Text after the last newline is a row that is still being written.
    const line = lines.at(-2);
    return line === undefined ? undefined : parseRow(line, path);
  } catch {
    return undefined;
  } finally {
    closeSync(file);
  }
}

/** Writes `report.html` into a folder of seeds and returns its path. */
export async function writeSeedsReport(folder: string): Promise<string> {
  const { renderReport } = await import("../report/index.js");
  const { readSeedsRecords, seedsReport } = await import("./seeds-report.js");
  const path = join(folder, "report.html");
  await writeFileAtomic(path, renderReport(seedsReport(readSeedsRecords(folder))));
  return path;
}
