/**
 * @file Reads and writes safetensors files: named arrays in one buffer, without code.
 *
 * The format (github.com/huggingface/safetensors): eight bytes with the header's length N, little-endian; N bytes of
 * JSON, `{ name: { dtype, shape, data_offsets: [begin, end] }, …, "__metadata__": { key: string } }`; then the data,
 * little-endian and row-major, to which the offsets refer. The data leave no gap and do not overlap.
 */

import { FormatError } from "../errors.js";
import { damageIn } from "./checksum.js";
import { parseJson } from "./json.js";

/** The types of array that a file can hold. BOOL arrays are read as U8. */
export type TensorData =
  | Float32Array
  | Float64Array
  | Int32Array
  | BigInt64Array
  | Uint8Array
  | Uint32Array
  | Int8Array
  | Int16Array
  | Uint16Array;

/** An array and its shape. */
export interface StoredTensor {
  readonly shape: readonly number[];
  readonly data: TensorData;
}

/** The contents of a file. */
export interface Safetensors {
  readonly tensors: Record<string, StoredTensor>;
  /** Free text by key. */
  readonly metadata: Record<string, string>;
}

const dtypes = {
  F32: Float32Array,
  F64: Float64Array,
  I32: Int32Array,
  I64: BigInt64Array,
  U8: Uint8Array,
  U32: Uint32Array,
  I8: Int8Array,
  I16: Int16Array,
  U16: Uint16Array,
  BOOL: Uint8Array,
} as const;

type FileDType = keyof typeof dtypes;

const METADATA = "__metadata__";

/** The number of bytes before the header; they encode its length. */
const PREFIX = 8;

/** The largest header length, in bytes, as in the reference implementation; a longer header is refused. */
const MAX_HEADER = 100_000_000;

/**
 * Encodes arrays and metadata as a file. Arrays with the widest elements come first, so that every array is aligned.
 *
 * @throws Error when a shape does not fit its data, or the format does not support the type of an array
 */
export function encodeSafetensors(
  tensors: Readonly<Record<string, StoredTensor>>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const entries = Object.entries(tensors).map(([name, { shape, data }]) => {
    if (name === METADATA)
      throw new Error(`a tensor cannot be named ${METADATA}: the format reserves that name`);
    if (!isShape(shape) || countOf(shape) !== data.length) {
      throw new Error(`tensor "${name}": ${data.length} values do not fill shape [${shape.join(", ")}]`);
    }
    return { name, shape, data, dtype: dtypeOf(name, data), begin: 0 };
  });

  let dataLength = 0;
  for (const entry of entries.toSorted((a, b) => b.data.BYTES_PER_ELEMENT - a.data.BYTES_PER_ELEMENT)) {
    entry.begin = dataLength;
    dataLength += entry.data.byteLength;
  }

  const header = Object.fromEntries<object>(
    entries.map(({ name, dtype, shape, begin, data }) => [
      name,
      { dtype, shape, data_offsets: [begin, begin + data.byteLength] },
    ]),
  );
  const json = JSON.stringify(
    Object.keys(metadata).length > 0 ? { [METADATA]: metadata, ...header } : header,
  );
  const unpadded = new TextEncoder().encode(json);
  const headerLength = Math.ceil(unpadded.length / 8) * 8;

  const file = new Uint8Array(PREFIX + headerLength + dataLength);
  new DataView(file.buffer).setBigUint64(0, BigInt(headerLength), true);
  file.fill(0x20, PREFIX, PREFIX + headerLength);
  file.set(unpadded, PREFIX);
  for (const { data, begin } of entries) {
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), PREFIX + headerLength + begin);
  }
  return file;
}

/**
 * Decodes the arrays and metadata of a file. The arrays are copies.
 *
 * @param source the name of the file in messages
 * @throws FormatError when the bytes are not a complete and consistent file; the message gives the position
 */
export function decodeSafetensors(file: Uint8Array, source = "safetensors"): Safetensors {
  const fail: (message: string) => never = (message) => {
    throw new FormatError(`${source}: ${message}`);
  };
  const { header, dataStart } = readHeader(file, fail);
  const damage = damageIn(file);
  if (damage !== undefined) fail(damage);
  const dataLength = file.length - dataStart;

  const entries: { name: string; dtype: FileDType; shape: number[]; begin: number; end: number }[] = [];
  let metadata: Record<string, string> = {};
  for (const [name, value] of Object.entries(header)) {
    if (name === METADATA) {
      if (!isRecord(value) || !Object.values(value).every((text) => typeof text === "string")) {
        fail(`${METADATA} is not an object of strings`);
      }
      metadata = value as Record<string, string>;
      continue;
    }
    const about = `tensor "${name}"`;
    if (!isRecord(value)) fail(`${about}: its header entry is not an object`);
    const { dtype, shape, data_offsets: offsets } = value;
    if (typeof dtype !== "string" || !Object.hasOwn(dtypes, dtype)) {
      fail(`${about}: dtype ${JSON.stringify(dtype)} is not one of ${Object.keys(dtypes).join(", ")}`);
    }
    if (!isShape(shape)) fail(`${about}: shape ${JSON.stringify(shape)} is not a list of sizes`);
    const long = shape.find((size) => size > file.length);
    if (long !== undefined) {
      fail(
        `${about}: an axis of shape [${shape.join(", ")}] is longer than the ${file.length} bytes of the file`,
      );
    }
    if (!isShape(offsets) || offsets.length !== 2) {
      fail(`${about}: data_offsets ${JSON.stringify(offsets)} are not two positions`);
    }
    const [begin, end] = offsets;
    if (begin > end || end > dataLength) {
      fail(`${about}: data offsets ${begin} to ${end} are outside the ${dataLength} bytes of data`);
    }
    const width = dtypes[dtype as FileDType].BYTES_PER_ELEMENT;
    if (begin % width !== 0) {
      fail(`${about}: data offset ${begin} is not aligned to the ${width} bytes of ${dtype}`);
    }
    if (countOf(shape) * width !== end - begin) {
      fail(
        `${about}: shape [${shape.join(", ")}] of ${dtype} takes ${countOf(shape) * width} bytes, ` +
          `but data offsets ${begin} to ${end} hold ${end - begin}`,
      );
    }
    entries.push({ name, dtype: dtype as FileDType, shape, begin, end });
  }

  let covered = 0;
  let previous = "";
  for (const { name, begin, end } of entries.toSorted((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin < covered) fail(`tensor "${name}" begins at data offset ${begin}, inside ${previous}`);
    if (begin > covered)
      fail(`data offsets ${covered} to ${begin}, before tensor "${name}", belong to no tensor`);
    covered = end;
    previous = `tensor "${name}", which ends at ${end}`;
  }
  if (covered !== dataLength) fail(`data offsets ${covered} to ${dataLength}, the last, belong to no tensor`);

  const tensors = entries.map(({ name, dtype, shape, begin, end }) => {
    // Not file.slice: for a Node.js Buffer it does not copy.
    const { buffer } = Uint8Array.prototype.slice.call(file, dataStart + begin, dataStart + end);
    return [name, { shape, data: new dtypes[dtype](buffer) }] as const;
  });
  return { tensors: Object.fromEntries(tensors), metadata };
}

/** The parsed header, and the offset of the data. */
function readHeader(
  file: Uint8Array,
  fail: (message: string) => never,
): { header: Record<string, unknown>; dataStart: number } {
  if (file.length < PREFIX)
    fail(`the file has ${file.length} bytes; the header's length alone takes ${PREFIX}`);
  const length = Number(new DataView(file.buffer, file.byteOffset, PREFIX).getBigUint64(0, true));
  if (length > MAX_HEADER)
    fail(`byte 0: a header of ${length} bytes is longer than the ${MAX_HEADER} allowed`);
  const dataStart = PREFIX + length;
  if (dataStart > file.length) {
    fail(
      `byte 0: the header takes ${length} bytes, but only ${file.length - PREFIX} follow; the file is cut short`,
    );
  }
  let header: unknown;
  try {
    header = parseJson(new TextDecoder("utf-8", { fatal: true }).decode(file.subarray(PREFIX, dataStart)));
  } catch (error) {
    fail(`byte ${PREFIX}: the header is not JSON (${(error as Error).message})`);
  }
  if (!isRecord(header)) fail(`byte ${PREFIX}: the header is not a JSON object`);
  return { header, dataStart };
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isShape = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);

const countOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

function dtypeOf(name: string, data: TensorData): FileDType {
  for (const [dtype, array] of Object.entries(dtypes)) if (data instanceof array) return dtype as FileDType;
  throw new Error(
    `tensor "${name}" is a ${Object.prototype.toString.call(data)}; give one of ${Object.keys(dtypes)}`,
  );
}
