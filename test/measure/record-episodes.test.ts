/** @file Recorded episodes: a picture of every state, what was done and earned, and environments that draw nothing. */

import { describe, expect, it } from "vitest";
import { recordEpisodes } from "../../src/measure/record-episodes.js";
import "../../envs/index.js";

/** Counts to three, drawn as its number. */
class Counter {
  observationSpace = { n: 9 };
  actionSpace = { n: 2 };
  at = 0;
  reset() {
    this.at = 0;
    return { observation: 0, info: {} };
  }
  step(action: number) {
    this.at += action;
    const terminated = this.at === 3;
    return { observation: this.at, reward: action / 2, terminated, truncated: false, info: {} };
  }
}

class Drawn extends Counter {
  renderSvg = () => `<svg width="10" height="5"><text>${this.at}</text></svg>`;
}

class Written extends Counter {
  render = () => `at ${this.at}`;
}

describe("recorded episodes", () => {
  it("have the pictures of all states in order, the last one included, and start anew", async () => {
    const episodes = await recordEpisodes(() => 1, { env: Drawn, episodes: 2 });
    expect(episodes).toHaveLength(2);
    for (const { pictures, ...rest } of episodes) {
      expect(pictures.map(({ svg }) => /<text>(\d)/.exec(svg!)![1]).join("")).toBe("0123");
      expect(rest).toEqual({ actions: ["1", "1", "1"], rewards: [0.5, 0.5, 0.5], ending: "terminated" });
    }
  });

  it("have text where the environment draws text, and end at the limit", async () => {
    const [episode] = await recordEpisodes(() => 0, { env: Written, maxEpisodeSteps: 2 });
    expect(episode).toEqual({
      pictures: [{ text: "at 0" }, { text: "at 0" }, { text: "at 0" }],
      actions: ["0", "0"],
      rewards: [0, 0],
      ending: "cut",
    });
  });

  it("name actions, depend on the seed alone, and hold the scene of a robot", async () => {
    const push = (observation: unknown) => ((observation as number[])[1] >= 0 ? 2 : 0);
    const options = { env: "MountainCar-v0", maxEpisodeSteps: 5 };
    const [one] = await recordEpisodes(push, { ...options, seed: 1 });
    expect(await recordEpisodes(push, { ...options, seed: 1 })).toEqual([one]);
    expect(await recordEpisodes(push, { ...options, seed: 2 })).not.toEqual([one]);
    expect(one.actions[0]).toMatch(/[a-z]/);
    const [robot] = await recordEpisodes(() => [0.5, 0, -0.25], { env: "Hopper-v5", maxEpisodeSteps: 2 });
    expect(robot.actions).toEqual(["0.5, 0, -0.25", "0.5, 0, -0.25"]);
    expect(robot.pictures.every(({ svg, scene }) => svg!.startsWith("<svg") && scene !== undefined)).toBe(
      true,
    );
  });

  it("are refused in an environment that draws nothing", async () => {
    await expect(recordEpisodes(() => 1, { env: Counter })).rejects.toThrow(
      "Counter draws no pictures: give it renderSvg(), which returns an SVG document, or render(), which returns text",
    );
  });
});
