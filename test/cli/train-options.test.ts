/** @file `understudy-rl train X` and `train("X", …)` are the same run: their words and options resolve to one config. */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import yargs from "yargs";
import { catalogue } from "../../algorithms/index.js";
import { yargsCommand } from "../../cli/command.js";
import { allTrainCommands } from "../../cli/commands/train.js";
import { spelledOut, type Values } from "../../cli/options.js";
import { parsing } from "../../cli/parsing.js";
import { requestFor } from "../../cli/train-options.js";
import "../../envs/index.js";
import { activeLearning } from "../../algorithms/active/active-learning.js";
import { collect, loadExpert, type RunConfig, type TrainByNameOptions, train } from "../../index.js";
import { savePreferences } from "../../src/datasets/preferences-folder.js";
import { type AlgorithmDefinition, hasNeed } from "../../src/learning/define.js";
import { resolve } from "../../src/runs/resolve.js";
import { requestOf } from "../../src/runs/train.js";
import { diskFolder } from "../../src/state/files.js";
import { blobs, csvOf, ofLabelledSets } from "../support/blobs.js";
import { twoClouds } from "../support/logistic-regression.js";
import { shownPreferences } from "../support/preferences.js";

vi.mock("../../algorithms/index.js", async (original) =>
  (await import("../support/with-data-learner.js")).indexWithDataLearner(await original()),
);
vi.mock("../../algorithms/load.js", async (original) =>
  (await import("../support/with-data-learner.js")).loadWithDataLearner(await original()),
);

const trainCommands = await allTrainCommands();

const folder = mkdtempSync(join(tmpdir(), "same-run-"));
afterAll(() => rmSync(folder, { recursive: true }));

const CART = "CartPole-v1";
const LAKE = "FrozenLake-v1";
const demos = join(folder, "demos");
const lakeDemos = join(folder, "lake");
const gridExpert = join(folder, "grid-expert");
const compared = join(folder, "compared");
const clouds = join(folder, "clouds.json");
const items = join(folder, "items.csv");
const answers = join(folder, "answers.csv");
const photos = join(folder, "photos.csv");
beforeAll(async () => {
  await collect(await loadExpert(CART), { env: CART, episodes: 2, folder: demos });
  const expert = await train("valueIteration", { env: LAKE, folder: join(folder, "lake-expert") });
  await collect(expert, { env: LAKE, episodes: 3, folder: lakeDemos });
  await train("valueIteration", { env: "Gridworld-v0", folder: gridExpert });
  writeFileSync(answers, "item,annotator,label\na,ann,cat\na,bob,dog\nb,ann,dog\nb,bob,dog\n");
  writeFileSync(photos, "item,x\na,1\nb,2\n");
  await savePreferences(diskFolder(compared), await shownPreferences({ pairs: 4 }));
  writeFileSync(clouds, JSON.stringify(twoClouds(20)));
  writeFileSync(items, csvOf(blobs()));
});

/** The config of `understudy-rl train` with these words. */
async function configOfWords(definition: AlgorithmDefinition, words: string): Promise<RunConfig> {
  const { name } = definition;
  const command = trainCommands.find((one) => one.name === `train ${name}`)!;
  let given: Values = {};
  const run = async (_: Values, asked: Values) => {
    given = asked;
  };
  await yargs()
    .parserConfiguration(parsing)
    .exitProcess(false)
    .fail(false)
    .command("train", "", (y) => y.command(yargsCommand({ ...command, run }, "")))
    .parseAsync(spelledOut(command.schema, `train ${name} ${words}`.trim().split(" ")));
  return (await resolve(requestFor({ definition, reference: name }, given))).config;
}

/** The config of `train` with this name and these options. */
const configOfOptions = async (name: string, options: TrainByNameOptions): Promise<RunConfig> =>
  (await resolve(requestOf(name, options).request)).config;

/** What an algorithm learns from, as words and as options: its own, or the run's data set. */
function inputOf(definition: AlgorithmDefinition): { words: string; options: Values; data?: string } {
  if (hasNeed(definition, "annotations")) {
    const given = { annotations: { from: answers } };
    return { words: `--annotations ${answers} --data ${photos}`, options: given, data: photos };
  }
  if (hasNeed(definition, "data")) {
    const { name } = definition;
    const own: Record<string, string> = { rewardModel: compared, densityReward: demos };
    const data = own[name] ?? (ofLabelledSets.includes(name) ? items : clouds);
    return { words: `--data ${data}`, options: {}, data };
  }
  if (hasNeed(definition, "demonstrations", "expert")) {
    return { words: `--demos ${lakeDemos}`, options: { demonstrations: { from: lakeDemos } } };
  }
  if (hasNeed(definition, "demonstrations")) {
    return { words: `--demos ${demos}`, options: { demonstrations: { from: demos } } };
  }
  if (definition.name === "queryMixer") {
    return { words: `--expert ${gridExpert}`, options: { expert: { policy: gridExpert } } };
  }
  if (hasNeed(definition, "expert"))
    return { words: "--expert expert", options: { expert: { expert: CART } } };
  if (hasNeed(definition, "preferences"))
    return { words: `--preferences ${compared}`, options: { preferences: { from: compared } } };
  if (hasNeed(definition, "teacher"))
    return { words: "--teacher expert", options: { teacher: { expert: CART } } };
  return { words: "", options: {} };
}

const words = (...parts: string[]) => parts.filter((part) => part !== "").join(" ");

/** An option within options that the algorithm has, as words and as options. */
function nestedOf({ schema }: AlgorithmDefinition): { words: string; options: Values } {
  const has = (name: string) => name in schema.shape;
  if (has("discriminator")) {
    return {
      words: "--optimiser.learning-rate 1e-3 --discriminator.updates 3",
      options: { optimiser: { learningRate: 1e-3 }, discriminator: { updates: 3 } },
    };
  }
  if (has("optimiser") && has("expert")) {
    return {
      words: "--optimiser sac --optimiser.temperature 1",
      options: { optimiser: { algorithm: "sac", temperature: 1 } },
    };
  }
  if (has("optimiser") && has("demonstrations")) {
    return { words: "--optimiser.learning-rate 1e-3", options: { optimiser: { learningRate: 1e-3 } } };
  }
  if (has("beta") && has("rounds") && has("demonstrations")) {
    return {
      words: "--beta linear --beta.rounds 4",
      options: { beta: { kind: "linear", rounds: 4 } },
    };
  }
  if (has("learningRate")) return { words: "--learning-rate 0.25", options: { learningRate: 0.25 } };
  return { words: "", options: {} };
}

describe.each(catalogue)("$name", (definition) => {
  const { name } = definition;
  const { data, ...input } = inputOf(definition);

  it("resolves to the same config from words and from options", async () => {
    const fromWords = await configOfWords(definition, input.words);
    const fromOptions = await configOfOptions(name, { options: input.options, data });
    expect(fromWords).toEqual(fromOptions);
    expect(fromWords.algorithm).toBe(name);
  });

  it("resolves nested options to the same config, of the algorithm and of the run", async () => {
    const nested = nestedOf(definition);
    const run = "--seed 4 --evaluate.every 100 --checkpoint.keep 5 --sinks csv";
    const untuned = definition.source ? "" : "--no-tuned";
    const fromWords = await configOfWords(definition, words(input.words, nested.words, run, untuned));
    const options: TrainByNameOptions = {
      options: { ...input.options, ...nested.options },
      data,
      seed: 4,
      evaluate: { every: 100 },
      checkpoint: { keep: 5 },
      sinks: ["csv"],
      folder,
    };
    expect(fromWords).toEqual(await configOfOptions(name, { ...options, tuned: false }));
    const tuned = await configOfWords(definition, words(input.words, nested.words));
    expect(tuned).toEqual(
      await configOfOptions(name, { options: { ...input.options, ...nested.options }, data }),
    );
    expect(tuned.options).toMatchObject(nested.options);
  });
});

describe("a learnt reward", () => {
  const learnt = join(folder, "learnt");
  beforeAll(async () => {
    await train("maxCausalEntIrl", {
      options: { demonstrations: { from: lakeDemos }, iterations: 2 },
      folder: learnt,
    });
  });

  it.each(
    catalogue.filter(({ withLearntRewards }) => withLearntRewards),
  )("resolves to the same config from words and from options: $name", async (definition) => {
    const fromWords = await configOfWords(definition, `--reward ${learnt}`);
    expect(fromWords).toEqual(await configOfOptions(definition.name, { learntReward: { from: learnt } }));
    expect(fromWords).toMatchObject({ env: LAKE, learntReward: { from: learnt } });
  });
});

describe("an acquisition", () => {
  const found = {
    definition: activeLearning.definition as unknown as AlgorithmDefinition,
    reference: "activeLearning",
  };
  it.each([
    ["margin@50", "margin@50"],
    ["runs/iale@50", { policy: "runs/iale@50" }],
    [{ name: "./iale" }, { policy: "./iale" }],
    [
      { name: "margin", density: 1 },
      { name: "margin", density: 1 },
    ],
    [
      { policy: "runs/iale", checksum: "0" },
      { policy: "runs/iale", checksum: "0" },
    ],
  ])("%j is %j in the spec of a run: a path is that of a policy", (acquisition, expected) => {
    expect(requestFor(found, { acquisition }).options.acquisition).toEqual(expected);
  });
});
