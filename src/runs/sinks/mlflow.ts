/**
 * @file MLflow's file store: plain text files below `mlruns`, as `mlflow/store/tracking/file_store.py` reads them.
 * `mlflow ui --backend-store-uri RUN/mlruns` shows the run.
 */

import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { type GrowingFile, growingFile } from "./growing-file.js";
import type { MetricSink } from "./sink.js";

/** The id of the experiment that every store has. */
const EXPERIMENT = "0";

/** The longest value of a parameter, in characters. */
const LONGEST = 6000;

/** Values of `status` in MLflow's protocol. */
const RUNNING = 1;
const FINISHED = 3;

/**
 * Overwrites a store with one run in a folder: a file for each metric, whose lines are `timestamp value step`; metrics of
 * evaluations are `evaluations/NAME`. Parameters are the leaves of the folder's `config.json`.
 *
 * @param started the start time of the run, in seconds since 1970
 */
export function mlflowSink(folder: string, started: number): MetricSink {
  const store = join(folder, "mlruns");
  const experiment = join(store, EXPERIMENT);
  const id = randomUUID().replaceAll("-", "");
  const run = join(experiment, id);
  const startTime = Math.round(1000 * started);
  const name = basename(resolve(folder));
  rmSync(store, { recursive: true, force: true });
  for (const part of ["metrics", "params", "tags", "artifacts"])
    mkdirSync(join(run, part), { recursive: true });
  writeYaml(join(experiment, "meta.yaml"), {
    artifact_location: pathToFileURL(experiment).href,
    creation_time: startTime,
    experiment_id: EXPERIMENT,
    last_update_time: startTime,
    lifecycle_stage: "active",
    name: "Default",
  });
  const user = userName();
  const writeMeta = (status: number, endTime: number | null) =>
    writeYaml(join(run, "meta.yaml"), {
      artifact_uri: pathToFileURL(join(run, "artifacts")).href,
      end_time: endTime,
      entry_point_name: "",
      experiment_id: EXPERIMENT,
      lifecycle_stage: "active",
      run_id: id,
      run_name: name,
      run_uuid: id,
      source_name: "",
      source_type: 4,
      source_version: "",
      start_time: startTime,
      status,
      tags: [],
      user_id: user,
    });
  writeMeta(RUNNING, null);
  const tags = { "mlflow.runName": name, "mlflow.source.name": "understudy-rl", "mlflow.user": user };
  for (const [tag, value] of Object.entries(tags)) writeFileSync(join(run, "tags", tag), value);
  for (const [param, value] of Object.entries(parametersOf(folder)))
    writeFileSync(join(run, "params", param), value.slice(0, LONGEST));

  const files = new Map<string, GrowingFile>();
  function fileOf(metric: string): GrowingFile {
    const known = files.get(metric);
    if (known) return known;
    const path = join(run, "metrics", metric);
    mkdirSync(dirname(path), { recursive: true });
    const made = growingFile(path, "w");
    files.set(metric, made);
    return made;
  }
  return {
    write(table, { steps, seconds, ...numbers }) {
      const time = Math.round(startTime + 1000 * seconds);
      for (const [metric, value] of Object.entries(numbers)) {
        const named = plain(table === "metrics" ? metric : `evaluations/${metric}`);
        fileOf(named).append(`${time} ${value} ${Math.round(steps)}\n`);
      }
    },
    close() {
      for (const file of files.values()) file.close();
      writeMeta(FINISHED, Date.now());
    },
  };
}

/** A name with the characters that MLflow allows. */
const plain = (name: string): string => name.replace(/[^\w\-./ ]/g, "_");

/** The leaves of the run's config by dotted names, as text; none where there is no config. */
function parametersOf(folder: string): Record<string, string> {
  const path = join(folder, "config.json");
  if (!existsSync(path)) return {};
  const found: Record<string, string> = {};
  const visit = (value: unknown, name: string): void => {
    const isBranch = typeof value === "object" && value !== null && !Array.isArray(value);
    if (isBranch) for (const [key, part] of Object.entries(value)) visit(part, name ? `${name}.${key}` : key);
    else found[plain(name).replaceAll("/", "_")] = typeof value === "string" ? value : JSON.stringify(value);
  };
  visit(JSON.parse(readFileSync(path, "utf8")), "");
  return found;
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return "unknown";
  }
}

/** A flat record as YAML: JSON of each value is YAML. */
const writeYaml = (path: string, record: Record<string, unknown>): void =>
  writeFileSync(
    path,
    Object.entries(record)
      .map(([key, value]) => `${key}: ${JSON.stringify(value)}\n`)
      .join(""),
  );
