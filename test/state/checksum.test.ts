/** @file The checksum within our safetensors files. */

import { expect, it } from "vitest";
import { FormatError } from "../../src/errors.js";
import { decodeTree, encodeTree } from "../../src/state/checkpoint.js";
import { checksumText, damageIn, seal } from "../../src/state/checksum.js";
import { decodeSafetensors, encodeSafetensors } from "../../src/state/safetensors.js";

const tree = { weights: Float32Array.of(1, 2, 3), name: "a run", steps: 7 };

it("finds a flipped bit at any place of a file", () => {
  const file = encodeTree(tree);
  expect(decodeTree(file)).toEqual(tree);
  for (let at = 0; at < file.length; at++) {
    const damaged = Uint8Array.from(file);
    damaged[at] ^= 1 << (at % 8);
    expect(() => decodeTree(damaged), `byte ${at}`).toThrow(FormatError);
  }
});

it("names both checksums", () => {
  const file = encodeTree(tree);
  file[file.length - 1] ^= 0x40;
  expect(() => decodeTree(file, "a.checkpoint")).toThrow(
    /^a\.checkpoint: the file is damaged: its checksum is [0-9a-f]{8}, and [0-9a-f]{8} was recorded$/,
  );
});

it("is absent from files of other programs, which are read", () => {
  const file = encodeSafetensors({ a: { shape: [1], data: Float32Array.of(1) } }, { format: "pt" });
  expect(damageIn(file)).toBeUndefined();
  expect(decodeSafetensors(file).metadata).toEqual({ format: "pt" });
  expect(() => seal(file)).toThrow("no place for a checksum");
});

it("is written with eight digits", () => {
  expect(checksumText(0xabc)).toBe("00000abc");
});
