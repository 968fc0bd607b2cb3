/** @file The examples in the help of `train`: each names a data set of a kind that its algorithm reads. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { catalogue } from "../../algorithms/index.js";
import { examplesOf } from "../../cli/train-examples.js";
import { savePreferences } from "../../src/datasets/preferences-folder.js";
import { writeDemonstrations } from "../../src/datasets/read-demonstrations.js";
import { diskFolder } from "../../src/state/files.js";
import { randomEpisodes } from "../support/imitation.js";
import { shownPreferences } from "../support/preferences.js";

const folder = mkdtempSync(join(tmpdir(), "understudy-examples-"));
afterAll(() => rmSync(folder, { recursive: true }));

beforeAll(async () => {
  const at = (name: string) => {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    return join(folder, name);
  };
  writeFileSync(at("items.csv"), "item,width,truth\na,0.5,cat\nb,1.5,dog\n");
  await writeDemonstrations(await randomEpisodes("CartPole-v1", 1), at("demos/cartpole"));
  const preferences = await shownPreferences({ pairs: 2 });
  await savePreferences(diskFolder(at("preferences/cartpole")), preferences);
});

const ofData = catalogue.flatMap((definition) =>
  definition.source ? [{ definition, name: definition.name, source: definition.source }] : [],
);

describe("the example of", () => {
  it.each(ofData)("$name shows data that it reads", async ({ definition, name, source }) => {
    const [example] = examplesOf(name, definition);
    const [, shown] = /--data (\S+)/.exec(example)!;
    await expect(source.read(join(folder, shown))).resolves.toBeDefined();
  });
});
