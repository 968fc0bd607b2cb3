/** @file Minari data sets: reading returns what was written. */

import * as h5 from "h5wasm";
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
      "infos",
      "observations",
      "rewards",
      "terminations",
      "truncations",
    ]);
    await expect(writeMinari(folder, demonstrations)).rejects.toThrow("already contains a Minari data set");
  });

  it("has what Minari's reader requires, in its types", async () => {
    const observationSpace: Space = {
      kind: "dict",
      spaces: { picture: box([2, 2], 0, 1), switches: { kind: "multi-binary", n: 3 } },
    };
    const actionSpace: Space = { kind: "multi-discrete", sizes: [2, 5] };
    const demonstrations = randomDemonstrations({ episodes: 2, observationSpace, actionSpace });
    const folder = { ...memoryFolder(), path: "home/.minari/datasets/tasks/cart/expert-v2" };
    await writeMinari(folder, demonstrations);
    const metadata = JSON.parse(new TextDecoder().decode(folder.files.get("data/metadata.json")));
    expect(metadata.dataset_id).toBe("tasks/cart/expert-v2");
    expect(metadata).toMatchObject({ minari_version: "0.5.0", data_format: "hdf5", jpeg_encoding: false });
    for (const count of ["total_episodes", "total_steps"])
      expect(Number.isInteger(metadata[count])).toBe(true);
    expect(JSON.parse(metadata.action_space)).toEqual({
      type: "MultiDiscrete",
      dtype: "int64",
      nvec: [2, 5],
      start: [0, 0],
    });
    expect(JSON.parse(metadata.observation_space).subspaces).toEqual({
      picture: {
        type: "Box",
        dtype: "float32",
        shape: [2, 2],
        low: [
          [0, 0],
          [0, 0],
        ],
        high: [
          [1, 1],
          [1, 1],
        ],
      },
      switches: { type: "MultiBinary", n: 3 },
    });

    await h5.ready;
    h5.FS!.writeFile("/written.h5", folder.files.get("data/main_data.hdf5")!);
    const file = new h5.File("/written.h5", "r");
    for (const [i, { rewards }] of demonstrations.trajectories.entries()) {
      const episode = file.get(`episode_${i}`) as h5.Group;
      const attribute = (name: string) => [episode.attrs[name].dtype, episode.attrs[name].value];
      expect(attribute("id")).toEqual(["<q", BigInt(i)]);
      expect(attribute("total_steps")).toEqual(["<q", BigInt(rewards.length)]);
      const arrays = {
        "observations/picture": ["<f", [rewards.length + 1, 2, 2]],
        "observations/switches": ["<b", [rewards.length + 1, 3]],
        actions: ["<q", [rewards.length, 2]],
        rewards: ["<d", [rewards.length]],
        terminations: ["<b", [rewards.length]],
        truncations: ["<b", [rewards.length]],
      };
      for (const [name, [dtype, shape]] of Object.entries(arrays)) {
        const array = episode.get(name) as h5.Dataset;
        expect([name, array.dtype, array.shape]).toEqual([name, dtype, shape]);
      }
      expect((episode.get("infos") as h5.Group).keys()).toEqual([]);
    }
    file.close();
  });

  it.each([
    ["home/.minari/datasets/expert-v0", "expert-v0"],
    ["some/where/frozenlake/expert-v0", "frozenlake/expert-v0"],
    ["out", "Random-v0/understudy-v0"],
    ["out/my data-v0", "Random-v0/understudy-v0"],
  ])("has the id of its folder where that is one of Minari: %s", async (path, id) => {
    const folder = { ...memoryFolder(), path };
    await writeMinari(folder, { ...randomDemonstrations(), env: "Random-v0" });
    const metadata = JSON.parse(new TextDecoder().decode(folder.files.get("data/metadata.json")));
    expect(metadata.dataset_id).toBe(id);
  });

  it("is not written from demonstrations that do not fit their spaces", async () => {
    const whole = randomDemonstrations();
    const [first, ...others] = whole.trajectories;
    const trajectories = [{ ...first, actions: first.actions.map(() => 9) }, ...others];
    await expect(encodeMinari({ ...whole, trajectories })).rejects.toThrow(
      "episode 0: step 0: the action is outside its space: 9 is not an integer from 0 to 3",
    );
  });

  it.each(["camera/front", "/", "", ".", "a\0"])("has no place for a part with the name %j", async (name) => {
    const inner: Space = { kind: "dict", spaces: { [name]: box([1], 0, 1) } };
    for (const observationSpace of [inner, { kind: "tuple", spaces: [inner] } satisfies Space]) {
      const demonstrations = randomDemonstrations({ observationSpace });
      await expect(encodeMinari(demonstrations)).rejects.toThrow(UsageError);
      await expect(encodeMinari(demonstrations)).rejects.toThrow(
        `the part "${name}" of a dict space cannot be`,
      );
    }
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
