/** @file Files of a data set in a folder: which are read, and in which order. */

import { describe, expect, it } from "vitest";
import { sourceFiles } from "../../src/datasets/source-files.js";
import { FormatError } from "../../src/errors.js";

describe("the files of a data set", () => {
  it("are in order of the numbers in their names", () => {
    const names = Array.from({ length: 12 }, (_, i) => `data/chunk-${i % 2}/part-${i}.parquet`);
    const { parts } = sourceFiles("d", [...names, "meta/episodes.parquet", "README.md"]);
    expect(parts).toEqual([...names.filter((_, i) => i % 2 === 0), ...names.filter((_, i) => i % 2 === 1)]);
  });

  it("are those of Minari, with its metadata", () => {
    expect(sourceFiles("d", ["main_data.hdf5", "metadata.json"])).toEqual({
      parts: ["main_data.hdf5"],
      metadata: "metadata.json",
    });
    expect(sourceFiles("d", ["data/main_data.hdf5", "x.parquet"])).toEqual({
      parts: ["data/main_data.hdf5"],
    });
  });

  it("are refused where one of the numbered parts is missing", () => {
    expect(() => sourceFiles("d", ["a-00001-of-00002.parquet"])).toThrow(FormatError);
    expect(() => sourceFiles("d", ["a-00001-of-00002.parquet"])).toThrow(
      "d/a-00000-of-00002.parquet is missing, but a-00001-of-00002.parquet is there: copy all parts",
    );
  });
});
