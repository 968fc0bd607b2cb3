/** @file Arrow files that pyarrow wrote: types, nulls, and what is refused. */

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { refuseIn } from "../../../src/datasets/formats/arrays.js";
import { openArrow } from "../../../src/datasets/formats/arrow.js";
import { columnTree } from "../../../src/datasets/formats/table.js";
import { FormatError } from "../../../src/errors.js";

const refuse = refuseIn("f.arrow");
const bytesOf = (name: string) =>
  new Uint8Array(readFileSync(new URL(`../../data-files/arrow/${name}`, import.meta.url)));
const arrayOf = async (name: string, column: string) => {
  const { read } = openArrow(bytesOf(name), refuse);
  const node = columnTree(await read(column), column, refuse);
  if (node.kind !== "array") throw new Error(node.kind);
  return { data: Array.from(node.data), shape: node.shape, type: node.type };
};

describe.each(["types.arrow", "types.stream"])("an Arrow file in two batches, %s,", (name) => {
  it("has numbers of all sizes, truth values, lists and structures", async () => {
    const { rows, columns, read } = openArrow(bytesOf(name), refuse);
    expect(rows).toBe(3);
    expect(columns).toEqual([
      "u8",
      "i16",
      "i64",
      "f16",
      "f32",
      "flag",
      "fixed",
      "lists",
      "struct",
      "text",
      "gap",
    ]);
    expect(await arrayOf(name, "u8")).toEqual({ data: [0, 200, 255], shape: [3], type: "byte" });
    expect(await arrayOf(name, "i16")).toEqual({ data: [-300, 5, 300], shape: [3], type: "integer" });
    expect(await arrayOf(name, "i64")).toEqual({ data: [-1, 2 ** 40, 3], shape: [3], type: "integer" });
    expect(await arrayOf(name, "f16")).toEqual({ data: [0.5, -2, 65504], shape: [3], type: "float" });
    expect(await arrayOf(name, "f32")).toEqual({ data: [0.25, -1.5, 3], shape: [3], type: "float" });
    expect(await arrayOf(name, "flag")).toEqual({ data: [1, 0, 1], shape: [3], type: "boolean" });
    expect(await arrayOf(name, "fixed")).toEqual({ data: [1, 2, 3, 4, 5, 6], shape: [3, 2], type: "float" });
    const lists = await read("lists");
    expect(
      JSON.parse(
        JSON.stringify(Array.from(lists.values, (x) => (x as number[][]).map((y) => Array.from(y)))),
      ),
    ).toEqual([[[1, 2]], [], [[3], [4, 5]]]);
    expect(Array.from((await read("struct")).values)).toEqual([
      { a: 1, b: 1 },
      { a: 2, b: 0 },
      { a: 3, b: 1 },
    ]);
    expect(columnTree(await read("text"), "text", refuse)).toMatchObject({ kind: "unreadable" });
    await expect(arrayOf(name, "gap")).rejects.toThrow("f.arrow: gap/1: it must be a number, not null");
  });

  it("is refused at every length but its own", async () => {
    const bytes = bytesOf(name);
    for (let length = 0; length < bytes.length; length += 7) {
      expect(() => openArrow(bytes.subarray(0, length), refuse)).toThrow(FormatError);
    }
    const longer = new Uint8Array([...bytes, 0]);
    expect(() => openArrow(longer, refuse)).toThrow(FormatError);
  });
});

describe("an Arrow file", () => {
  it("with compression is refused, and what to do is said", () => {
    expect(() => openArrow(bytesOf("zstd.arrow"), refuse)).toThrow(
      "f.arrow: its data are compressed: write them without compression",
    );
  });

  it("with one bit flipped has all its rows, or is refused", async () => {
    const bytes = bytesOf("types.stream");
    const rowsOf = async (content: Uint8Array) => {
      const { columns, read, rows } = openArrow(content, refuse);
      const found: unknown[][] = Array.from({ length: rows }, () => []);
      for (const name of columns) {
        const { values } = await read(name);
        for (let i = 0; i < rows; i++) found[i].push(values[i]);
      }
      return found.map((row) =>
        JSON.stringify(row, (_, x) => (ArrayBuffer.isView(x) ? Array.from(x as never) : x)),
      );
    };
    const sound = await rowsOf(bytes);
    let refused = 0;
    for (let bit = 5; bit < 8 * bytes.length; bit += 23) {
      const spoilt = bytes.slice();
      spoilt[bit >> 3] ^= 1 << (bit & 7);
      try {
        expect(await rowsOf(spoilt)).toHaveLength(sound.length);
      } catch (error) {
        expect(error).toBeInstanceOf(FormatError);
        expect((error as Error).message.startsWith("f.arrow: ")).toBe(true);
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(50);
  });
});
