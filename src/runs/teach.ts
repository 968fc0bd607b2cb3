/** @file Starts the page where people teach, for a run folder or for an environment without a run (Node.js only). */

import { existsSync, statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { families } from "../../envs/families.js";
import { envIds, envSpec } from "../env/registry.js";
import { checksumText } from "../state/checksum.js";
import { crc32c } from "../state/crc32c.js";
import { isLocked } from "../state/lock.js";
import { type OwnModule, ownModule } from "../teaching/own-module.js";
import type { Rows, Subject } from "../teaching/room.js";
import { startTeaching, type TeachingServer } from "../teaching/server.js";
import { packageVersion } from "./package-version.js";
import { BEST_FILE, POLICY_FILE } from "./run-folder.js";
import { readProvenance, readRunConfig } from "./run-records.js";
import { readRows } from "./sinks/jsonl.js";
import type { Table } from "./sinks/sink.js";
import { nameOf } from "./spec.js";
import { GYMNASIUM } from "./trust.js";

export interface TeachOptions {
  env: string;
  environmentOptions: Record<string, unknown>;
  /** The run's folder; undefined: there is no run. */
  folder?: string;
  /** The folder of questions and answers. */
  labels: string;
  /** Names of the people; by default one. */
  annotators?: readonly string[];
  host?: string;
  port?: number;
  bell?: EventTarget;
  /** The command that resumes the run. */
  resume?: string;
  /** What the run of this process does; unset: what the folder says. */
  status?(): ReturnType<Subject["status"]> | undefined;
  report: (message: string) => void;
}

/** The folder of demonstrations, beside the questions. */
const DEMONSTRATIONS = "demonstrations";

/**
 * Starts the page.
 *
 * @throws UsageError when another server has the folder, or the port is in use
 */
export async function teach(options: TeachOptions): Promise<TeachingServer> {
  const {
    env,
    environmentOptions,
    folder,
    labels,
    annotators = ["person"],
    host,
    port,
    bell,
    report,
  } = options;
  const config = folder === undefined ? undefined : readRunConfig(folder);
  const version = packageVersion();
  const own = ownModuleOf(env);
  const rows = { metrics: rowsOf(folder, "metrics"), evaluations: rowsOf(folder, "evaluations") };
  const subject: Subject = {
    title: folder ?? (env || labels),
    env,
    environmentOptions,
    ...(config && {
      algorithm: nameOf(config.algorithm),
      course: { total: config.steps, unit: config.unit, resume: options.resume },
    }),
    status: () => options.status?.() ?? statusOf(folder),
    rows: () => ({ metrics: rows.metrics(), evaluations: rows.evaluations() }),
    policy: () => policyIn(folder),
    ...(typeof own === "string" ? { notPlayable: own } : { own }),
    version,
  };
  return startTeaching({
    labels,
    demonstrations: join(folder ?? dirname(labels), DEMONSTRATIONS),
    subject,
    annotators,
    host,
    port,
    bell,
    record: config && { seed: config.seed, config: checksumText(crc32c(encode(config))) },
    report,
    assets: join(dirname(createRequire(import.meta.url).resolve("understudy-rl/package.json")), "dist"),
  });
}

const encode = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

/** The user's module of an environment; undefined for one of the package. @returns or why the page cannot have it */
function ownModuleOf(env: string): OwnModule | string | undefined {
  if (isPackaged(env)) return undefined;
  if (env === "") return "the questions are about data, without an environment";
  if (env.startsWith(GYMNASIUM)) return `${env} runs in Python, which a page does not have`;
  const module = envIds().includes(env) ? envSpec(env).module : undefined;
  return module?.startsWith("file:") ? ownModule(module) : `the page has no module of ${env}`;
}

const isPackaged = (env: string) => Object.values(families).some(({ ids }) => ids.includes(env));

/** What a folder says of its run. */
function statusOf(folder: string | undefined): ReturnType<Subject["status"]> {
  if (folder === undefined || !existsSync(join(folder, "config.json"))) return "none";
  if (isLocked(folder)) return "asking";
  return readProvenance(folder)?.ended === "finished" ? "ended" : "stopped";
}

/** The rows of a table, read again when the file has changed. */
function rowsOf(folder: string | undefined, table: Table): () => Rows {
  let stamp = "";
  let rows: Rows = [];
  return () => {
    const path = folder === undefined ? undefined : join(folder, `${table}.jsonl`);
    if (path === undefined || !existsSync(path)) return rows;
    const { size, mtimeMs } = statSync(path);
    const now = `${size} ${mtimeMs}`;
    if (now !== stamp) rows = readRows(folder!, table) as Rows;
    stamp = now;
    return rows;
  };
}

/** The policy so far. */
async function policyIn(folder: string | undefined): Promise<Uint8Array | undefined> {
  const found = [POLICY_FILE, BEST_FILE]
    .map((name) => (folder === undefined ? "" : join(folder, name)))
    .find((path) => path !== "" && existsSync(path));
  return found === undefined ? undefined : readFile(found);
}
