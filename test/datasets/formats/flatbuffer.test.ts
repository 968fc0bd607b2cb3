/** @file Positions and lengths outside a FlatBuffer. */

import { expect, it } from "vitest";
import { flatTable } from "../../../src/datasets/formats/flatbuffer.js";

/** A table with one field, a vector that declares `length` elements. */
function withVector(length: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(32));
  // The root is at 12, its list of fields at 4, its one field at 4 bytes from the root, and the vector at 20.
  const numbers: [at: number, value: number][] = [
    [0, 12],
    [12, 8],
    [16, 4],
    [20, length],
  ];
  for (const [at, value] of numbers) view.setInt32(at, value, true);
  const fields: [at: number, value: number][] = [
    [4, 6],
    [6, 8],
    [8, 4],
  ];
  for (const [at, value] of fields) view.setUint16(at, value, true);
  return new Uint8Array(view.buffer);
}

it("are refused before anything is allocated for them", () => {
  expect(flatTable(withVector(1)).records(0, 1)).toEqual([[0]]);
  expect(flatTable(withVector(0)).records(0, 1)).toEqual([]);
  expect(() => flatTable(withVector(2)).records(0, 1)).toThrow("its metadata point to byte 24 of 32");
  for (const length of [2 ** 31 - 1, -1]) {
    expect(() => flatTable(withVector(length)).records(0, 1)).toThrow("its metadata");
    expect(() => flatTable(withVector(length)).tables(0)).toThrow("its metadata");
  }
  expect(flatTable(withVector(1)).number(3, "int64", 7)).toBe(7);
  expect(() => flatTable(new Uint8Array(2))).toThrow("its metadata point to byte 0 of 2");
});
