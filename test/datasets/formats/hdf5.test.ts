/** @file HDF5 files that h5py wrote: every number as it was written, or a refusal that names the array. */

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type ArrayTree, refuseIn } from "../../../src/datasets/formats/arrays.js";
import { readHdf5 } from "../../../src/datasets/formats/hdf5.js";
import { FormatError } from "../../../src/errors.js";

const bytesOf = (name: string) =>
  new Uint8Array(readFileSync(new URL(`../../data-files/hdf5/${name}.hdf5`, import.meta.url)));
const read = (name: string, wanted: (path: string) => boolean, bytes = bytesOf(name)) =>
  readHdf5(bytes, refuseIn("f.hdf5"), () => wanted);
const valuesOf = (node: ArrayTree | undefined) => node?.kind === "array" && Array.from(node.data);

describe("arrays of an HDF5 file", () => {
  it("round-trip for every type, byte order and compression", async () => {
    const { parts } = await read("numbers", () => true);
    for (const code of ["f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"]) {
      for (const order of ["little", "big"]) {
        expect([code, order, valuesOf(parts.get(`${order}-${code}`))]).toEqual([code, order, [1, 2, 3]]);
      }
    }
    const expected = {
      "negative-big-i8": [-1, -2],
      half: [
        0.5,
        -0.0999755859375,
        65504,
        2 ** -24,
        Number.POSITIVE_INFINITY,
        Number.NEGATIVE_INFINITY,
        Number.NaN,
        -0,
      ],
      bool: [1, 0],
      "enum-big-i2": [1, -2],
      scalar: [3],
      "no-rows": [],
      matrix: [0, 1, 2, 3, 4, 5],
      linked: [0, 1, 2, 3, 4, 5],
      "exact-i8": [2 ** 53, -(2 ** 60)],
    };
    for (const [name, values] of Object.entries(expected)) {
      expect([name, valuesOf(parts.get(name))]).toEqual([name, values]);
    }
    const counted = Array.from({ length: 1000 }, (_, i) => i + 1);
    for (const name of ["gzip", "szip", "fletcher32", "scale-offset"]) {
      expect([name, valuesOf(parts.get(name))]).toEqual([name, counted]);
    }
    const shapes = ["scalar", "no-rows", "matrix"].map((name) => parts.get(name)).map((node) => node);
    expect(shapes).toMatchObject([{ shape: [] }, { shape: [0, 3] }, { shape: [3, 2] }]);
  });

  it.each([
    ["gzip", "its values cannot be read: the file is damaged"],
    ["fletcher32", "its values cannot be read: the file is damaged"],
    ["lzf", 'compressed by the filter "lzf", which is not available: write them with gzip'],
    ["external", "its values cannot be read"],
    ["virtual", "its values are in other files"],
    ["nbit", "packed by nbit"],
    ["longdouble", "its elements are floats of 128 bits"],
  ])("are refused by name where HDF5 cannot read them: %s", async (name, message) => {
    const reading = read("refused", (path) => path === name);
    await expect(reading).rejects.toThrow(FormatError);
    await expect(reading).rejects.toThrow(`f.hdf5: ${name}: `);
    await expect(reading).rejects.toThrow(message);
  });

  it("are refused where a 64-bit integer is no exact number", async () => {
    const reading = read("refused", (path) => path === "inexact-i8");
    await expect(reading).rejects.toThrow(
      "f.hdf5: inexact-i8/1: it is 9007199254740993, which is beyond ±2⁵³",
    );
  });

  it("are read after any number of refusals", async () => {
    for (let i = 0; i < 3; i++) {
      await expect(read("refused", (path) => path === "gzip")).rejects.toThrow(FormatError);
      const { parts } = await read("numbers", (path) => path === "gzip");
      expect(valuesOf(parts.get("gzip"))).toHaveLength(1000);
    }
  });

  it("are distinguished from other content, which the error describes", async () => {
    const names = ["text", "fixed-text", "records", "null", "nowhere", "elsewhere", "lists"];
    const { parts } = await read("refused", (path) => names.includes(path));
    const what = Object.fromEntries(names.map((name) => [name, parts.get(name)]));
    const unreadable = (what: string) => ({ kind: "unreadable", what });
    expect(what).toEqual({
      text: unreadable("text"),
      "fixed-text": unreadable("text"),
      records: unreadable("an array of records"),
      null: unreadable("an empty data set without a shape"),
      nowhere: unreadable("a link to nothing"),
      elsewhere: unreadable("a link to another file"),
      lists: unreadable("an array of lists"),
    });
  });

  it("are refused if the file is truncated, with HDF5's reason", async () => {
    const bytes = bytesOf("numbers");
    for (const share of [0.1, 0.5, 0.99]) {
      const reading = read("numbers", () => true, bytes.slice(0, share * bytes.length));
      await expect(reading).rejects.toThrow(/f\.hdf5: it is damaged or truncated: .*truncated file/);
    }
  });
});
