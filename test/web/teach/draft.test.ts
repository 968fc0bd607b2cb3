/** @file The draft of an episode: it is found again by its owner, and played on where it was left. */

import { describe, expect, it } from "vitest";
import { make } from "../../../src/env/registry.js";
import "../../../envs/index.js";
import { createDrafts } from "../../../web/teach/draft.js";
import { play } from "../../../web/teach/play.js";

function memory() {
  const entries = new Map<string, string>();
  return {
    getItem: (key: string) => entries.get(key) ?? null,
    setItem: (key: string, value: string) => void entries.set(key, value),
    removeItem: (key: string) => void entries.delete(key),
  };
}

describe("a draft", () => {
  it("is the episode with its steps by the person, which goes on after a new start of the page", async () => {
    const storage = memory();
    const first = play(await make("MountainCarContinuous-v0"), "a");
    expect(first.draft()).toBeUndefined();
    for (let t = 0; t < 5; t++) first.act([t / 10], t > 2);
    createDrafts("run/ada", storage).save(first.draft());
    const second = play(await make("MountainCarContinuous-v0"), "b");
    second.resume(createDrafts("run/ada", storage).load()!);
    expect(second.draft()).toEqual(first.draft());
    expect(second.byPerson).toEqual([3, 4]);
    expect(second.observation).toEqual(first.observation);
    second.undo();
    expect(second.steps).toBe(4);
  });

  it("belongs to its owner, and is gone once it is kept or discarded", () => {
    const storage = memory();
    const drafts = createDrafts("run/ada", storage);
    drafts.save({ seed: "s", actions: [[1]], byPerson: [0] });
    expect(createDrafts("run/bob", storage).load()).toBeUndefined();
    drafts.save(undefined);
    expect(drafts.load()).toBeUndefined();
  });

  it("that the environment ends earlier is refused", async () => {
    const game = play(await make("CartPole-v1"), "a");
    const actions = Array.from({ length: 100 }, () => [1]);
    expect(() => game.resume({ seed: "a", actions, byPerson: [] })).toThrow(/the episode ended before step/);
  });
});
