/** @file Tests of folders of preferences: what is written is read, also after an interruption, and damage is refused. */

import { beforeAll, describe, expect, it } from "vitest";
import "../../envs/index.js";
import type { Preferences } from "../../src/datasets/preferences.js";
import { loadPreferences, savePreferences, writePreferences } from "../../src/datasets/preferences-folder.js";
import { UsageError } from "../../src/errors.js";
import { memoryFolder } from "../support/memory-folder.js";
import { shownPreferences } from "../support/preferences.js";

const LOG = "comparisons.jsonl";
let preferences: Preferences;
beforeAll(async () => {
  preferences = await shownPreferences({ pairs: 6, segmentLength: 8 });
});

async function saved() {
  const folder = memoryFolder();
  await savePreferences(folder, preferences);
  return folder;
}

const bytes = (text: string) => new TextEncoder().encode(text);
const textOf = (content: Uint8Array | undefined) => new TextDecoder().decode(content);

/** A saved folder with more text at the end of its log. */
async function withLog(more: string) {
  const folder = await saved();
  await folder.append(LOG, bytes(more));
  return folder;
}

describe("preferences in a folder", () => {
  it("are read as they were, with snapshots and rewards", async () => {
    expect(await loadPreferences(await saved())).toEqual(preferences);
  });

  it("have no rewards where none are known", async () => {
    const folder = memoryFolder();
    const unrewarded = preferences.segments.map(({ rewards: _, ...segment }) => segment);
    await savePreferences(folder, { ...preferences, segments: unrewarded });
    expect((await loadPreferences(folder)).segments).toEqual(unrewarded);
  });

  it("grow by shards and lines, and number on", async () => {
    const folder = await saved();
    const writer = await writePreferences(folder, preferences, { append: true });
    expect(writer.asked).toBe(6);
    const first = await writer.addSegments(preferences.segments.slice(0, 2));
    await writer.record({ event: "question", id: 7, left: first, right: first + 1 });
    expect(writer.open("ann").map(({ id }) => id)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(writer.open("oracle").map(({ id }) => id)).toEqual([7]);
    await writer.record({ event: "answer", id: 7, left: first, right: first + 1, choice: "equal" });
    const { segments, comparisons } = await loadPreferences(folder);
    expect(segments).toHaveLength(14);
    expect(comparisons.at(-1)).toEqual({ id: 7, left: 12, right: 13, choice: "equal" });
  });

  it("count the last event of a question and an annotator", async () => {
    const folder = await withLog(
      '{"event":"correction","id":1,"annotator":"oracle","choice":"neither"}\n' +
        '{"event":"withdrawal","id":2,"annotator":"oracle"}\n' +
        `{"event":"answer","id":3,"left":4,"right":5,"choice":"equal","annotator":"ann","seconds":2.5}\n`,
    );
    const { comparisons } = await loadPreferences(folder);
    expect(comparisons.map(({ id, annotator }) => `${id} ${annotator}`)).toEqual([
      ...["1 oracle", "3 oracle", "3 ann", "4 oracle", "5 oracle", "6 oracle"],
    ]);
    expect(comparisons[0].choice).toBe("neither");
    expect(comparisons[2].seconds).toBe(2.5);
  });

  it("lose no more than a torn last line, which the next writer removes", async () => {
    const folder = await withLog('{"event":"withdrawal","id":1,"ann');
    expect((await loadPreferences(folder)).comparisons).toHaveLength(6);
    const writer = await writePreferences(folder, preferences, { append: true });
    await writer.record({ event: "withdrawal", id: 1, annotator: "oracle" });
    expect((await loadPreferences(folder)).comparisons).toHaveLength(5);
  });

  it("are whole after a stop at any byte of the log", async () => {
    const folder = await saved();
    const whole = folder.files.get(LOG)!;
    for (let length = 0; length <= whole.length; length += 7) {
      const cut = memoryFolder(new Map([...folder.files, [LOG, whole.slice(0, length)]]));
      const lines = textOf(whole.slice(0, length)).split("\n").length - 1;
      expect((await loadPreferences(cut)).comparisons).toHaveLength(lines);
    }
  });

  it.each([
    [
      '{"event":"withdrawal","id":1,"annotator":"ben"}\n',
      /event 7: withdrawal of question 1: "ben" has no answer/,
    ],
    [
      '{"event":"correction","id":99,"choice":"left"}\n',
      /correction of question 99: somebody without a name has no answer/,
    ],
    [
      '{"event":"answer","id":9,"left":0,"right":12,"choice":"left"}\n',
      /right is 12, and the segments are 0 to 11/,
    ],
    ['{"event":"answer","id":9,"left":3,"right":3,"choice":"left"}\n', /compares segment 3 with itself/],
    [
      '{"event":"answer","id":1,"left":2,"right":3,"choice":"left"}\n',
      /another answer to it is about 0 and 1/,
    ],
    [
      '{"event":"answer","id":9,"left":0,"right":1,"choice":"up"}\n',
      /line 7: field choice: it must be one of/,
    ],
    ['{"event":"film","id":9}\n', /line 7: event is "film"; it must be one of question, answer/],
    [
      '{"event":"answer","id":9,"left":0,"right":1,"choice":"left","hue":1}\n',
      /field hue: an event has no such field/,
    ],
    ["nothing\n", /line 7: it is not JSON/],
  ])("refuse the line %s", async (line, message) => {
    await expect(loadPreferences(await withLog(line))).rejects.toThrow(message);
  });

  it("refuse damaged and missing files, and other versions", async () => {
    const shard = "episodes-00000.safetensors";
    for (const [name, change, message] of [
      [shard, (content: Uint8Array) => content.map((x, i) => (i === 400 ? x ^ 1 : x)), /it is damaged/],
      ["origins-00000.safetensors", () => undefined, /it is missing/],
      [
        "preferences.json",
        (c: Uint8Array) => bytes(textOf(c).replace('"version": 1', '"version": 9')),
        /version is 9/,
      ],
      [
        "preferences.json",
        (c: Uint8Array) => bytes(textOf(c).replace("episodes-00000", "../../etc")),
        /it must be "episodes-00000/,
      ],
    ] as const) {
      const folder = await saved();
      const content = change(folder.files.get(name)!);
      if (content) folder.files.set(name, content);
      else folder.files.delete(name);
      await expect(loadPreferences(folder)).rejects.toThrow(message);
    }
    await expect(loadPreferences(memoryFolder())).rejects.toThrow(/no preferences in memory/);
  });

  it("are not mixed with others", async () => {
    await expect(savePreferences(await saved(), preferences)).rejects.toThrow(/already contains preferences/);
    const other = { ...preferences, env: "Acrobot-v1" };
    await expect(writePreferences(await saved(), other, { append: true })).rejects.toThrow(
      /whose env is "CartPole-v1", not "Acrobot-v1"/,
    );
    const writer = await writePreferences(await saved(), preferences, { append: true });
    const [segment] = preferences.segments;
    const broken = { ...segment, rewards: segment.rewards!.map(() => Number.NaN) };
    await expect(writer.addSegments([broken])).rejects.toThrow(
      /segment 12: step 0: the reward is NaN; leave/,
    );
    await expect(writer.record({ event: "withdrawal", id: 1, annotator: "x" })).rejects.toThrow(UsageError);
  });
});
