/** @file Layouts of HDF5 files: those that are read, and what is said of others. */

import { describe, expect, it } from "vitest";
import { refuseIn } from "../../../src/datasets/formats/arrays.js";
import { type Layout, layoutOf } from "../../../src/datasets/formats/hdf5-layouts.js";
import { FormatError } from "../../../src/errors.js";

const layout = (outline: Record<string, string[] | undefined>, asked?: Layout) =>
  layoutOf(new Map(Object.entries(outline)), asked, refuseIn("f.hdf5"));
const array = undefined;
const flat = { observations: array, actions: array, rewards: array, terminals: array };
const wanted =
  "the layouts that are read are Minari's (episode_0, episode_1, …), robomimic's (data/demo_0, …), ManiSkill's (traj_0, …) and D4RL's (observations, actions, rewards, terminals)";

describe("the layout of an HDF5 file", () => {
  it("is that of Minari, D4RL, robomimic or ManiSkill", () => {
    expect(layout({ data: ["demo_0", "demo_1"], mask: ["train"] })).toBe("robomimic");
    expect(layout({ traj_0: ["obs", "actions"] })).toBe("maniskill");
    expect(layout({ episode_0: ["actions"], episode_1: [] })).toBe("minari");
    expect(layout({ ...flat, infos: [] })).toBe("d4rl");
    expect(layout({ ...flat, episode_0: [] }, "d4rl")).toBe("d4rl");
  });

  it.each<[string, Record<string, string[] | undefined>, string]>([
    [
      "many names",
      { data: Array.from({ length: 200 }, (_, i) => `day_${i}`), mask: ["train"] },
      `it has data (day_0, day_1, day_2, day_3, day_4, day_5, day_6, day_7, … (200 in all)), mask (train); ${wanted}`,
    ],
    [
      "ALOHA",
      { action: array, observations: ["images", "qpos", "qvel"] },
      `it has action, observations (images, qpos, qvel), which is the layout of ALOHA and ACT; ${wanted}`,
    ],
    [
      "D4RL without an array",
      { observations: array, actions: array, rewards: array },
      `it has observations, actions, rewards; ${wanted}; for D4RL's, terminals must be there`,
    ],
    ["no content", {}, `it has no content; ${wanted}`],
    ["both layouts", { ...flat, episode_0: [] }, "it has the layouts of Minari and of D4RL: set the format"],
  ])("is described where it is another: %s", (_, outline, message) => {
    expect(() => layout(outline)).toThrow(FormatError);
    expect(() => layout(outline)).toThrow(`f.hdf5: ${message}`);
  });

  it("is described in the error if the requested format needs more arrays", () => {
    expect(() => layout({ episode_0: [] }, "d4rl")).toThrow(
      "it has episode_0 (empty); D4RL's layout needs observations, actions, rewards, terminals as well",
    );
    expect(() => layout(flat, "minari")).toThrow("Minari's layout needs a group episode_0");
    expect(() => layout(flat, "robomimic")).toThrow("robomimic's layout needs a group data/demo_0");
  });
});
