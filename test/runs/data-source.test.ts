/** @file The source of a learner without an environment: data passed in code, and data at a path with its checksum. */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { DataSource } from "../../src/learning/define.js";
import { dataRun } from "../../src/runs/data-source.js";
import { checksumAt } from "../../src/runs/modules.js";

const folder = mkdtempSync(join(tmpdir(), "understudy-data-"));
afterAll(() => rmSync(folder, { recursive: true }));
const path = join(folder, "points.json");
writeFileSync(path, "[1, 2, 3]");

const numbers = {
  summary: "a JSON array of numbers",
  read: async (from: string) => JSON.parse((await import("node:fs")).readFileSync(from, "utf8")),
} as unknown as DataSource;

describe("the source of a run on data", () => {
  it("reads a path by the definition's reader, and records the path with the checksum of its content", async () => {
    const { source, record } = await dataRun("mean", numbers, path);
    expect(source.value).toEqual([1, 2, 3]);
    expect(record).toEqual({
      environmentOptions: {},
      data: { from: path, checksum: await checksumAt(path) },
    });
  });

  it("refuses a file whose content differs from the recorded checksum, and names it", async () => {
    await expect(dataRun("mean", numbers, { from: path, checksum: "00000000" })).rejects.toThrow(path);
  });

  it("names the file when the reader fails", async () => {
    const torn = join(folder, "torn.json");
    writeFileSync(torn, "[1, 2");
    await expect(dataRun("mean", numbers, torn)).rejects.toThrow(
      `${torn} cannot be read as the data of mean: `,
    );
  });

  it("takes data passed in code, and records only its checksum", async () => {
    const { source, record } = await dataRun("mean", numbers, new Float32Array([1, 2]));
    expect(source.value).toEqual(new Float32Array([1, 2]));
    expect(record.data).toEqual({ given: "data", checksum: expect.stringMatching(/^[0-9a-f]+$/) });
    const other = await dataRun("mean", numbers, new Float32Array([1, 3]));
    expect(other.record.data).not.toEqual(record.data);
  });

  it("refuses a record of data that was passed in code", async () => {
    const again = dataRun("mean", numbers, { given: "data" });
    await expect(again).rejects.toThrow("mean: the data was passed in code and is not in the record");
  });

  it("says which data is needed when there is none", async () => {
    await expect(dataRun("mean", numbers, undefined)).rejects.toThrow(
      "mean needs data: a JSON array of numbers",
    );
  });
});
