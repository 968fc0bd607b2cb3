import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import {
  loadDemonstrations,
  openDemonstrations,
  saveDemonstrations,
  writeDemonstrations,
} from "../../src/datasets/demonstrations-folder.js";
import { FormatError, UsageError } from "../../src/errors.js";
import { box, discrete, type Space } from "../../src/spaces/index.js";
import { crc32c } from "../../src/state/crc32c.js";
import { decodeSafetensors, encodeSafetensors, type StoredTensor } from "../../src/state/safetensors.js";
import { damage } from "../support/damage.js";
import { randomDemonstrations } from "../support/demonstrations.js";
import { memoryFolder } from "../support/memory-folder.js";

const MANIFEST = "demonstrations.json";
const demonstrations = randomDemonstrations({ episodes: 8 });

/** A folder with three shards or so. */
async function stored() {
  const folder = memoryFolder();
  const writer = await writeDemonstrations(folder, demonstrations, { shardSteps: 12 });
  for (const trajectory of demonstrations.trajectories) await writer.append(trajectory);
  await writer.close();
  return folder;
}

let sound: Awaited<ReturnType<typeof stored>>;
beforeAll(async () => {
  sound = await stored();
});

/** A copy of the sound folder in which the text of the manifest has been changed. */
function withManifest(change: (text: string) => string) {
  const folder = memoryFolder(new Map(sound.files));
  const text = new TextDecoder().decode(folder.files.get(MANIFEST));
  expect(change(text)).not.toBe(text);
  folder.files.set(MANIFEST, new TextEncoder().encode(change(text)));
  return folder;
}

/** A copy of the sound folder in which a shard has been rewritten, and the manifest brought in line with it. */
function withShard(index: number, change: (tensors: Record<string, StoredTensor>) => void) {
  const tensors: Record<string, StoredTensor> = {
    ...decodeSafetensors(sound.files.get(shardFile(index))!).tensors,
  };
  change(tensors);
  return withShardBytes(index, encodeSafetensors(tensors));
}

/** A copy of the sound folder with other bytes for a shard, and a manifest that agrees with them. */
function withShardBytes(index: number, bytes: Uint8Array) {
  const folder = withManifest((text) => {
    const manifest = JSON.parse(text);
    Object.assign(manifest.shards[index], { bytes: bytes.length, checksum: crc32c(bytes) });
    return JSON.stringify(manifest);
  });
  folder.files.set(shardFile(index), bytes);
  return folder;
}

const shardFile = (index: number) => `episodes-0000${index}.safetensors`;

describe("demonstrations in a folder", () => {
  it("round-trip for all spaces", async () => {
    const spaces: [Space, Space][] = [
      [box([2, 2], -1, 1), box([2], [-1, -0.1], [0.1, Number.POSITIVE_INFINITY])],
      [discrete(7), { kind: "multi-discrete", sizes: [2, 5] }],
      [
        { kind: "dict", spaces: { place: discrete(3), "to/go": box([1], 0, 9) } },
        { kind: "multi-binary", n: 3 },
      ],
      [{ kind: "tuple", spaces: [discrete(2), { kind: "multi-binary", n: 2 }] }, discrete(2)],
    ];
    for (const [observationSpace, actionSpace] of spaces) {
      const saved = randomDemonstrations({ observationSpace, actionSpace });
      const folder = memoryFolder();
      await saveDemonstrations(folder, saved);
      expect(await loadDemonstrations(folder)).toStrictEqual(saved);
    }
  });

  it("keep demonstrated pairs, weights and experts, in version 2 of the format", async () => {
    const { trajectories } = demonstrations;
    const selective = {
      ...demonstrations,
      trajectories: [
        { ...trajectories[0], steps: Int32Array.of(0), weight: 0.5, expert: "Ada" },
        trajectories[1],
        { ...trajectories[2], expert: "Ada" },
        { ...trajectories[3], weight: 0, expert: "Bo" },
        { ...trajectories[4], steps: new Int32Array(0) },
      ],
    };
    const folder = memoryFolder();
    await saveDemonstrations(folder, selective);
    expect(await loadDemonstrations(folder)).toStrictEqual(selective);
    const manifest = (files: typeof folder.files) =>
      JSON.parse(new TextDecoder().decode(files.get(MANIFEST)));
    expect(manifest(folder.files).version).toBe(2);
    expect(manifest(sound.files).version).toBe(1);
  });

  it("are split into shards, which are read in order and one at a time", async () => {
    expect([...sound.files.keys()].length).toBeGreaterThan(3);
    const reads: string[] = [];
    const watched = {
      ...sound,
      read: (name: string) => {
        reads.push(name);
        return sound.read(name);
      },
    };
    const opened = await openDemonstrations(watched);
    expect(opened.episodes).toBe(8);
    expect(opened.provenance).toEqual(demonstrations.provenance);
    const trajectories = opened.trajectories();
    expect(reads).toEqual([MANIFEST]);
    expect((await trajectories.next()).value).toStrictEqual(demonstrations.trajectories[0]);
    expect(reads).toEqual([MANIFEST, "episodes-00000.safetensors"]);
    const all = [];
    for await (const trajectory of opened.trajectories()) all.push(trajectory);
    expect(all).toStrictEqual(demonstrations.trajectories);
  });

  it("are never overwritten", async () => {
    await expect(saveDemonstrations(await stored(), demonstrations)).rejects.toThrow(
      "already contains demonstrations",
    );
  });
});

describe("an interrupted writer", () => {
  it("leaves a folder without episodes, which the next writer uses", async () => {
    const folder = memoryFolder();
    await writeDemonstrations(folder, demonstrations);
    await saveDemonstrations(folder, demonstrations);
    expect((await openDemonstrations(folder)).episodes).toBe(demonstrations.trajectories.length);
  });

  it("leaves every complete shard readable at all times", async () => {
    const folder = memoryFolder();
    const moments: Map<string, Uint8Array>[] = [];
    const watched = {
      ...folder,
      write: async (name: string, bytes: Uint8Array) => {
        await folder.write(name, bytes);
        moments.push(new Map(folder.files));
      },
    };
    const writer = await writeDemonstrations(watched, demonstrations, { shardSteps: 12 });
    for (const trajectory of demonstrations.trajectories) await writer.append(trajectory);
    await writer.close();
    const counts: number[] = [];
    for (const files of moments) {
      const { episodes, trajectories } = await openDemonstrations(memoryFolder(files));
      let read = 0;
      for await (const trajectory of trajectories()) {
        expect(trajectory).toStrictEqual(demonstrations.trajectories[read++]);
      }
      expect(read).toBe(episodes);
      counts.push(episodes);
    }
    expect(counts[0]).toBe(0);
    expect(counts.at(-1)).toBe(8);
    expect(counts).toEqual(counts.toSorted((a, b) => a - b));
    await expect(loadDemonstrations(memoryFolder(moments[0]))).rejects.toThrow("has no episode");
  });

  it("keeps all episodes when the disk is full, and continues when there is space again", async () => {
    const folder = memoryFolder();
    let full = false;
    const limited = {
      ...folder,
      write: async (name: string, bytes: Uint8Array) => {
        if (full) throw new Error("cannot write: the disk is full");
        await folder.write(name, bytes);
      },
    };
    const writer = await writeDemonstrations(limited, demonstrations, { shardSteps: 1 });
    const [first, second] = demonstrations.trajectories;
    await writer.append(first);
    full = true;
    await expect(writer.append(second)).rejects.toThrow("the disk is full");
    expect((await loadDemonstrations(folder)).trajectories).toStrictEqual([first]);
    full = false;
    await writer.close();
    expect((await loadDemonstrations(folder)).trajectories).toStrictEqual([first, second]);
  });

  it("reports the expert's return over the episodes written so far", async () => {
    const folder = memoryFolder();
    const { provenance: _, ...header } = demonstrations;
    const writer = await writeDemonstrations(folder, header);
    const rewards = (...values: number[]) => ({
      ...demonstrations.trajectories[0],
      observations: new Float32Array(3 * (values.length + 1)),
      actions: new Int32Array(values.length),
      rewards: Float64Array.from(values),
    });
    await writer.append(rewards(1, 2));
    await writer.append(rewards(4));
    await writer.close();
    expect((await openDemonstrations(folder)).provenance.expertReturn).toBe(3.5);
  });

  it("refuses an episode that does not fit the spaces, and keeps those before it", async () => {
    const folder = memoryFolder();
    const writer = await writeDemonstrations(folder, demonstrations);
    const [sane] = demonstrations.trajectories;
    await writer.append(sane);
    const wrong = { ...sane, actions: sane.actions.map(() => 4) as Int32Array };
    await expect(writer.append(wrong)).rejects.toThrow("episode 1: step 0: the action is outside its space");
    await writer.close();
    expect((await loadDemonstrations(folder)).trajectories).toStrictEqual([sane]);
  });
});

describe("a broken folder", () => {
  const expectRefusal = async (
    folder: Parameters<typeof loadDemonstrations>[0],
    message: string | RegExp,
  ) => {
    await expect(loadDemonstrations(folder)).rejects.toThrow(FormatError);
    await expect(loadDemonstrations(folder)).rejects.toThrow(message);
  };

  it("is refused without a manifest", async () => {
    await expect(loadDemonstrations(memoryFolder())).rejects.toThrow(UsageError);
    await expect(loadDemonstrations(memoryFolder())).rejects.toThrow("no demonstrations in memory");
  });

  it("names a missing shard", async () => {
    const folder = memoryFolder(new Map(sound.files));
    folder.files.delete("episodes-00001.safetensors");
    await expectRefusal(folder, "memory/episodes-00001.safetensors is missing");
  });

  it("reports a truncated or damaged shard, and what to do", async () => {
    const name = "episodes-00001.safetensors";
    const bytes = sound.files.get(name)!;
    const cut = memoryFolder(new Map(sound.files).set(name, bytes.subarray(0, 100)));
    await expectRefusal(
      cut,
      `memory/${name}: it has 100 bytes, but the manifest lists ${bytes.length}: it is truncated`,
    );
    const flipped = bytes.slice();
    flipped[flipped.length - 1] ^= 1;
    const damaged = memoryFolder(new Map(sound.files).set(name, flipped));
    await expectRefusal(
      damaged,
      `memory/${name}: it is damaged: its checksum differs from the manifest; copy it again`,
    );
  });

  it("gives file, episode and step of a value that is not finite, with episodes counted over all shards", async () => {
    const before = JSON.parse(new TextDecoder().decode(sound.files.get(MANIFEST))).shards[0].episodes;
    const place = `memory/episodes-00001.safetensors: episode ${before}: step 0: `;
    await expectRefusal(
      withShard(1, ({ observations }) => observations.data.fill(Number.NaN as never, 0, 1)),
      `${place}entry 0 of the observation is NaN`,
    );
    await expectRefusal(
      withShard(1, ({ actions }) => actions.data.fill(4 as never, 0, 1)),
      `${place}the action is outside its space: 4 is not an integer from 0 to 3`,
    );
  });

  it("names tensors that differ from the manifest", async () => {
    await expectRefusal(
      withShard(0, (tensors) => delete tensors.rewards),
      /tensor "rewards" must be Float64Array \[\d+\] according to the manifest, not nothing/,
    );
    await expectRefusal(
      withShard(0, (tensors) => {
        tensors.lengths = { shape: [1], data: Int32Array.of(1) };
      }),
      /tensor "lengths" must be Int32Array \[\d\] according to the manifest, not Int32Array \[1\]/,
    );
    await expectRefusal(
      withShard(0, ({ lengths }) => lengths.data.fill(0 as never, 0, 1)),
      /the lengths of its \d episodes must be positive and sum to \d+/,
    );
  });

  it("names an invalid field of the manifest", async () => {
    const cases: [string | RegExp, string, string][] = [
      [/^\{/, "", "memory/demonstrations.json: not JSON"],
      ['"understudy.demonstrations"', '"something.else"', "this is not a manifest of demonstrations"],
      [
        '"version": 1',
        '"version": 3',
        "the format version is 3, but this release reads 1 and 2: use the release that wrote it",
      ],
      ['"env": "Random-v0"', '"env": 5', "field env: "],
      ['"kind": "discrete"', '"kind": "discreet"', "field actionSpace"],
      ['"n": 4', '"n": 0', "field actionSpace: n must be a positive integer below 2³¹, not 0"],
      ['"bytes": ', '"bytes": -', "field shards.0.bytes: "],
      ["episodes-00001", "../episodes-00001", 'field shards.1.file: it must be "episodes-00001.safetensors"'],
    ];
    for (const [from, to, message] of cases) {
      await expectRefusal(
        withManifest((text) => text.replace(from, to)),
        message,
      );
    }
  });

  it("is refused for deeply nested spaces in its manifest", async () => {
    const nested = (depth: number) =>
      `${'{"kind":"tuple","spaces":['.repeat(depth)}{"kind":"discrete","n":0}${"]}".repeat(depth)}`;
    const withSpace = (depth: number) =>
      withManifest((text) => {
        const { observationSpace: _, ...rest } = JSON.parse(text);
        return `${JSON.stringify(rest).slice(0, -1)},"observationSpace":${nested(depth)}}`;
      });
    for (const depth of [1000, 50_000]) {
      await expectRefusal(
        withSpace(depth),
        "memory/demonstrations.json: it has more than 1024 levels of nesting",
      );
    }
    // The deepest that gets as far as the check of the spaces themselves.
    await expectRefusal(withSpace(127), "field observationSpace");
  });

  it("with random damage gives a FormatError, or demonstrations if the damage is undetectable", async () => {
    const names = [...sound.files.keys()];
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...names),
        damage,
        fc.boolean(),
        async (name, damaged, checksumFits) => {
          const bytes = damaged(sound.files.get(name)!);
          const shard = names.filter((other) => other !== MANIFEST).indexOf(name);
          // A checksum that fits lets the damage through to the reader of tensors.
          const folder =
            checksumFits && shard >= 0
              ? withShardBytes(shard, bytes)
              : memoryFolder(new Map(sound.files).set(name, bytes));
          try {
            await loadDemonstrations(folder);
          } catch (error) {
            expect(error).toBeInstanceOf(FormatError);
          }
        },
      ),
      { seed: 1, numRuns: 2000 },
    );
  });
});

describe("crc32c", () => {
  it("gives the check values of RFC 3720, appendix B.4", () => {
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
    expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43);
    expect(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i))).toBe(0x46dd794e);
    expect(crc32c(new TextEncoder().encode("123456789"))).toBe(0xe3069283);
    expect(crc32c(new TextEncoder().encode("56789"), crc32c(new TextEncoder().encode("1234")))).toBe(
      0xe3069283,
    );
  });
});
