/** @file Minari data sets: reading returns what was written. */

import { describe, expect, it } from "vitest";
import { subsample, weighted } from "../../../src/datasets/demonstration-tools.js";
import { refuseIn } from "../../../src/datasets/formats/arrays.js";
import { readHdf5, writeHdf5 } from "../../../src/datasets/formats/hdf5.js";
import { decodeDemonstrations, encodeMinari, writeMinari } from "../../../src/datasets/formats/index.js";
import { FormatError, UsageError } from "../../../src/errors.js";
import { createRng } from "../../../src/random/rng.js";
import { box, discrete, type Space } from "../../../src/spaces/index.js";
import { randomDemonstrations } from "../../support/demonstrations.js";
import { memoryFolder } from "../../support/memory-folder.js";

const endless = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY] as const;

describe("a Minari data set", () => {
  it("round-trips for all spaces", async () => {
    const spaces: [Space, Space][] = [
      [box([2, 2], ...endless), box([2], [-1, -0.1], [0.1, Number.POSITIVE_INFINITY])],
      [discrete(7), { kind: "multi-discrete", sizes: [2, 5] }],
      [
        {
          kind: "dict",
          spaces: {
            place: discrete(3),
            inner: { kind: "tuple", spaces: [box([2], ...endless), { kind: "multi-binary", n: 3 }] },
          },
        },
        discrete(2),
      ],
    ];
    for (const [observationSpace, actionSpace] of spaces) {
      const written = randomDemonstrations({ episodes: 12, observationSpace, actionSpace });
      const read = await decodeDemonstrations(await encodeMinari(written), "main_data.hdf5", {
        env: "Random-v0",
        observationSpace,
        actionSpace,
        provenance: written.provenance,
      });
      expect(read.trajectories).toStrictEqual(written.trajectories);
      expect(read.provenance).toEqual({ ...written.provenance, format: "Minari" });
    }
  });

  it("has the layout that Minari reads", async () => {
    const demonstrations = randomDemonstrations({ episodes: 2, observationSpace: box([3], ...endless) });
    const folder = memoryFolder();
    await writeMinari(folder, demonstrations);
    const metadata = JSON.parse(new TextDecoder().decode(folder.files.get("data/metadata.json")));
    expect(metadata).toMatchObject({
      data_format: "hdf5",
      total_episodes: 2,
      total_steps: demonstrations.trajectories.reduce((sum, { rewards }) => sum + rewards.length, 0),
      // Python's JSON knows these infinities, and no others.
      observation_space:
        '{"type":"Box","dtype":"float32","shape":[3],"low":[-Infinity,-Infinity,-Infinity],"high":[Infinity,Infinity,Infinity]}',
      action_space: '{"type":"Discrete","dtype":"int64","start":0,"n":4}',
    });
    const root = await readHdf5(folder.files.get("data/main_data.hdf5")!, refuseIn("written"));
    expect([...root.parts.keys()]).toEqual(["episode_0", "episode_1"]);
    const episode = root.parts.get("episode_0");
    expect(episode?.kind === "group" && [...episode.parts.keys()].sort()).toEqual([
      "actions",
      "observations",
      "rewards",
      "terminations",
      "truncations",
    ]);
    await expect(writeMinari(folder, demonstrations)).rejects.toThrow("already contains a Minari data set");
  });

  it("does not support subsampling or weights", async () => {
    const demonstrations = randomDemonstrations();
    const few = subsample(demonstrations, { every: 2, rng: createRng(0) });
    await expect(encodeMinari(few)).rejects.toThrow(UsageError);
    await expect(encodeMinari(weighted(demonstrations, [1, 1, 1, 2, 1]))).rejects.toThrow(
      "episode 3 is subsampled or weighted",
    );
  });
});

describe("an HDF5 file that is not a data set", () => {
  const options = { env: "Tiny-v0", observationSpace: box([1], ...endless), actionSpace: discrete(2) };
  const column = (...values: number[]) => ({ data: Float64Array.from(values), shape: [values.length] });
  const flags = (...values: number[]) => ({ data: Uint8Array.from(values), shape: [values.length] });
  const sound = {
    observations: { data: Float32Array.of(1, 2, 3), shape: [3, 1] },
    actions: { data: Int32Array.of(0, 1), shape: [2] },
    rewards: column(1, 1),
    terminations: flags(0, 1),
    truncations: flags(0, 0),
  };
  const flat = {
    observations: { data: Float32Array.of(1, 2, 3), shape: [3, 1] },
    actions: column(0, 1, 0),
    rewards: column(1, 1, 1),
    terminals: flags(0, 0, 1),
  };
  const decode = async (content: Parameters<typeof writeHdf5>[0]) =>
    decodeDemonstrations(await writeHdf5(content), "f.hdf5", options);

  it("is read by a new instance of the library if the last one failed", async () => {
    const impossible = { a: { data: "no numbers" as unknown as Float64Array, shape: [-1] } };
    for (let i = 0; i < 2; i++) {
      await expect(writeHdf5(impossible)).rejects.toThrow();
      expect((await decode({ episode_0: { group: sound } })).trajectories).toHaveLength(1);
    }
  });

  it("does not prevent a valid file from being read", async () => {
    const { trajectories } = await decode({ episode_0: { group: sound } });
    expect(trajectories[0].terminated).toBe(true);
  });

  it.each<[string, Parameters<typeof writeHdf5>[0], string]>([
    ["nothing in it", {}, "f.hdf5: it has no content; the layouts that are read are Minari's (episode_0"],
    ["an array for an episode", { episode_0: column(1) }, "episode_0: it must be a group of arrays"],
    [
      "an observation too few",
      { episode_0: { group: { ...sound, observations: { data: Float32Array.of(1, 2), shape: [2, 1] } } } },
      "episode_0/observations: it must be an array [3, 1] for Box(1)",
    ],
    [
      "flags of another length",
      { episode_0: { group: { ...sound, truncations: flags(0) } } },
      "episode_0/truncations: it must be an array [2], not [1]",
    ],
    [
      "an end before the end",
      { episode_0: { group: { ...sound, terminations: flags(1, 0) } } },
      "episode_0/terminations: it is true at step 0, before the last of 2",
    ],
    [
      "NaN",
      { episode_0: { group: { ...sound, rewards: column(1, Number.NaN) } } },
      "episode_0: step 1: the reward is NaN",
    ],
    [
      "a group for the rewards",
      { ...flat, rewards: { group: {} } },
      "rewards: it must be an array [steps], not a group of nothing",
    ],
    [
      "a flag that is neither 0 nor 1",
      { episode_0: { group: { ...sound, terminations: flags(0, 2) } } },
      "episode_0/terminations: row 1 is 2, but must be 0 or 1",
    ],
    [
      "an episode missing",
      { episode_0: { group: sound }, episode_2: { group: sound } },
      "f.hdf5: episode_1: it is missing, although episode_2 is there",
    ],
    [
      "an observation beyond float32",
      {
        episode_0: {
          group: { ...sound, observations: { data: Float64Array.of(1, 1e39, 3), shape: [3, 1] } },
        },
      },
      "episode_0/observations: row 1 is 1e+39, which is beyond the range of float32",
    ],
    [
      "flat arrays of different lengths",
      {
        observations: column(1, 2, 3),
        actions: column(0, 1, 0),
        rewards: column(1, 1),
        terminals: flags(0, 1),
      },
      "observations: it has 3 rows, but rewards has 2",
    ],
    [
      "a group of next observations to an array of observations",
      { ...flat, next_observations: { group: { a: flat.observations } } },
      "next_observations: it is a group of a, but observations has [3, 1]: their layouts must be equal",
    ],
    [
      "an array of next observations to a group of observations",
      { ...flat, observations: { group: { a: flat.observations } }, next_observations: flat.observations },
      "next_observations: it is [3, 1], but observations has a group of a: their layouts must be equal",
    ],
    [
      "a part of the next observations missing",
      {
        ...flat,
        observations: { group: { a: flat.observations, b: flat.observations } },
        next_observations: { group: { a: flat.observations } },
      },
      "next_observations/b: it is nothing, but observations has [3, 1]",
    ],
    [
      "next observations that are wider",
      { ...flat, next_observations: { data: new Float32Array(6), shape: [3, 2] } },
      "next_observations: it is [3, 2], but observations has [3, 1]: their layouts must be equal",
    ],
  ])("is refused with %s", async (_, content, message) => {
    await expect(decode(content)).rejects.toThrow(FormatError);
    await expect(decode(content)).rejects.toThrow(message);
  });
});
