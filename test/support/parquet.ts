/** @file Parquet files of one column and one page, built by hand, in which every number can be invalid. */

/** A field of Thrift's compact protocol: an integer, text or bytes, a list of structures or integers, or a structure. */
type Value = number | string | Uint8Array | Fields | readonly (Fields | number | string)[];
type Fields = { readonly [id: number]: Value };

export const varint = (value: number): number[] => {
  const out: number[] = [];
  for (let left = value; ; left = Math.floor(left / 128)) {
    if (left < 128) return [...out, left];
    out.push((left % 128) + 128);
  }
};

const zigzag = (value: number): number[] => varint(value < 0 ? -2 * value - 1 : 2 * value);

const typeOf = (value: Value): number =>
  typeof value === "number"
    ? value < 2 ** 31
      ? 5
      : 6
    : typeof value === "string" || value instanceof Uint8Array
      ? 8
      : Array.isArray(value)
        ? 9
        : 12;

function element(value: Value): number[] {
  if (typeof value === "number") return zigzag(value);
  if (typeof value === "string") return element(new TextEncoder().encode(value));
  if (value instanceof Uint8Array) return [...varint(value.length), ...value];
  if (!Array.isArray(value)) return struct(value as Fields);
  const items = value as readonly Value[];
  return [0xf0 | typeOf(items[0] ?? 0), ...varint(items.length), ...items.flatMap(element)];
}

/** A structure, with its fields in ascending order of their ids. */
export function struct(fields: Fields): number[] {
  let last = 0;
  const content = Object.entries(fields).flatMap(([id, value]) => {
    const delta = Number(id) - last;
    last = Number(id);
    return [(delta << 4) | typeOf(value), ...element(value)];
  });
  return [...content, 0];
}

export interface PageOptions {
  /** Physical type: 1 INT32, 5 DOUBLE, … Default: INT32. */
  type?: number;
  /** Encoding: 0 PLAIN, 5 DELTA_BINARY_PACKED, 8 RLE_DICTIONARY, … Default: PLAIN. */
  encoding?: number;
  /** Whether values may be missing, so that they have definition levels. */
  optional?: boolean;
  values: number;
  rows?: number;
  content: readonly number[];
  /** Compression: 0 none, 6 zstd, and the declared size of the page. */
  codec?: number;
  full?: number;
  /** Parts of the metadata in place of those that fit. */
  footer?: readonly number[];
}

/** The bytes of a file with the column `x`. */
export function parquetOf(options: PageOptions): Uint8Array {
  const { type = 1, encoding = 0, optional = false, values, rows = values, content, codec = 0 } = options;
  const { full = content.length } = options;
  const header = struct({ 1: 0, 2: full, 3: content.length, 5: { 1: values, 2: encoding, 3: 3, 4: 3 } });
  const size = header.length + content.length;
  const metadata = struct({
    1: 1,
    2: [
      { 4: "schema", 5: 1 },
      { 1: type, 3: optional ? 1 : 0, 4: "x" },
    ],
    3: rows,
    4: [
      {
        1: [{ 2: 4, 3: { 1: type, 2: [encoding], 3: ["x"], 4: codec, 5: values, 6: size, 7: size, 9: 4 } }],
        2: size,
        3: rows,
      },
    ],
  });
  const footer = options.footer ?? metadata;
  const length = new Uint8Array(Uint32Array.of(footer.length).buffer);
  const magic = [...new TextEncoder().encode("PAR1")];
  return Uint8Array.from([...magic, ...header, ...content, ...footer, ...length, ...magic]);
}
