/** @file Files written by Python programs: they contain the episodes of Gymnasium. */

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Demonstrations } from "../../../src/datasets/demonstrations.js";
import {
  decodeDemonstrations,
  type FileFormat,
  type ReadingOptions,
} from "../../../src/datasets/formats/index.js";
import { FormatError, UsageError } from "../../../src/errors.js";
import { box, discrete, type Space } from "../../../src/spaces/index.js";

const folder = new URL("../../data-files/demonstrations/", import.meta.url);
const bytesOf = (name: string) => new Uint8Array(readFileSync(new URL(name, folder)));

interface Expected {
  observations: number[][];
  actions: number[] | number[][];
  rewards: number[];
  terminated: boolean;
  truncated: boolean;
}
const expected: Record<"cartpole" | "pendulum", Expected[]> = JSON.parse(
  readFileSync(new URL("expected.json", folder), "utf8"),
);

const cartpole: ReadingOptions = {
  env: "CartPole-v1",
  observationSpace: box([4], Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY),
  actionSpace: discrete(2),
  maxEpisodeSteps: 20,
};
const pendulum: ReadingOptions = {
  env: "Pendulum-v1",
  observationSpace: box([3], [-1, -1, -8], [1, 1, 8]),
  actionSpace: box([1], -2, 2),
  maxEpisodeSteps: 6,
};
const read = (name: string, options: ReadingOptions, format?: FileFormat) =>
  decodeDemonstrations(bytesOf(name), name, options, format);

/** Compares with the episodes as Gymnasium gave them, without their last `dropped` steps. */
function expectEpisodes({ trajectories }: Demonstrations, episodes: Expected[], dropped = 0): void {
  expect(trajectories).toHaveLength(episodes.length);
  for (const [i, { observations, actions, rewards, terminated, truncated }] of episodes.entries()) {
    const steps = rewards.length - dropped;
    const found = trajectories[i];
    expect(Array.from(found.observations)).toEqual(observations.slice(0, steps + 1).flat());
    expect(Array.from(found.actions)).toEqual(actions.slice(0, steps).flat());
    expect(found.rewards).toHaveLength(steps);
    for (let t = 0; t < steps; t++) expect(found.rewards[t]).toBeCloseTo(rewards[t], 5);
    expect([found.terminated, found.truncated]).toEqual(dropped ? [false, false] : [terminated, truncated]);
  }
}

describe("a Minari data set", () => {
  it("returns every step, with separate terminated and truncated flags", async () => {
    const demonstrations = await read("minari-cartpole.hdf5", cartpole);
    expectEpisodes(demonstrations, expected.cartpole);
    expect(demonstrations.env).toBe("CartPole-v1");
    expect(demonstrations.provenance).toEqual({ expertReturn: (15 + 18 + 20 + 14) / 4, format: "Minari" });
    expect(demonstrations.trajectories[0].rewards).toBeInstanceOf(Float64Array);
  });

  it("reads dict and tuple spaces from groups", async () => {
    const anything = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY] as const;
    const observationSpace: Space = {
      kind: "dict",
      spaces: {
        cart: { kind: "tuple", spaces: [box([1], ...anything), discrete(2)] },
        pole: box([2], ...anything),
      },
    };
    const { trajectories } = await read("minari-nested.hdf5", { ...cartpole, observationSpace });
    for (const [i, { observations }] of expected.cartpole.entries()) {
      const rows = observations.map(([x, v, ...pole]) => [x, Number(v > 0), ...pole]);
      expect(Array.from(trajectories[i].observations)).toEqual(rows.flat());
    }
  });
});

describe("a D4RL data set", () => {
  it("returns every step if there are next observations, split at timeouts", async () => {
    expectEpisodes(await read("d4rl-pendulum-next.hdf5", pendulum), expected.pendulum);
  });

  it("omits the last step without next observations, whose successor is unknown", async () => {
    expectEpisodes(await read("d4rl-pendulum.hdf5", pendulum), expected.pendulum, 1);
  });
});

describe("the imitation library's trajectories", () => {
  it("are read from .npz without the pickled infos; a done flag at the time limit is a truncation", async () => {
    expectEpisodes(await read("imitation-cartpole.npz", cartpole), expected.cartpole);
  });

  it("are read from Parquet, one row per episode", async () => {
    expectEpisodes(await read("imitation-cartpole.parquet", cartpole), expected.cartpole);
  });

  it("are all terminated if the time limit is unknown", async () => {
    const { trajectories } = await read("imitation-cartpole.npz", {
      ...cartpole,
      maxEpisodeSteps: undefined,
    });
    expect(trajectories.map(({ terminated }) => terminated)).toEqual([true, true, true, true]);
  });
});

describe("a LeRobot data set", () => {
  it("returns all actions except that of each episode's last frame", async () => {
    expectEpisodes(await read("lerobot-pendulum.parquet", pendulum), expected.pendulum, 1);
  });
});

describe("invalid content", () => {
  it.each<[string, string, ReadingOptions, string]>([
    [
      "the wrong environment",
      "minari-cartpole.hdf5",
      { ...pendulum, actionSpace: discrete(2) },
      "minari-cartpole.hdf5: episode_0/observations: it must be an array [16, 3] for Box(3), not [16, 4]",
    ],
    [
      "the wrong kind of actions",
      "d4rl-pendulum-next.hdf5",
      { ...pendulum, actionSpace: discrete(2) },
      "row 0 is 1.", // not an integer
    ],
    [
      "actions out of bounds",
      "d4rl-pendulum-next.hdf5",
      { ...pendulum, actionSpace: box([1], -0.1, 0.1) },
      "the action is outside its space: entry 0 is 1.",
    ],
    [
      "a dict where there is an array",
      "minari-cartpole.hdf5",
      { ...cartpole, observationSpace: { kind: "dict", spaces: { a: box([4], 0, 1) } } },
      'episode_0/observations: it must be a group with "a" for Dict(a: Box(4)), not [16, 4]',
    ],
    [
      "a column that is not there",
      "lerobot-pendulum.parquet",
      { ...pendulum, observationColumn: "observation.image" },
      'lerobot-pendulum.parquet: it has no column "observation.image" of observations, only observation.state, a',
    ],
    [
      "the wrong width in Parquet",
      "imitation-cartpole.parquet",
      pendulum,
      "row 0/observations: it must be an array [16, 3] for Box(3), not [16, 4]",
    ],
  ])("is reported with its place and the expected value: %s", async (_, name, options, message) => {
    await expect(read(name, options)).rejects.toThrow(FormatError);
    await expect(read(name, options)).rejects.toThrow(message);
  });

  it("is clipped to the bounds on request", async () => {
    const narrow = { ...pendulum, actionSpace: box([1], -0.1, 0.1) };
    await expect(read("d4rl-pendulum.hdf5", narrow)).rejects.toThrow("set the option clip to clip actions");
    const { trajectories } = await read("d4rl-pendulum.hdf5", { ...narrow, clip: true });
    const clipped = expected.pendulum.map(({ actions }) =>
      (actions as number[][]).slice(0, -1).map(([a]) => Math.fround(Math.min(0.1, Math.max(-0.1, a)))),
    );
    expect(trajectories.map(({ actions }) => Array.from(actions))).toEqual(clipped);
  });

  it("is reported for files of no known format, and for unknown formats", async () => {
    const decode = (bytes: Uint8Array, format?: string) =>
      decodeDemonstrations(bytes, "some.file", cartpole, format as FileFormat);
    const text = (s: string) => Uint8Array.from(s, (c) => c.charCodeAt(0));
    await expect(decode(text("hello"))).rejects.toThrow(
      "some.file: its first bytes are not those of HDF5 (Minari",
    );
    await expect(decode(new Uint8Array(0))).rejects.toThrow(FormatError);
    for (const start of ["\x80\x02}", "\x80\x03}", "\x80\x04\x95", "\x80\x05\x95"]) {
      await expect(decode(text(start))).rejects.toThrow(
        "a Python pickle, which may contain code and is not read: save the arrays as .npz",
      );
    }
    const pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n";
    await expect(decode(text(pointer))).rejects.toThrow(
      "some.file: it is a git-lfs pointer instead of the file: fetch the file itself with `git lfs",
    );
    await expect(decode(text("ARROW1"))).rejects.toThrow("before the end of its data");
    await expect(decode(bytesOf("minari-cartpole.hdf5"), "lerobot")).rejects.toThrow("not of format lerobot");
    await expect(decode(text(""), "xml")).rejects.toThrow(UsageError);
  });
});
