/**
 * @file Damaged files of this project, with checksums that fit the damage, are read or refused with a FormatError or
 * UsageError, in bounded time and memory.
 */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  decodeManifest,
  decodeShard,
  encodeManifest,
  encodeShard,
} from "../../src/datasets/demonstrations-format.js";
import { refuseIn } from "../../src/datasets/formats/arrays.js";
import { decodeNpy } from "../../src/datasets/formats/npy.js";
import { unzip } from "../../src/datasets/formats/zip.js";
import { FormatError, UsageError } from "../../src/errors.js";
import type { Policy, PolicyData } from "../../src/policies/contract.js";
import { loadArtefact, loadPolicy, saveArtefact, savePolicy } from "../../src/policies/index.js";
import { box, discrete } from "../../src/spaces/index.js";
import { decodeTree, encodeTree } from "../../src/state/checkpoint.js";
import { NO_CHECKSUM, seal } from "../../src/state/checksum.js";
import { crc32c } from "../../src/state/crc32c.js";
import { decodeSafetensors, encodeSafetensors } from "../../src/state/safetensors.js";
import { damage } from "../support/damage.js";
import { npy } from "../support/npy.js";
import { zipOf } from "../support/zip.js";

/** What a reading may take on a slow core, and all readings together, in bytes. */
const MOST_SECONDS = 10;
const MOST_MEMORY = 2 ** 30;

const spaces = { observationSpace: box([2], -1, 1), actionSpace: discrete(2) };
const policy = (kind: string, settings: Record<string, unknown>, arrays: PolicyData["arrays"]) =>
  savePolicy({ toData: () => ({ kind, settings, arrays }) } as Policy);
const floats = (...shape: number[]) => ({
  shape,
  data: new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(0.5),
});
const tables = (...shape: number[]) => ({ shape, data: Float64Array.from(floats(...shape).data) });
const network = { ...spaces, hidden: [3], activation: "tanh", critic: false };
const weights = {
  "actor.hidden0.weight": floats(2, 3),
  "actor.hidden0.bias": floats(3),
  "actor.output.weight": floats(3, 2),
  "actor.output.bias": floats(2),
};
const episode = {
  observations: new Float32Array(6),
  actions: Int32Array.of(0, 1),
  rewards: Float64Array.of(1, 2),
  terminated: true,
  truncated: false,
  steps: Int32Array.of(1),
  weight: 2,
  expert: "a",
};
const shard = {
  file: "episodes-00000.safetensors",
  episodes: 2,
  steps: 4,
  bytes: 0,
  checksum: 0,
  selective: true,
};
const manifest = { env: "Tiny-v0", ...spaces, provenance: { expertReturn: 3 }, shards: [shard] };
const tree = {
  steps: 7,
  name: "x",
  list: [1, Number.NaN, { data: new Uint8Array(9) }],
  rows: new Float32Array(20),
};
const array = npy("{'descr': '<f8', 'fortran_order': True, 'shape': (3, 4), }", new Float64Array(12));

/** The checksum of damaged bytes, if there is still a place for it. */
const sealed = (bytes: Uint8Array): Uint8Array => {
  try {
    return seal(bytes);
  } catch {
    return bytes;
  }
};

const formats: [string, Uint8Array, (bytes: Uint8Array) => unknown][] = [
  ["a network policy", policy("network", network, weights), loadPolicy],
  ["a uniform policy", policy("uniform", spaces, {}), loadPolicy],
  ["a tabular policy", policy("tabular", {}, { table: tables(2, 2) }), loadPolicy],
  ["a time-indexed policy", policy("time-indexed", {}, { table: tables(3, 2, 2) }), loadPolicy],
  [
    "a mixture",
    policy(
      "mixture",
      { weights: [1], policies: [{ kind: "tabular", settings: {} }] },
      {
        "policy0.table": tables(2, 2),
      },
    ),
    loadPolicy,
  ],
  [
    "an artefact",
    saveArtefact({ toData: () => ({ kind: "x", settings: {}, arrays: { w: floats(3) } }) }),
    loadArtefact,
  ],
  ["a checkpoint", encodeTree(tree), (bytes) => decodeTree(bytes)],
  [
    "a safetensors file",
    encodeSafetensors({ a: floats(2, 3), b: tables(4) }, { checksum: NO_CHECKSUM }),
    (bytes) => decodeSafetensors(bytes),
  ],
  [
    "a manifest of demonstrations",
    encodeManifest(manifest),
    (bytes) => decodeManifest(bytes, "demonstrations.json"),
  ],
  [
    "a shard of demonstrations",
    encodeShard([episode, episode], spaces),
    (bytes) =>
      decodeShard(bytes, { ...shard, bytes: bytes.length, checksum: crc32c(bytes) }, spaces, shard.file),
  ],
  ["a numpy array", array, (bytes) => decodeNpy(bytes, "a.npy", refuseIn("f"))],
  [
    "an archive",
    zipOf({ a: { content: array, deflated: true }, b: { content: array } }),
    (bytes) => unzip(bytes, refuseIn("f"), () => true),
  ],
];

/** Replaces a number in a text, which the headers of these files are, by the largest number of its length. */
const largeNumber = fc.nat(10_000).map((which) => (bytes: Uint8Array) => {
  const text = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  const numbers = [...text.matchAll(/\d+/g)];
  const copy = bytes.slice();
  const { index = 0, 0: digits = "" } = numbers[which % Math.max(1, numbers.length)] ?? {};
  return copy.fill("9".charCodeAt(0), index, index + digits.length);
});

describe("a damaged file", () => {
  it.each(formats)("is read or refused within bounds: %s", async (_, sound, read) => {
    await read(sealed(sound.slice()));
    let refused = 0;
    const before = process.resourceUsage().maxRSS;
    await fc.assert(
      fc.asyncProperty(fc.oneof(damage, largeNumber), async (spoil) => {
        const started = performance.now();
        try {
          await read(sealed(spoil(sound)));
        } catch (error) {
          if (!(error instanceof FormatError || error instanceof UsageError)) throw error;
          refused++;
        }
        expect(performance.now() - started).toBeLessThan(1000 * MOST_SECONDS);
      }),
      { numRuns: 300, seed: 20 },
    );
    expect(refused).toBeGreaterThan(50);
    expect(1024 * (process.resourceUsage().maxRSS - before)).toBeLessThan(MOST_MEMORY);
  });
});
