/** @file Folders and files that the programs themselves wrote, or h5py in their layout: they contain the same episodes. */

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { readDemonstrations } from "../../../index.js";
import type { Demonstrations } from "../../../src/datasets/demonstrations.js";
import { box, discrete } from "../../../src/spaces/index.js";

const folder = fileURLToPath(new URL("../../data-files/demonstrations/", import.meta.url));
interface Expected {
  observations: number[][];
  actions: number[] | number[][];
  rewards: number[];
  terminated: boolean;
  truncated: boolean;
}
const expected: Record<"cartpole" | "pendulum", Expected[]> = JSON.parse(
  readFileSync(`${folder}expected.json`, "utf8"),
);
const infinite = [-Infinity, Infinity] as const;

function expectEpisodes({ trajectories }: Demonstrations, episodes: Expected[], ends = true): void {
  expect(trajectories).toHaveLength(episodes.length);
  for (const [i, { observations, actions, rewards, terminated, truncated }] of episodes.entries()) {
    const found = trajectories[i];
    expect(Array.from(found.observations)).toEqual(observations.flat());
    expect(Array.from(found.actions)).toEqual(actions.flat());
    for (const [t, reward] of rewards.entries()) expect(found.rewards[t]).toBeCloseTo(reward, 5);
    if (ends) expect([found.terminated, found.truncated]).toEqual([terminated, truncated]);
  }
}

describe("imitation's Arrow folder", () => {
  it("has the episodes; the spaces are those of its layout", async () => {
    const read = await readDemonstrations(`${folder}imitation-cartpole-arrow`);
    // It only marks that an episode is over.
    expectEpisodes(read, expected.cartpole, false);
    expect(read).toMatchObject({
      env: "data:imitation-cartpole-arrow",
      observationSpace: box([4], ...infinite),
      actionSpace: discrete(2),
    });
    const within = await readDemonstrations(`${folder}imitation-cartpole-arrow`, { env: "CartPole-v1" });
    expect(within.trajectories).toEqual(read.trajectories);
  });
});

describe("Minari's Arrow and Parquet storages", () => {
  it("have the episodes, with the spaces of their metadata", async () => {
    const read = await readDemonstrations(`${folder}minari-cartpole-arrow`);
    expectEpisodes(read, expected.cartpole);
    expect(read.env).toBe("data:minari/cartpole-arrow-v0");
    expect(read.provenance).not.toHaveProperty("inferred");
    const inner = await readDemonstrations(`${folder}minari-cartpole-arrow/data`);
    expect(inner.trajectories).toEqual(read.trajectories);
  });

  it("have dict and tuple spaces as structures", async () => {
    const { observationSpace, trajectories } = await readDemonstrations(`${folder}minari-nested-parquet`);
    expect(observationSpace).toEqual({
      kind: "dict",
      spaces: {
        cart: { kind: "tuple", spaces: [box([1], ...infinite), discrete(2)] },
        pole: box([2], ...infinite),
      },
    });
    for (const [i, { observations }] of expected.cartpole.entries()) {
      const rows = observations.flatMap(([x, v, angle, turning]) => [x, Number(v > 0), angle, turning]);
      expect(Array.from(trajectories[i].observations)).toEqual(rows);
    }
  });
});

describe("robomimic's HDF5", () => {
  it("has the rows of next_obs, and images of bytes", async () => {
    const path = `${folder}robomimic-pendulum.hdf5`;
    const state = await readDemonstrations(path, { observationColumn: "state" });
    expectEpisodes(state, expected.pendulum, false);
    expect(state.trajectories.every(({ terminated }) => terminated)).toBe(true);
    const { observationSpace, trajectories } = await readDemonstrations(path, {
      observationColumn: "agentview_image",
    });
    expect(observationSpace).toEqual(box([2, 2, 3], 0, 255));
    const image = (step: number) => Array.from({ length: 12 }, (_, i) => 10 * step + i);
    expect(Array.from(trajectories[0].observations.slice(-12))).toEqual(
      image(trajectories[0].rewards.length),
    );
    const both = await readDemonstrations(path);
    expect(Object.keys((both.observationSpace as { spaces: object }).spaces)).toEqual([
      "agentview_image",
      "state",
    ]);
    await expect(readDemonstrations(path, { observationColumn: "sate" })).rejects.toThrow(
      'data/demo_0/obs: it has no "sate", only a group of',
    );
  });
});

describe("ManiSkill's HDF5", () => {
  it("has the episodes, with the observations that are asked for, of 16 bits too", async () => {
    const path = `${folder}maniskill-pendulum.h5`;
    const spaces = { observationSpace: box([3], ...infinite), actionSpace: "Box(1, -2, 2)" };
    await expect(readDemonstrations(path, spaces)).rejects.toThrow("it must be an array [7, 3] for Box(3)");
    const read = await readDemonstrations(path, { observationColumn: "agent/qpos,agent/qvel" });
    for (const [i, { observations, truncated }] of expected.pendulum.entries()) {
      const found = read.trajectories[i];
      for (const [j, x] of observations.flat().entries()) {
        expect(found.observations[j]).toBeCloseTo(x, j % 3 === 2 ? 2 : 6);
      }
      expect(found).toMatchObject({ terminated: false, truncated });
    }
    const { observationSpace } = await readDemonstrations(path, {
      observationColumn: "sensor_data/base_camera/rgb",
    });
    expect(observationSpace).toEqual(box([2, 2, 3], 0, 255));
  });
});
