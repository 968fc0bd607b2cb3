/** @file Arrays and archives of numpy, built byte by byte, valid and invalid. */

import { deflateRawSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { refuseIn } from "../../../src/datasets/formats/arrays.js";
import { decodeDemonstrations } from "../../../src/datasets/formats/index.js";
import { decodeNpy } from "../../../src/datasets/formats/npy.js";
import { unzip } from "../../../src/datasets/formats/zip.js";
import { FormatError } from "../../../src/errors.js";
import { box, discrete } from "../../../src/spaces/index.js";
import { npy } from "../../support/npy.js";
import { zipOf } from "../../support/zip.js";

const refuse = refuseIn("file.npz");

const header = (descr: string, shape: string, fortran = "False") =>
  `{'descr': '${descr}', 'fortran_order': ${fortran}, 'shape': (${shape}), }`;

const decode = (bytes: Uint8Array) => decodeNpy(bytes, "a.npy", refuse);

describe("a numpy array", () => {
  it("is read with every number type", () => {
    const kinds: [string, ArrayBufferView][] = [
      ["<f2", Uint16Array.of(0x3c00, 0x4000, 0x4200)],
      ["<f4", Float32Array.of(1, 2, 3)],
      ["<f8", Float64Array.of(1, 2, 3)],
      ["<i8", BigInt64Array.of(1n, 2n, 3n)],
      ["<u8", BigUint64Array.of(1n, 2n, 3n)],
      ["<i4", Int32Array.of(1, 2, 3)],
      ["<u2", Uint16Array.of(1, 2, 3)],
      ["|i1", Int8Array.of(1, 2, 3)],
      ["|u1", Uint8Array.of(1, 2, 3)],
    ];
    for (const [descr, data] of kinds) {
      for (const version of [1, 2, 3]) {
        const { data: values, shape } = decode(npy(header(descr, "3,"), data, version));
        expect(Array.from(values)).toEqual([1, 2, 3]);
        expect(shape).toEqual([3]);
      }
    }
    expect(Array.from(decode(npy(header("|b1", "2, 1"), Uint8Array.of(1, 0))).data)).toEqual([1, 0]);
    expect(decode(npy(header("<f4", ""), Float32Array.of(7))).shape).toEqual([]);
  });

  it("is read in big-endian and in Fortran order", () => {
    const big = new Uint8Array(8);
    new DataView(big.buffer).setFloat32(0, 1.5, false);
    new DataView(big.buffer).setFloat32(4, -2, false);
    expect(Array.from(decode(npy(header(">f4", "2,"), big)).data)).toEqual([1.5, -2]);
    const columns = Int32Array.of(1, 4, 2, 5, 3, 6);
    expect(Array.from(decode(npy(header("<i4", "2, 3", "True"), columns)).data)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it.each<[string, Uint8Array, string]>([
    [
      "Python objects",
      npy(header("|O", "1,"), new Uint8Array(20)),
      "Python objects, whose pickles may contain code",
    ],
    ["text", npy(header("<U8", "1,"), new Uint8Array(32)), 'its elements are "<U8"'],
    [
      "structures",
      npy("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }", new Uint8Array(4)),
      "its elements must be numbers, not structures",
    ],
    [
      "code in the header",
      npy("{'descr': __import__('os'), 'fortran_order': False, 'shape': (1,)}", new Uint8Array(4)),
      "its elements must be numbers, not structures",
    ],
    ["a negative shape", npy(header("<f4", "-1,"), new Uint8Array(4)), "its header cannot be read"],
    [
      "a shape beyond the data",
      npy(header("<f8", "999999999999, 999999999999"), new Uint8Array(8)),
      "but the file has 8",
    ],
    [
      "too few bytes",
      npy(header("<f8", "2,"), new Uint8Array(15)),
      "shape [2] of <f8 needs 16 bytes, but the file has 15",
    ],
    [
      "more axes than numpy has",
      npy(header("|b1", "1, ".repeat(15_017)), new Uint8Array(1)),
      "it has 15017 axes, more than numpy's 64",
    ],
    ["a version to come", npy(header("<f8", "0,"), new Uint8Array(0), 9), "version 9 of numpy's format"],
    ["no header", Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0), "version 1"],
    ["something else", Uint8Array.of(1, 2, 3), "does not begin like a numpy array"],
  ])("is refused with %s", (_, bytes, message) => {
    expect(() => decode(bytes)).toThrow(FormatError);
    expect(() => decode(bytes)).toThrow(message);
    expect(() => decode(bytes)).toThrow("file.npz: a.npy: ");
  });
});

describe("a zip archive", () => {
  const content = Uint8Array.from({ length: 1000 }, (_, i) => i % 7);
  const all = () => true;

  it("returns the requested members, stored or deflated", async () => {
    const archive = zipOf({ a: { content }, b: { content, deflated: true }, c: { content } });
    const files = await unzip(archive, refuse, (name) => name !== "c");
    expect([...files.keys()]).toEqual(["a", "b"]);
    expect(files.get("a")).toEqual(content);
    expect(files.get("b")).toEqual(content);
  });

  it("is refused where its directory has more entries than it declares", async () => {
    const short = zipOf({ a: { content }, b: { content } });
    new DataView(short.buffer, short.byteOffset).setUint16(short.length - 12, 1, true);
    await expect(unzip(short, refuse, all)).rejects.toThrow("has more than the 1 entries that it declares");
  });

  it("is refused if two members have the same name, or a name differs from its copy", async () => {
    const twice = zipOf({ a: { content }, b: { content } });
    // "b" in the header of the member and in the directory.
    const at = [...twice.keys()].filter((i) => twice[i] === 98 && twice[i - 1] === 0);
    for (const i of at) twice[i] = 97;
    await expect(unzip(twice, refuse, all)).rejects.toThrow("a: the archive has two members with this name");
    twice[at[0]] = 98;
    await expect(unzip(twice, refuse, all)).rejects.toThrow('a: its header has the name "b"');
  });

  it("is refused if a member is damaged or exceeds its declared size", async () => {
    const flipped = zipOf({ a: { content } });
    flipped[40] ^= 1;
    await expect(unzip(flipped, refuse, all)).rejects.toThrow("file.npz: a: it is damaged: its checksum");
    const bomb = new Uint8Array(deflateRawSync(new Uint8Array(10_000_000)));
    const raw = (size: number) => zipOf({ a: { content, raw: bomb, size } });
    await expect(unzip(raw(1000), refuse, all)).rejects.toThrow("does not expand to the declared 1000 bytes");
    await expect(unzip(raw(4_000_000_000), refuse, all)).rejects.toThrow(
      "bytes cannot expand to 4000000000 bytes by method 8",
    );
    await expect(unzip(zipOf({ a: { content } }).slice(0, 900), refuse, all)).rejects.toThrow("truncated");
  });
});

describe("a zip archive that expands without limit", () => {
  it("is refused if members overlap: hundreds of names for the same bytes", async () => {
    const names = Array.from({ length: 300 }, (_, i) => `m${i}`);
    const content = new Uint8Array(10_000);
    const archive = zipOf(Object.fromEntries(names.map((name) => [name, { content, deflated: true }])));
    const view = new DataView(archive.buffer);
    let entry = view.getUint32(archive.length - 6, true);
    let stored = 0;
    for (const [i, name] of names.entries()) {
      // Each member is said to reach to the end of the last one.
      if (i === 0) stored = view.getUint32(archive.length - 6, true);
      view.setUint32(entry + 20, stored - view.getUint32(entry + 42, true) - 30 - name.length, true);
      entry += 46 + name.length;
    }
    await expect(unzip(archive, refuse, () => true)).rejects.toThrow(
      'file.npz: m1: it overlaps with the member "m0"',
    );
  });

  it("is refused before a member takes more memory than the size of the file allows", async () => {
    const raw = new Uint8Array(300_000);
    const archive = zipOf({ a: { content: raw, raw, size: 300_000_000 } });
    await expect(unzip(archive, refuse, () => true)).rejects.toThrow(
      "file.npz: a: it takes 300000000 bytes of memory, but a file of 300100 bytes may take",
    );
  });

  it("is read if a constant array is compressed a thousandfold", async () => {
    const content = npy(header("<f8", "2500000,"), new Float64Array(2_500_000));
    const archive = zipOf({ a: { content, deflated: true } });
    expect(archive.length).toBeLessThan(content.length / 900);
    const { data, shape } = decode((await unzip(archive, refuse, () => true)).get("a")!);
    expect(shape).toEqual([2_500_000]);
    expect(data.every((value) => value === 0)).toBe(true);
  });
});

describe("an imitation archive", () => {
  const options = {
    env: "Tiny-v0",
    observationSpace: box([2], Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY),
    actionSpace: discrete(3),
  };
  /** Two episodes of 2 and 1 steps, with whatever is different. */
  const archive = (different: Record<string, Uint8Array | undefined> = {}) => {
    const arrays = {
      "obs.npy": npy(
        header("<f4", "5, 2"),
        Float32Array.from({ length: 10 }, (_, i) => i),
      ),
      "acts.npy": npy(header("<i8", "3,"), BigInt64Array.of(0n, 1n, 2n)),
      "infos.npy": npy(header("|O", "3,"), new Uint8Array(9)),
      "terminal.npy": npy(header("|b1", "2,"), Uint8Array.of(1, 0)),
      "indices.npy": npy(header("<i8", "1,"), BigInt64Array.of(2n)),
      "rews.npy": npy(header("<f8", "3,"), Float64Array.of(1, 2, 3)),
      ...different,
    };
    const members = Object.entries(arrays).flatMap(([name, content]) =>
      content ? [[name, { content }]] : [],
    );
    return decodeDemonstrations(zipOf(Object.fromEntries(members)), "file.npz", options);
  };

  it("is split into episodes, and its pickles are not read", async () => {
    const { trajectories, provenance } = await archive();
    expect(trajectories.map(({ observations }) => Array.from(observations))).toEqual([
      [0, 1, 2, 3, 4, 5],
      [6, 7, 8, 9],
    ]);
    expect(trajectories.map(({ actions }) => Array.from(actions))).toEqual([[0, 1], [2]]);
    expect(trajectories.map(({ terminated, truncated }) => [terminated, truncated])).toEqual([
      [true, false],
      [false, false],
    ]);
    expect(provenance.expertReturn).toBe(3);
  });

  it("has no rewards and no expert return if the file has no rewards", async () => {
    const { trajectories, provenance } = await archive({ "rews.npy": undefined });
    expect(Array.from(trajectories[0].rewards)).toEqual([0, 0]);
    expect(provenance.expertReturn).toBeNaN();
  });

  it.each<[string, Record<string, Uint8Array | undefined>, string]>([
    ["no actions", { "acts.npy": undefined }, "acts.npy: it is missing"],
    ["no terminal", { "terminal.npy": undefined }, "terminal.npy: it must be an array [steps], not nothing"],
    [
      "pickled observations",
      { "obs.npy": npy(header("|O", "5,"), new Uint8Array(5)) },
      "obs.npy: it contains Python obj",
    ],
    [
      "a trillion rows of no number",
      {
        "acts.npy": npy(header("<i8", "1000000000000, 0"), new Uint8Array(0)),
        "obs.npy": npy(header("<f4", "1000000000002, 0"), new Uint8Array(0)),
        "indices.npy": npy(header("<i8", "1,"), BigInt64Array.of(500_000_000_000n)),
        "rews.npy": undefined,
      },
      "episode 0/actions: it must be an array [500000000000] for Discrete(3), not [500000000000, 0]",
    ],
    [
      "an observation too few",
      { "obs.npy": npy(header("<f4", "4, 2"), new Float32Array(8)) },
      "3 actions in 2 episodes need 5 observations, not 4",
    ],
    [
      "a cut beyond the end",
      { "indices.npy": npy(header("<i8", "1,"), BigInt64Array.of(7n)) },
      "episode 0 has the steps 0 to 7",
    ],
    [
      "an empty episode",
      { "indices.npy": npy(header("<i8", "1,"), BigInt64Array.of(0n)) },
      "episode 0 has the steps 0 to 0",
    ],
    [
      "cuts for other episodes",
      { "indices.npy": npy(header("<i8", "2,"), BigInt64Array.of(1n, 2n)) },
      "indices.npy: it must be an array [1], not [2]",
    ],
    [
      "rewards for other steps",
      { "rews.npy": npy(header("<f8", "2,"), Float64Array.of(1, 2)) },
      "rews.npy: it must be an array [3]",
    ],
    [
      "an action that is none",
      { "acts.npy": npy(header("<i8", "3,"), BigInt64Array.of(0n, 3n, 0n)) },
      "episode 0: step 1: the action is outside its space: 3 is not an integer from 0 to 2",
    ],
    [
      "half an action",
      { "acts.npy": npy(header("<f8", "3,"), Float64Array.of(0, 0.5, 0)) },
      "row 1 is 0.5, but must be an integer",
    ],
    [
      "NaN",
      { "rews.npy": npy(header("<f8", "3,"), Float64Array.of(1, Number.NaN, 3)) },
      "episode 0: step 1: the reward is NaN",
    ],
    [
      "infinity",
      { "obs.npy": npy(header("<f4", "5, 2"), new Float32Array(10).fill(Infinity)) },
      "entry 0 of the observation is Infinity",
    ],
  ])("is refused with %s", async (_, different, message) => {
    await expect(archive(different)).rejects.toThrow(FormatError);
    await expect(archive(different)).rejects.toThrow(`file.npz: `);
    await expect(archive(different)).rejects.toThrow(message);
  });
});
