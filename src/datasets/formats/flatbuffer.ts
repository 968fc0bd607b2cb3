/**
 * @file Reads tables of FlatBuffers (flatbuffers.dev/internals), the metadata of Arrow files. Every position and every
 * length is checked against the buffer, so that damaged metadata take no more memory than they have.
 */

/** Thrown for positions outside the buffer; readers of files turn it into a FormatError. */
class OutOfBounds extends Error {}

/** A table: its fields by their numbers, in the order of the schema. */
export interface FlatTable {
  /** A number of a field, or `otherwise` if the table leaves it out. */
  number(field: number, kind: "uint8" | "int16" | "int32" | "int64", otherwise?: number): number;
  text(field: number): string;
  /** A table in a field; undefined if it is left out. */
  table(field: number): FlatTable | undefined;
  tables(field: number): FlatTable[];
  /** A vector of structures of 64-bit integers, `count` of them each. */
  records(field: number, count: number): number[][];
}

/** The most tables in a list: more than any schema has fields, and safe where they are the same ones again. */
const MOST_TABLES = 4096;

const sizes = { uint8: 1, int16: 2, int32: 4, int64: 8 };

/**
 * The root table of a buffer.
 *
 * @throws Error when a position or a length is outside the buffer
 */
export function flatTable(bytes: Uint8Array): FlatTable {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const within = (at: number, size: number): number => {
    if (Number.isInteger(at) && at >= 0 && at + size <= bytes.length) return at;
    throw new OutOfBounds(`its metadata point to byte ${at} of ${bytes.length}`);
  };
  const int32 = (at: number) => view.getInt32(within(at, 4), true);
  const uint16 = (at: number) => view.getUint16(within(at, 2), true);
  const int64 = (at: number) => {
    const value = Number(view.getBigInt64(within(at, 8), true));
    if (!Number.isSafeInteger(value)) throw new OutOfBounds(`its metadata have the number ${value}`);
    return value;
  };
  /** The start and the length of a vector whose elements have `size` bytes. */
  const vector = (at: number, size: number): [start: number, length: number] => {
    const start = at + int32(at);
    const length = int32(start);
    if (length < 0) throw new OutOfBounds(`its metadata have a list of ${length} elements`);
    within(start + 4, length * size);
    return [start + 4, length];
  };
  const tableAt = (at: number): FlatTable => {
    const fields = at - int32(at);
    const size = uint16(fields);
    within(fields, size);
    /** The position of a field; undefined if it is left out. */
    const position = (field: number): number | undefined => {
      const entry = 4 + 2 * field;
      const offset = entry + 2 <= size ? uint16(fields + entry) : 0;
      return offset === 0 ? undefined : within(at + offset, 1);
    };
    return {
      number(field, kind, otherwise = 0) {
        const found = position(field);
        if (found === undefined) return otherwise;
        if (kind === "int64") return int64(found);
        within(found, sizes[kind]);
        if (kind === "uint8") return view.getUint8(found);
        return kind === "int16" ? view.getInt16(found, true) : view.getInt32(found, true);
      },
      text(field) {
        const found = position(field);
        if (found === undefined) return "";
        const [start, length] = vector(found, 1);
        return new TextDecoder().decode(bytes.subarray(start, start + length));
      },
      table(field) {
        const found = position(field);
        return found === undefined ? undefined : tableAt(found + int32(found));
      },
      tables(field) {
        const found = position(field);
        if (found === undefined) return [];
        const [start, length] = vector(found, 4);
        if (length > MOST_TABLES) throw new OutOfBounds(`its metadata have a list of ${length} fields`);
        return Array.from({ length }, (_, i) => tableAt(start + 4 * i + int32(start + 4 * i)));
      },
      records(field, count) {
        const found = position(field);
        if (found === undefined) return [];
        const [start, length] = vector(found, 8 * count);
        return Array.from({ length }, (_, i) =>
          Array.from({ length: count }, (__, j) => int64(start + 8 * (i * count + j))),
        );
      },
    };
  };
  return tableAt(int32(0));
}
