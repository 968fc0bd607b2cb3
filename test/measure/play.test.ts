/** @file Episodes that a person plays at a terminal, and what is kept of them. */

import { join } from "node:path";
import { describe, expect, it } from "vitest";
import "../../envs/index.js";
import { loadDemonstrations } from "../../src/datasets/read-demonstrations.js";
import { envSpec, make } from "../../src/env/registry.js";
import { type PlayOptions, playAtTerminal } from "../../src/measure/play.js";
import { diskFolder } from "../../src/state/files.js";
import { temporaryFolder } from "../cli/run-cli.js";

const folder = temporaryFolder();
const ID = "FrozenLake-v1";
/** The way across the ice without slipping. */
const way = ["down", "1", "right", "DOWN", "2", "right"];

/** Plays the lines until they end, as at Ctrl-D or at a kill between two actions. */
async function play(name: string, lines: string[], more: Partial<PlayOptions> = {}) {
  const typed = [...lines];
  let shown = "";
  const whole = await playAtTerminal({
    environment: await make(ID, { slippery: false }),
    names: envSpec(ID).names,
    terminal: {
      write: (text) => {
        shown += text;
      },
      readLine: async () => typed.shift(),
      release() {},
    },
    folder: diskFolder(join(folder, name)),
    episodes: 2,
    seed: 0,
    provenance: { demonstrator: { person: "Ada" }, environmentOptions: { slippery: false } },
    ...more,
  });
  return { whole, shown, left: typed };
}
const read = (name: string) => loadDemonstrations(join(folder, name));

describe("a person at a terminal", () => {
  it("plays whole episodes by names and numbers of actions, and sees picture, choices and return", async () => {
    const { whole, shown, left } = await play("whole", [...way, ...way, "never read"]);
    expect({ whole, left }).toEqual({ whole: 2, left: ["never read"] });
    expect(shown).toContain(`${ID}, episode 1, step 0, return 0`);
    expect(shown).toContain("0 left, 1 down, 2 right, 3 up; Enter the last action again, q stop");
    expect(shown).toContain("the episode has ended: 6 steps, return 1; 1 of 2 episodes");
    const { trajectories, provenance } = await read("whole");
    expect(trajectories.map(({ actions }) => [...actions])).toEqual([
      [1, 1, 2, 1, 2, 2],
      [1, 1, 2, 1, 2, 2],
    ]);
    expect(trajectories[0]).toMatchObject({ terminated: true, truncated: false });
    expect([...trajectories[0].observations]).toEqual([0, 4, 8, 9, 13, 14, 15]);
    expect(provenance).toEqual({
      expertReturn: 1,
      demonstrator: { person: "Ada" },
      environmentOptions: { slippery: false },
    });
  });

  it("is told what is no action, and repeats the last one with Enter", async () => {
    const { whole, shown } = await play("enter", ["", "rigth", "4", "1", "", "\x1b[C", "1", "2", ""], {
      episodes: 1,
    });
    expect(whole).toBe(1);
    expect(shown).toContain("nothing was typed");
    expect(shown).toContain('there is no action "rigth"; did you mean "right"?');
    expect(shown).toContain("4 is not an integer from 0 to 3");
  });

  it("loses nothing when it stops or is killed: the episode goes on after its actions", async () => {
    expect((await play("kept", [...way, "down", "down", "q"])).whole).toBe(1);
    expect((await read("kept")).trajectories).toHaveLength(1);
    expect((await play("kept", ["right"])).shown).toContain("episode 2 goes on at step 2");
    const { whole, shown } = await play("kept", ["down", "right", "right"]);
    expect(shown).toContain("episode 2 goes on at step 3");
    expect(whole).toBe(2);
    await play("unbroken", [...way, ...way]);
    expect(await read("kept")).toEqual(await read("unbroken"));
    expect((await play("kept", ["up"])).left).toEqual(["up"]);
    expect((await play("kept", way, { episodes: 3 })).whole).toBe(3);
    expect((await read("kept")).trajectories).toHaveLength(3);
  });

  it("does not go on with the demonstrations of others", async () => {
    await play("hers", way, { episodes: 1 });
    const his = play("hers", way, { provenance: { demonstrator: { person: "Bob" } } });
    await expect(his).rejects.toThrow(
      'has demonstrations whose demonstrator is {"person":"Ada"}, not {"person":"Bob"}',
    );
    const elsewhere = play("hers", [], { environment: await make("CartPole-v1") });
    await expect(elsewhere).rejects.toThrow('whose env is "FrozenLake-v1", not "CartPole-v1"');
  });

  it("plays episodes without an end up to the limit, and boxes by their numbers", async () => {
    const { whole } = await play("short", ["left", "left", "left"], { episodes: 1, maxEpisodeSteps: 3 });
    expect(whole).toBe(1);
    const { trajectories, provenance } = await read("short");
    expect(trajectories[0]).toMatchObject({ terminated: false, truncated: true });
    expect(provenance.truncatedByLimit).toBe(1);
    const environment = await make("Pendulum-v1");
    await play("box", ["0.5", "-2"], { episodes: 1, maxEpisodeSteps: 2, environment, names: undefined });
    expect([...(await read("box")).trajectories[0].actions]).toEqual([0.5, -2]);
  });
});
