/**
 * @file Reads IDX files, in which MNIST and its relatives come (yann.lecun.com/exdb/mnist): two zero bytes, the type of
 * the numbers, the number of axes, a size of 4 bytes for each, and the numbers, all with the high byte first.
 */

import { type NumberArray, numberArray, type Refuse } from "../formats/arrays.js";
import { type ElementType, numbersIn, numberTypeOf } from "../formats/number-types.js";

const types: Readonly<Record<number, ElementType>> = {
  8: { kind: "unsigned", size: 1 },
  9: { kind: "signed", size: 1 },
  11: { kind: "signed", size: 2 },
  12: { kind: "signed", size: 4 },
  13: { kind: "float", size: 4 },
  14: { kind: "float", size: 8 },
};

/**
 * Decodes the bytes of an IDX file.
 *
 * @throws FormatError for another magic number, and where the file is shorter or longer than its sizes say
 */
export function decodeIdx(bytes: Uint8Array, refuse: Refuse): NumberArray {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const magic = bytes.length < 4 ? -1 : view.getUint32(0);
  const [type, axes] = [types[bytes[2]], bytes[3]];
  if (magic < 0 || magic >>> 16 !== 0 || !type || axes === 0) {
    const found =
      magic < 0 ? `has ${bytes.length} bytes` : `begins with 0x${magic.toString(16).padStart(8, "0")}`;
    refuse("", `it ${found}; an IDX file begins with 0x0000, a type such as 08, and the number of axes`);
  }
  const start = 4 + 4 * axes;
  if (bytes.length < start)
    refuse("", `its header needs ${start} bytes, but the file has only ${bytes.length}`);
  const shape = Array.from({ length: axes }, (_, axis) => view.getUint32(4 + 4 * axis));
  const needed = shape.reduce((product, size) => product * size, type.size);
  if (needed !== bytes.length - start) {
    refuse(
      "",
      `its sizes [${shape.join(", ")}] need ${needed} bytes, but ${bytes.length - start} follow the header`,
    );
  }
  const content = Uint8Array.prototype.slice.call(bytes, start);
  return numberArray(numbersIn(content, { ...type, bigEndian: true }, "", refuse), shape, numberTypeOf(type));
}
