/** @file The sink for MLflow writes the layout that MLflow's file store reads. */

import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";
import { mlflowSink } from "../../../src/runs/sinks/mlflow.js";

const folder = mkdtempSync(join(tmpdir(), "understudy-mlflow-"));
const read = (...path: string[]) => readFileSync(join(folder, "mlruns", ...path), "utf8");

/** `meta.yaml` as MLflow reads it: flat, and its values are JSON. */
const meta = (...path: string[]) =>
  Object.fromEntries(
    read(...path, "meta.yaml")
      .trimEnd()
      .split("\n")
      .map((line) => {
        const [, key, value] = /^(\w+): (.*)$/.exec(line)!;
        return [key, JSON.parse(value)];
      }),
  );

describe("the sink for MLflow", () => {
  const config = { algorithm: "ppo", options: { hidden: [64, 64], clip: { from: 0.2 } }, seed: 1 };
  writeFileSync(join(folder, "config.json"), JSON.stringify(config));
  const open = () => mlflowSink(folder, 1_700_000_000);

  it("writes a run of the default experiment, with its parameters, metrics and tags", () => {
    const sink = open();
    sink.write("metrics", { steps: 10, seconds: 0.5, return: 1.25, loss: 3 });
    sink.write("evaluations", { steps: 10, seconds: 1, mean: 7 });
    sink.write("metrics", { steps: 20, seconds: 2, return: Number.NaN, "odd:name": 1 });
    const [run] = readdirSync(join(folder, "mlruns/0")).filter((name) => name !== "meta.yaml");
    expect(run).toMatch(/^[0-9a-f]{32}$/);
    expect(meta("0", run)).toMatchObject({ status: 1, end_time: null });
    sink.close();
    expect(meta("0")).toEqual({
      artifact_location: pathToFileURL(join(folder, "mlruns/0")).href,
      creation_time: 1_700_000_000_000,
      experiment_id: "0",
      last_update_time: 1_700_000_000_000,
      lifecycle_stage: "active",
      name: "Default",
    });
    const { end_time, user_id, ...rest } = meta("0", run);
    expect(end_time).toBeGreaterThan(1_700_000_000_000);
    expect(user_id).toEqual(expect.any(String));
    expect(rest).toEqual({
      artifact_uri: pathToFileURL(join(folder, "mlruns/0", run, "artifacts")).href,
      entry_point_name: "",
      experiment_id: "0",
      lifecycle_stage: "active",
      run_id: run,
      run_name: folder.split("/").at(-1),
      run_uuid: run,
      source_name: "",
      source_type: 4,
      source_version: "",
      start_time: 1_700_000_000_000,
      status: 3,
      tags: [],
    });
    expect(read("0", run, "metrics/return")).toBe("1700000000500 1.25 10\n1700000002000 NaN 20\n");
    expect(read("0", run, "metrics/evaluations/mean")).toBe("1700000001000 7 10\n");
    expect(read("0", run, "metrics/odd_name")).toBe("1700000002000 1 20\n");
    const params = readdirSync(join(folder, "mlruns/0", run, "params")).sort();
    expect(params).toEqual(["algorithm", "options.clip.from", "options.hidden", "seed"]);
    expect(params.map((name) => read("0", run, "params", name))).toEqual(["ppo", "0.2", "[64,64]", "1"]);
    expect(read("0", run, "tags/mlflow.runName")).toBe(folder.split("/").at(-1));
    expect(readdirSync(join(folder, "mlruns/0", run, "artifacts"))).toEqual([]);
  });

  it("replaces the run when it is resumed", () => {
    const sink = open();
    sink.write("metrics", { steps: 1, seconds: 0, loss: 2 });
    sink.close();
    const runs = readdirSync(join(folder, "mlruns/0")).filter((name) => name !== "meta.yaml");
    expect(runs).toHaveLength(1);
    expect(readdirSync(join(folder, "mlruns/0", runs[0], "metrics"))).toEqual(["loss"]);
  });
});
