import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FormatError } from "../../src/errors.js";
import {
  decodeSafetensors,
  encodeSafetensors,
  type StoredTensor,
  type TensorData,
} from "../../src/state/safetensors.js";

/** A file made by hand: header as text, then data bytes. */
function file(header: unknown, data: readonly number[] = [], padding = ""): Uint8Array {
  const text = new TextEncoder().encode(
    (typeof header === "string" ? header : JSON.stringify(header)) + padding,
  );
  const bytes = new Uint8Array(8 + text.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  bytes.set(data, 8 + text.length);
  return bytes;
}

const eight = [0, 0, 128, 63, 0, 0, 0, 64];

const contents: fc.Arbitrary<TensorData> = fc.oneof(
  fc.float32Array({ maxLength: 9 }),
  fc.float64Array({ maxLength: 9 }),
  fc.int32Array({ maxLength: 9 }),
  fc.bigInt64Array({ maxLength: 9 }),
  fc.uint8Array({ maxLength: 9 }),
  fc.uint32Array({ maxLength: 9 }),
  fc.int8Array({ maxLength: 9 }),
  fc.int16Array({ maxLength: 9 }),
  fc.uint16Array({ maxLength: 9 }),
);

const tensor: fc.Arbitrary<StoredTensor> = contents.map((data) => ({
  shape: data.length % 2 === 0 ? [2, data.length / 2] : [data.length, 1],
  data,
}));

describe("safetensors", () => {
  test("round-trips all types, names and texts", () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.string().filter((name) => name !== "__metadata__"),
          tensor,
        ),
        fc.dictionary(fc.string(), fc.string()),
        (tensors, metadata) => {
          const decoded = decodeSafetensors(encodeSafetensors(tensors, metadata));
          expect(Object.entries(decoded.tensors).sort()).toEqual(Object.entries(tensors).sort());
          expect(Object.entries(decoded.metadata).sort()).toEqual(Object.entries(metadata).sort());
        },
      ),
      { seed: 1, numRuns: 300 },
    );
  });

  test("a file inside a larger buffer is read from its offset", () => {
    const inner = encodeSafetensors({ x: { shape: [3], data: Float32Array.of(1, 2, 3) } });
    const outer = new Uint8Array(inner.length + 11);
    outer.set(inner, 5);
    const { tensors } = decodeSafetensors(outer.subarray(5, 5 + inner.length));
    expect(tensors.x).toEqual({ shape: [3], data: Float32Array.of(1, 2, 3) });
  });

  test("a file of another writer, with BOOL, padding and another order, is read", () => {
    const header = {
      flag: { dtype: "BOOL", shape: [3], data_offsets: [8, 11] },
      __metadata__: { format: "pt" },
      w: { dtype: "F32", shape: [1, 2], data_offsets: [0, 8] },
    };
    const { tensors, metadata } = decodeSafetensors(file(header, [...eight, 1, 0, 1], "   "));
    expect(tensors.w).toEqual({ shape: [1, 2], data: Float32Array.of(1, 2) });
    expect(tensors.flag).toEqual({ shape: [3], data: Uint8Array.of(1, 0, 1) });
    expect(metadata).toEqual({ format: "pt" });
  });

  test("the data start at a multiple of eight bytes, and every tensor is aligned to its elements", () => {
    const bytes = encodeSafetensors({
      odd: { shape: [3], data: Uint8Array.of(1, 2, 3) },
      double: { shape: [1], data: Float64Array.of(1) },
      half: { shape: [1], data: Int16Array.of(1) },
      single: { shape: [1], data: Float32Array.of(1) },
    });
    const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
    expect(length % 8).toBe(0);
    const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
    expect(header.double.data_offsets).toEqual([0, 8]);
    expect(header.single.data_offsets).toEqual([8, 12]);
    expect(header.half.data_offsets).toEqual([12, 14]);
    expect(header.odd.data_offsets).toEqual([14, 17]);
  });

  test("arrays that do not fill their shape are refused", () => {
    expect(() => encodeSafetensors({ w: { shape: [2, 2], data: Float32Array.of(1) } })).toThrow(
      'tensor "w": 1 values do not fill shape [2, 2]',
    );
  });

  const f32 = (shape: unknown, offsets: unknown) => ({ dtype: "F32", shape, data_offsets: offsets });
  test.each<[string, Uint8Array, string]>([
    ["no bytes", new Uint8Array(0), "the file has 0 bytes"],
    ["a header cut short", file({}).subarray(0, 9), "byte 0: the header takes 2 bytes, but only 1 follow"],
    ["an absurd header length", new Uint8Array(8).fill(255), "is longer than the 100000000 allowed"],
    ["a header that is not JSON", file("{oops"), "byte 8: the header is not JSON"],
    ["a header that is not UTF-8", file("{}").with(8, 0xff), "byte 8: the header is not JSON"],
    ["a header that is a list", file([]), "byte 8: the header is not a JSON object"],
    [
      "metadata that are not strings",
      file({ __metadata__: { a: 1 } }),
      "__metadata__ is not an object of strings",
    ],
    ["an entry that is not an object", file({ w: 3 }), 'tensor "w": its header entry is not an object'],
    [
      "an unknown dtype",
      file({ w: { ...f32([2], [0, 8]), dtype: "F8" } }, eight),
      'tensor "w": dtype "F8" is not one of',
    ],
    [
      "an inherited property as dtype",
      file({ w: { ...f32([2], [0, 8]), dtype: "toString" } }, eight),
      "is not one of",
    ],
    [
      "a negative size",
      file({ w: f32([-2], [0, 8]) }, eight),
      'tensor "w": shape [-2] is not a list of sizes',
    ],
    [
      "offsets that are not positions",
      file({ w: f32([2], [0]) }, eight),
      "data_offsets [0] are not two positions",
    ],
    [
      "data cut short",
      file({ w: f32([2], [0, 8]) }, eight.slice(1)),
      "data offsets 0 to 8 are outside the 7 bytes",
    ],
    [
      "offsets in the wrong order",
      file({ w: f32([0], [8, 0]) }, eight),
      "data offsets 8 to 0 are outside the 8 bytes",
    ],
    [
      "a shape that the bytes do not fill",
      file({ w: f32([3], [0, 8]) }, eight),
      "takes 12 bytes, but data offsets 0 to 8 hold 8",
    ],
    [
      "an unaligned tensor",
      file({ a: { dtype: "U8", shape: [1], data_offsets: [0, 1] }, w: f32([1], [1, 5]) }, eight.slice(3)),
      "data offset 1 is not aligned to the 4 bytes of F32",
    ],
    [
      "overlapping tensors",
      file({ a: f32([2], [0, 8]), b: f32([1], [4, 8]) }, eight),
      'tensor "b" begins at data offset 4, inside tensor "a", which ends at 8',
    ],
    [
      "a gap between tensors",
      file({ b: f32([1], [4, 8]) }, eight),
      'data offsets 0 to 4, before tensor "b", belong to no tensor',
    ],
    [
      "bytes after the last tensor",
      file({ a: f32([1], [0, 4]) }, eight),
      "data offsets 4 to 8, the last, belong to no tensor",
    ],
  ])("%s: refused with its place", (_, bytes, message) => {
    expect(() => decodeSafetensors(bytes, "weights.safetensors")).toThrow(FormatError);
    expect(() => decodeSafetensors(bytes, "weights.safetensors")).toThrow(`weights.safetensors: `);
    expect(() => decodeSafetensors(bytes, "weights.safetensors")).toThrow(message);
  });

  test("any damage is either harmless or a FormatError", () => {
    const whole = encodeSafetensors(
      {
        "policy.weight": { shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) },
        steps: { shape: [1], data: BigInt64Array.of(7n) },
        mask: { shape: [3], data: Uint8Array.of(0, 1, 1) },
      },
      { version: "1" },
    );
    const flips = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 })), {
      maxLength: 4,
    });
    let refused = 0;
    fc.assert(
      fc.property(flips, fc.option(fc.nat(whole.length - 1), { freq: 2 }), (damage, cut) => {
        const bytes = whole.slice(0, cut ?? whole.length);
        for (const [at, mask] of damage) if (at < bytes.length) bytes[at] ^= mask;
        try {
          const { tensors } = decodeSafetensors(bytes);
          for (const { shape, data } of Object.values(tensors)) {
            expect(shape.reduce((a, b) => a * b, 1)).toBe(data.length);
          }
          if (cut !== null) throw new Error("a file cut short was accepted");
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError);
          refused++;
        }
      }),
      { seed: 1, numRuns: 4000 },
    );
    expect(refused).toBeGreaterThan(2000);
  });
});
