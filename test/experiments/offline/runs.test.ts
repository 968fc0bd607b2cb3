/** @file Offline runs are compared on one data set. */

import { describe, expect, it } from "vitest";
import { type DataRecord, type OfflineRun, requireSameData } from "../../../experiments/offline/runs.js";

const record = (data: string, checksum: string) => ({ env: "A", data, checksum }) as DataRecord;
const run = { env: "A", data: "medium", method: "bc", seed: 0, return: 1, score: 1 } as OfflineRun;

describe("requireSameData", () => {
  const runs = [run, record("expert", "1-1"), record("medium", "2-2")];

  it("accepts the data set of the results, and one that they do not have", () => {
    expect(() => requireSameData(runs, record("medium", "2-2"))).not.toThrow();
    expect(() => requireSameData([run], record("medium", "3-3"))).not.toThrow();
    expect(() => requireSameData(runs, { ...record("medium", "3-3"), env: "B" })).not.toThrow();
  });

  it("refuses another one of the same name", () => {
    expect(() => requireSameData(runs, record("medium", "3-3"))).toThrow(
      "the data set A/medium has the checksum 3-3, but the results are of 2-2",
    );
  });
});
