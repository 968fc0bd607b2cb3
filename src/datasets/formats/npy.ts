/**
 * @file Reads `.npy` files of numpy (numpy.org/doc/stable/reference/generated/numpy.lib.format.html): the bytes
 * `\x93NUMPY`, a version, the length of a header, the header as a Python dictionary with three keys, and the data.
 *
 * The header is matched with a pattern, never evaluated. Arrays of Python objects are refused, because they are
 * pickles, which may contain code.
 */

import type { TypedArray } from "../../state/snapshot.js";
import { type NumberArray, numberArray, type Refuse } from "./arrays.js";
import { type ElementType, numbersIn, numberTypeOf } from "./number-types.js";

const MAGIC = "\x93NUMPY";

/** The largest number of axes, as in numpy 2. */
const MOST_AXES = 64;

const types: Record<string, ElementType> = {
  b1: { kind: "unsigned", size: 1, isBoolean: true },
  i1: { kind: "signed", size: 1 },
  u1: { kind: "unsigned", size: 1 },
  i2: { kind: "signed", size: 2 },
  u2: { kind: "unsigned", size: 2 },
  i4: { kind: "signed", size: 4 },
  u4: { kind: "unsigned", size: 4 },
  i8: { kind: "signed", size: 8 },
  u8: { kind: "unsigned", size: 8 },
  f2: { kind: "float", size: 2 },
  f4: { kind: "float", size: 4 },
  f8: { kind: "float", size: 8 },
};

/**
 * Decodes the bytes of an `.npy` file.
 *
 * @throws FormatError when they are truncated, not an `.npy` file, or contain Python objects.
 */
export function decodeNpy(bytes: Uint8Array, place: string, refuse: Refuse): NumberArray {
  const latin1 = (from: number, to: number) => String.fromCharCode(...bytes.subarray(from, to));
  if (latin1(0, MAGIC.length) !== MAGIC) refuse(place, "it does not begin like a numpy array");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = bytes[6];
  const prefix = version === 1 ? 10 : 12;
  if (!(version >= 1 && version <= 3) || bytes.length < prefix) {
    refuse(place, `version ${version} of numpy's format, where 1 to 3 are known`);
  }
  const headerLength = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  const start = prefix + headerLength;
  if (start > bytes.length || headerLength > 65_535) {
    refuse(place, `its header needs ${headerLength} bytes, but the file has only ${bytes.length}`);
  }
  const header = latin1(prefix, start);
  const [, descr] = header.match(/'descr':\s*'([^']*)'/) ?? [];
  const [, order] = header.match(/'fortran_order':\s*(True|False)/) ?? [];
  const [, sizes] = header.match(/'shape':\s*\(([\d\s,]*)\)/) ?? [];
  if (order === undefined || sizes === undefined)
    refuse(place, `its header cannot be read: ${header.trim()}`);
  if (descr === undefined) refuse(place, "its elements must be numbers, not structures");
  const [, endian, code] = descr.match(/^([<>|=])(\w+)$/) ?? [];
  if (code === undefined || !Object.hasOwn(types, code)) {
    refuse(
      place,
      code === "O"
        ? "it contains Python objects, whose pickles may contain code and are not read: save it as an array of numbers"
        : `its elements are "${descr}"; supported are ${Object.keys(types).join(", ")}`,
    );
  }
  const shape = sizes.split(",").flatMap((size) => (size.trim() === "" ? [] : [Number(size)]));
  if (shape.length > MOST_AXES) refuse(place, `it has ${shape.length} axes, more than numpy's ${MOST_AXES}`);
  const type = types[code];
  const needed = shape.reduce((product, size) => product * size, type.size);
  if (needed !== bytes.length - start) {
    refuse(
      place,
      `shape [${shape.join(", ")}] of ${descr} needs ${needed} bytes, but the file has ${bytes.length - start}`,
    );
  }
  const content = Uint8Array.prototype.slice.call(bytes, start);
  const data = numbersIn(content, { ...type, bigEndian: endian === ">" }, place, refuse);
  return numberArray(order === "True" ? rowMajor(data, shape) : data, shape, numberTypeOf(type));
}

/** Converts column-major data to row-major order. */
function rowMajor(data: TypedArray, shape: readonly number[]): TypedArray {
  const out = data.slice();
  const strides = shape.map((_, axis) => shape.slice(0, axis).reduce((a, b) => a * b, 1));
  const index = shape.map(() => 0);
  for (let i = 0; i < out.length; i++) {
    out[i] = data[index.reduce((sum, k, axis) => sum + k * strides[axis], 0)];
    for (let axis = shape.length - 1; axis >= 0 && ++index[axis] === shape[axis]; axis--) index[axis] = 0;
  }
  return out;
}
