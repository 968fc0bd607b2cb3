/** @file JSON texts of files, as deep and as long as anyone makes them. */

import { describe, expect, it } from "vitest";
import { FormatError } from "../../src/errors.js";
import { decodeJson, parseJson } from "../../src/state/json.js";
import { decodeSafetensors, encodeSafetensors } from "../../src/state/safetensors.js";

const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth);

describe("a JSON text", () => {
  it("is parsed, whatever brackets are in its strings", () => {
    const value = { text: `"${"[{".repeat(1000)}\\`, list: [1, { a: [] }], "]": null };
    expect(parseJson(JSON.stringify(value))).toEqual(value);
    expect(parseJson(new TextEncoder().encode("[1, 2]"))).toEqual([1, 2]);
    expect(parseJson(`[${"[],".repeat(1000)}[]]`)).toHaveLength(1001);
    expect(parseJson(nested(1024))).toBeInstanceOf(Array);
  });

  it("is refused if it is nested too deeply or too long", () => {
    for (const depth of [1025, 10_000, 1_000_000]) {
      expect(() => parseJson(nested(depth))).toThrow("it has more than 1024 levels of nesting");
      expect(() => parseJson('{"a":'.repeat(depth))).toThrow("it has more than 1024 levels of nesting");
    }
    expect(() => parseJson({ length: 2 ** 29 } as Uint8Array)).toThrow("it has 536870912 bytes, more than");
    expect(() => parseJson("[1")).toThrow(SyntaxError);
    expect(() => decodeJson(nested(10_000), () => undefined, "f.json")).toThrow(FormatError);
  });

  it("is refused in the header of a safetensors file", () => {
    const file = encodeSafetensors(
      { a: { shape: [1], data: new Float32Array(1) } },
      { x: "y".repeat(30_000) },
    );
    const header = `{"a":{"dtype":${nested(10_000)}}}`;
    const bytes = file.slice();
    bytes.fill(0x20, 8, bytes.length - 4);
    bytes.set(new TextEncoder().encode(header), 8);
    expect(() => decodeSafetensors(bytes, "f")).toThrow(FormatError);
    expect(() => decodeSafetensors(bytes, "f")).toThrow(
      "f: byte 8: the header is not JSON (it has more than 1024",
    );
  });
});
