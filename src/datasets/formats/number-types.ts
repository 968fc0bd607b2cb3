/** @file The element types of arrays in files, and their values as numbers. */

import type { TypedArray } from "../../state/snapshot.js";
import type { NumberType, Refuse } from "./arrays.js";

/** The type of an array's elements. Default byte order: little-endian. */
export interface ElementType {
  kind: "float" | "signed" | "unsigned";
  /** Bytes of an element. */
  size: number;
  bigEndian?: boolean;
  /** Whether the elements are truth values, 0 or 1. */
  isBoolean?: boolean;
}

/** What the elements of a type are. */
export function numberTypeOf({ kind, size, isBoolean }: ElementType): NumberType {
  if (isBoolean) return "boolean";
  if (kind === "float") return "float";
  return kind === "unsigned" && size === 1 ? "byte" : "integer";
}

const containers = {
  float4: Float32Array,
  float8: Float64Array,
  signed1: Int8Array,
  signed2: Int16Array,
  signed4: Int32Array,
  signed8: BigInt64Array,
  unsigned1: Uint8Array,
  unsigned2: Uint16Array,
  unsigned4: Uint32Array,
  unsigned8: BigUint64Array,
};

/**
 * The elements in `bytes`, which may be reordered in place.
 *
 * @throws FormatError when the type is not supported, or an integer of 64 bits is not exact as a number.
 */
export function numbersIn(
  bytes: Uint8Array,
  { kind, size, bigEndian = false }: ElementType,
  place: string,
  refuse: Refuse,
): TypedArray {
  const isHalf = kind === "float" && size === 2;
  const container = isHalf
    ? Uint16Array
    : (containers as Record<string, (typeof containers)[keyof typeof containers]>)[`${kind}${size}`];
  if (!container) {
    const what = kind === "float" ? `floats of ${8 * size} bits` : `integers of ${8 * size} bits`;
    return refuse(place, `its elements are ${what}, which are not read: save it as float64 or int64`);
  }
  if (bytes.length % size !== 0) refuse(place, `it has ${bytes.length} bytes, but elements of ${size} bytes`);
  const aligned = bytes.byteOffset % 8 === 0 ? bytes : bytes.slice();
  if (bigEndian) swapBytes(aligned, size);
  const values = new container(aligned.buffer as ArrayBuffer, aligned.byteOffset, bytes.length / size);
  if (isHalf) return Float32Array.from(values as Uint16Array, fromHalf);
  if (values instanceof BigInt64Array || values instanceof BigUint64Array)
    return exact(values, place, refuse);
  return values;
}

function swapBytes(bytes: Uint8Array, width: number): void {
  if (width > 1) for (let at = 0; at < bytes.length; at += width) bytes.subarray(at, at + width).reverse();
}

/** The value of a half-precision float (IEEE 754 binary16) from its bits. */
function fromHalf(bits: number): number {
  const [sign, exponent, fraction] = [bits >> 15 ? -1 : 1, (bits >> 10) & 31, bits & 1023];
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25);
}

/** 64-bit integers as numbers. */
function exact(data: BigInt64Array | BigUint64Array, place: string, refuse: Refuse): Float64Array {
  const numbers = new Float64Array(data.length);
  for (let i = 0; i < data.length; i++) {
    numbers[i] = Number(data[i]);
    if (!isExact(data[i])) refuse(`${place}/${i}`, inexact(data[i]));
  }
  return numbers;
}

/** Whether an integer is exact as a number. */
export const isExact = (integer: bigint): boolean => BigInt(Number(integer)) === integer;

export const inexact = (integer: bigint): string =>
  `it is ${integer}, which is beyond ±2⁵³ and not exact as a number`;
