/** @file Writes protocol buffers: https://protobuf.dev/programming-guides/encoding. */

type Scalar = "double" | "float" | "int32" | "int64" | "string" | "bytes";

/** The number of a field and its type: a scalar, or the name of a message. A field may hold a list of its type. */
type Field = readonly [id: number, type: string];

/** The fields of messages by name, as their `.proto` file has them. */
export type Messages = Readonly<Record<string, Readonly<Record<string, Field>>>>;

/** A buffer that is filled from its end, so that the length of a message is known when it is to be written. */
class Backwards {
  private bytes = new Uint8Array(1024);
  private start = this.bytes.length;

  get length(): number {
    return this.bytes.length - this.start;
  }

  /** Makes place for `size` bytes before those that are written. */
  private reserve(size: number): void {
    if (size > this.start) {
      const larger = new Uint8Array(2 * (this.length + size));
      larger.set(this.written(), larger.length - this.length);
      this.start += larger.length - this.bytes.length;
      this.bytes = larger;
    }
    this.start -= size;
  }

  written(): Uint8Array {
    return this.bytes.subarray(this.start);
  }

  raw(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.bytes.set(bytes, this.start);
  }

  /** An integer in 7 bits a byte, the lowest first; a negative one as 64 bits of its two's complement. */
  varint(value: number): void {
    if (value >= 0 && value < 128) {
      this.reserve(1);
      this.bytes[this.start] = value;
      return;
    }
    const groups: number[] = [];
    let rest = BigInt.asUintN(64, BigInt(Math.trunc(value)));
    for (; rest > 127n; rest >>= 7n) groups.push(Number(rest & 127n) | 128);
    groups.push(Number(rest));
    this.reserve(groups.length);
    this.bytes.set(groups, this.start);
  }

  float(value: number): void {
    this.reserve(4);
    new DataView(this.bytes.buffer).setFloat32(this.start, value, true);
  }

  double(value: number): void {
    this.reserve(8);
    new DataView(this.bytes.buffer).setFloat64(this.start, value, true);
  }
}

/** How the value of a field is encoded; the three lowest bits of its key. */
const wireTypes: Record<Scalar, number> = { int32: 0, int64: 0, double: 1, string: 2, bytes: 2, float: 5 };

/** The wire type of values that their length precedes. */
const DELIMITED = 2;

const isScalar = (type: string): type is Scalar => type in wireTypes;

const text = new TextEncoder();

/** The fields of each message, the last one first: they are written from the end. */
type Layout = ReadonlyMap<string, readonly (readonly [name: string, field: Field])[]>;

/**
 * A function that gives the bytes of a message from its name in `messages` and its fields: numbers, texts, bytes, objects
 * for messages, or arrays of these. Fields that are given are written, also zeros; a list of numbers is packed, an empty
 * one omitted.
 */
export function messageEncoder(messages: Messages): (name: string, value: object) => Uint8Array {
  const layout: Layout = new Map(
    Object.entries(messages).map(([name, fields]) => [name, Object.entries(fields).reverse()]),
  );
  return (name, value) => {
    const buffer = new Backwards();
    writeFields(buffer, layout, name, value);
    return buffer.written().slice();
  };
}

function writeFields(buffer: Backwards, layout: Layout, name: string, value: object): void {
  for (const [field, [id, type]] of layout.get(name)!) {
    const given = (value as Record<string, unknown>)[field];
    if (given === undefined) continue;
    const items: unknown[] = Array.isArray(given) ? [...given].reverse() : [given];
    const wire = isScalar(type) ? wireTypes[type] : DELIMITED;
    const isPacked = Array.isArray(given) && wire !== DELIMITED;
    const isDelimited = isPacked || wire === DELIMITED;
    if (isPacked && items.length === 0) continue;
    for (const together of isPacked ? [items] : items.map((item) => [item])) {
      const before = buffer.length;
      for (const item of together) {
        if (isScalar(type)) writeScalar(buffer, type, item);
        else writeFields(buffer, layout, type, item as object);
      }
      if (isDelimited) buffer.varint(buffer.length - before);
      buffer.varint(8 * id + (isDelimited ? DELIMITED : wire));
    }
  }
}

function writeScalar(buffer: Backwards, type: Scalar, value: unknown): void {
  if (type === "string") buffer.raw(text.encode(value as string));
  else if (type === "bytes") buffer.raw(value as Uint8Array);
  else if (type === "float") buffer.float(value as number);
  else if (type === "double") buffer.double(value as number);
  else buffer.varint(value as number);
}
