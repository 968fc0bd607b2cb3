/** @file Pages of Parquet files that declare more than they encode are refused before they are decoded. */

import { describe, expect, it } from "vitest";
import { refuseIn } from "../../../src/datasets/formats/arrays.js";
import { openParquet } from "../../../src/datasets/formats/parquet.js";
import { FormatError } from "../../../src/errors.js";
import { type PageOptions, parquetOf, struct, varint } from "../../support/parquet.js";

const refuse = refuseIn("f.parquet");

const read = async (options: PageOptions) =>
  Array.from((await (await openParquet(parquetOf(options), refuse)).read("x")).values).map(Number);

const int32 = (...values: number[]) => [...new Uint8Array(Int32Array.from(values).buffer)];

/** Levels of a page of version 1: their length, and their runs. */
const levels = (...runs: number[]) => [...int32(runs.length), ...runs];

describe("a column", () => {
  it("is refused before its values take more memory than the size of the file allows", async () => {
    const values = 17_000_000;
    const content = [...levels(...varint(values << 1), 0)];
    const padding = new Array(17_000).fill(0);
    await expect(read({ values, optional: true, content: [...content, ...padding] })).rejects.toThrow(
      /^f.parquet: x: it takes 2720\d+ bytes of memory, but a file of 17\d+ bytes may take/,
    );
  });
});

describe("a page", () => {
  it("is read in every encoding of numbers", async () => {
    expect(await read({ values: 3, content: int32(7, 8, -9) })).toEqual([7, 8, -9]);
    const optional = [...levels(...varint(3 << 1), 1), ...int32(7, 8, 9)];
    expect(await read({ values: 3, optional: true, content: optional })).toEqual([7, 8, 9]);
    const packed = [...levels(3, 0b101), ...int32(7, 9)];
    expect(await read({ values: 3, optional: true, content: packed })).toEqual([7, 0, 9]);
    // A block of 128 values in 4 parts: 5, and then differences of 2 without bits of their own.
    const deltas = [128, 1, 4, 4, 10, 4, 0, 0, 0, 0];
    expect(await read({ values: 4, encoding: 5, content: deltas })).toEqual([5, 7, 9, 11]);
    const split = [1, 2, 0, 0, 0, 0, 0, 0];
    expect(await read({ values: 2, encoding: 9, content: split })).toEqual([1, 2]);
    const flags = [...levels(...varint(3 << 1), 1)];
    expect(await read({ type: 0, values: 3, encoding: 3, content: flags })).toEqual([1, 1, 1]);
  });

  const run = varint(2 ** 31);
  it.each<[string, PageOptions, string]>([
    [
      "a run of 2³⁰ levels",
      { values: 3, optional: true, content: [...levels(...run, 1), ...int32(7, 8, 9)] },
      "a run of 1073741824 values is declared for the last 3",
    ],
    [
      "a run of 2³⁰ packed levels",
      { values: 3, optional: true, content: [...levels(...varint(2 ** 28 + 1), 1), ...int32(7, 8, 9)] },
      "a run of 1073741824 values is declared for the last 3",
    ],
    [
      "a run of 2³⁰ indices",
      { values: 3, encoding: 8, content: [1, ...run, 0] },
      "a run of 1073741824 values is declared for the last 3",
    ],
    [
      "indices of 200 bits",
      { values: 3, encoding: 8, content: [200, 6, 0] },
      "the indices of a dictionary have 200 bits",
    ],
    [
      "blocks of differences without parts",
      { values: 3, encoding: 5, content: [128, 1, 0, 3, 0, 0, 0] },
      "a block of 128 values has 0 parts",
    ],
    [
      "blocks of differences with 2³¹ parts",
      { values: 3, encoding: 5, content: [...varint(2 ** 34), ...run, 3, 0, 0] },
      "2147483648 elements are declared in 0 bytes",
    ],
    [
      "an integer without an end",
      { values: 3, encoding: 5, content: [128, 1, 4, 3, 0, ...Array(1000).fill(0x80)] },
      "an integer has more than 10 bytes",
    ],
    [
      "fewer bytes than values",
      { values: 4, content: int32(1, 2) },
      "4 values of INT32 take 16 bytes, not 8",
    ],
    ["2³¹ values", { values: 2 ** 31, content: int32(1, 2) }, "it declares 2147483648 rows"],
    [
      "text in differences",
      { values: 3, type: 6, encoding: 7, content: [128, 1, 4, 3, 0, 0, 0, 0] },
      "f.parquet: x: its values are text or bytes, not numbers",
    ],
  ])("is refused with %s", async (_, options, message) => {
    const started = performance.now();
    await expect(read(options)).rejects.toThrow(FormatError);
    await expect(read(options)).rejects.toThrow(message);
    expect(performance.now() - started).toBeLessThan(5000);
  });

  it("is refused if its zstd expands beyond the size that it declares", async () => {
    // A frame of blocks that repeat one byte 2²⁰ times, without a declared size.
    const block = [...[0, 1, 2].map((i) => ((((2 ** 20) << 3) | 2) >> (8 * i)) & 0xff), 7];
    const frame = [0x28, 0xb5, 0x2f, 0xfd, 0, 0x58, ...Array.from({ length: 2000 }, () => block).flat()];
    const bomb = { values: 2, content: [...frame, 1, 0, 0], codec: 6, full: 8 };
    await expect(read(bomb)).rejects.toThrow("offset is out of bounds");
    const single = [0x28, 0xb5, 0x2f, 0xfd, 0xe0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0];
    await expect(read({ ...bomb, content: single })).rejects.toThrow(
      "a page declares 8 bytes, its zstd 4294967296",
    );
  });

  it("is refused if the metadata declare a list of 2³¹ elements, or structures without an end", async () => {
    const list = [0x19, 0xf0 | 12, ...run];
    const deep = Array(10_000).fill(0x1c);
    for (const footer of [
      [...list, 0],
      deep,
      [...Array(40).fill([0x19, 0xf9, 3]).flat()],
      struct({ 3: 1 }),
    ]) {
      await expect(read({ values: 1, content: int32(1), footer })).rejects.toThrow(FormatError);
    }
  });
});
