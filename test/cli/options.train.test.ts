/** @file How `train` resolves words and files to options, up to the start of training. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it, vi } from "vitest";
import yargs from "yargs";
import type * as z from "zod";
import { algorithmCatalogue, catalogue, tuned } from "../../algorithms/index.js";
import "../../envs/index.js";
import { yargsCommand } from "../../cli/command.js";
import { allTrainCommands } from "../../cli/commands/train.js";
import { spelledOut, type Values } from "../../cli/options.js";
import { parsing } from "../../cli/parsing.js";
import { problemOf } from "../../src/env/problem.js";
import { createFrom, hasNeed, needsOf } from "../../src/learning/define.js";
import { createRng } from "../../src/random/rng.js";

vi.mock("../../algorithms/index.js", async (original) =>
  (await import("../support/with-data-learner.js")).indexWithDataLearner(await original()),
);
vi.mock("../../algorithms/load.js", async (original) =>
  (await import("../support/with-data-learner.js")).loadWithDataLearner(await original()),
);

const trainCommands = await allTrainCommands();

const folder = mkdtempSync(join(tmpdir(), "understudy-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const commandOf = (algorithm: string) => trainCommands.find(({ name }) => name === `train ${algorithm}`)!;

const definitionOf = (algorithm: string) => catalogue.find(({ name }) => name === algorithm)!;

/** The options that `understudy-rl train` with these words runs with. */
async function optionsOf(words: string): Promise<Values> {
  const [, algorithm] = words.split(" ");
  const command = commandOf(algorithm);
  let options: Values | undefined;
  const run = async (given: Values) => {
    options = given;
  };
  await yargs()
    .parserConfiguration(parsing)
    .exitProcess(false)
    .fail(false)
    .command("train", "", (y) => y.command(yargsCommand({ ...command, run }, "")))
    .parseAsync(spelledOut(command.schema, words.split(" ")));
  return options!;
}

/** The path of a file of options. */
function fileOf(options: Values): string {
  const path = join(folder, "options.json");
  writeFileSync(path, JSON.stringify({ options }));
  return path;
}

describe("a network chosen by name", () => {
  it.each([
    ["--network cnn", { kind: "cnn" }],
    [
      "--network mlp --network.hidden 32,16 --network.layer-norm true",
      { kind: "mlp", hidden: [32, 16], layerNorm: true },
    ],
    [
      '--network.kind cnn --network.convolutions [{"filters":8,"size":3}]',
      { kind: "cnn", convolutions: [{ filters: 8, size: 3 }] },
    ],
  ])("reads its options beside the name: %s", async (words, network) => {
    const { network: option } = await optionsOf(`train ppo ${words}`);
    expect(option).toMatchObject(network);
    expect(() => algorithmCatalogue.ppo.create({ network: option })).not.toThrow();
  });

  it("is read for the discriminator and for the optimiser separately", async () => {
    const words =
      "--discriminator.network.kind cnn --optimiser.network.kind mlp --optimiser.network.hidden 8,8";
    const { discriminator, optimiser } = await optionsOf(
      `train gail --demos nowhere --env CartPole-v1 ${words}`,
    );
    expect(discriminator).toMatchObject({ network: { kind: "cnn" } });
    expect(optimiser).toMatchObject({ network: { kind: "mlp", hidden: [8, 8] } });
  });
});

describe("options of an environment", () => {
  it.each([
    ["--environment-options.render_mode rgb_array", { render_mode: "rgb_array" }],
    ["--environment-options.G=9.8 --environment-options.goal_velocity 0.1", { G: 9.8, goal_velocity: 0.1 }],
    [
      "--environmentOptions.g_x 1 --environment-options.reward-schedule 1,-1",
      { g_x: 1, rewardSchedule: [1, -1] },
    ],
  ])("keep their names, and are camelCase where they have dashes: %s", async (words, environmentOptions) => {
    const options = await optionsOf(`train ppo --env gymnasium:X-v0 ${words}`);
    expect(options.environmentOptions).toEqual(environmentOptions);
  });
});

describe("an optimiser chosen by name", () => {
  const gail = "train gail --demos nowhere --env Hopper-v5";
  const inside = tuned("gail", "Hopper-v5")!.options.optimiser as Values;
  const sac = { algorithm: "sac", learningRate: 3e-4 };

  it.each([
    "--optimiser.algorithm sac --optimiser.learning-rate 3e-4",
    "--optimiser sac --optimiser.learning-rate 3e-4",
    "--optimiser.learning-rate 3e-4 --optimiser sac",
    "--optimiser=sac --optimiser.learning-rate=3e-4",
    '--optimiser {"algorithm":"sac","learningRate":3e-4}',
  ])("as %s uses no tuned settings of another optimiser", async (words) => {
    expect((await optionsOf(`${gail} ${words}`)).optimiser).toEqual(sac);
  });

  it("keeps its own tuned settings", async () => {
    const words = `${gail} --optimiser ppo --optimiser.learning-rate 3e-4`;
    expect((await optionsOf(words)).optimiser).toEqual({ ...inside, learningRate: 3e-4 });
  });

  it("may be chosen in a file, with more options on the command line", async () => {
    for (const optimiser of ["sac", { algorithm: "sac" }]) {
      const words = `${gail} --config ${fileOf({ optimiser })} --optimiser.learning-rate 3e-4`;
      expect((await optionsOf(words)).optimiser).toEqual(sac);
    }
    const words = `${gail} --config ${fileOf({ optimiser: sac })}`;
    expect((await optionsOf(words)).optimiser).toEqual(sac);
    expect((await optionsOf(`${words} --optimiser dqn`)).optimiser).toEqual({ algorithm: "dqn" });
  });

  it("is not PPO's own `optimiser` option, which is a string", async () => {
    expect((await optionsOf("train ppo --optimiser rmsprop")).optimiser).toBe("rmsprop");
  });
});

describe("an example of the help", () => {
  const examples = trainCommands.flatMap(({ name, examples }) => examples.map((words) => ({ name, words })));

  it.each(examples)("understudy-rl $words: resolves, for a suitable environment or data set", async ({
    words,
  }) => {
    const options = await optionsOf(words);
    const definition = definitionOf(words.split(" ")[1]);
    expect(hasNeed(definition, "data") ? options.data : options.env).toEqual(expect.any(String));
    if (needsOf(definition).length > 0) return;
    const { shape } = definition.schema;
    const own = Object.fromEntries(Object.keys(shape).map((field) => [field, options[field]]));
    const problem = await problemOf(String(options.env));
    await expect(createFrom(definition, own).init(problem as never, createRng(0))).resolves.toBeDefined();
  });
});

describe("train without --env", () => {
  it.each(
    trainCommands,
  )("uses the first environment in the examples of $name, with its tuned settings", async ({
    name,
    defaults,
  }) => {
    const [, algorithm] = name.split(" ");
    const { environment = "CartPole-v1" } = definitionOf(algorithm);
    expect(await defaults!({}, {}, [])).toMatchObject(tuned(algorithm, environment)?.options ?? {});
  });
});

describe("train --resume", () => {
  it("uses the recorded options, without tuned settings, in the default folder too", async () => {
    const runs = join(folder, "runs/qLearning-RiverSwim-v0-3");
    mkdirSync(runs, { recursive: true });
    const record = {
      format: 1,
      algorithm: "qLearning",
      unit: "environment steps",
      env: "RiverSwim-v0",
      seed: 3,
      steps: 64,
      options: { discount: 0.5 },
    };
    writeFileSync(join(runs, "config.json"), JSON.stringify(record));
    const before = process.cwd();
    process.chdir(folder);
    try {
      const options = await optionsOf("train qLearning --env RiverSwim-v0 --seed 3 --resume");
      expect(options).toMatchObject({ discount: 0.5, steps: 64, initialValue: 0 });
    } finally {
      process.chdir(before);
    }
  });
});

describe("the help of an algorithm", () => {
  const schedule = { from: 0.5, to: 0.4, steps: 10, shape: "linear" };

  it.each(catalogue)("explains the schedule syntax for every scheduled option of $name", ({ schema }) => {
    const scheduled = Object.entries(schema.shape as Record<string, z.ZodType>).filter(([name, field]) => {
      const { success } = field.safeParse(schedule);
      return success && !["optimiser", "expert", "acquisition", "classifier"].includes(name);
    });
    for (const [name, { description }] of scheduled) {
      expect(description, name).toContain("{ from, to, steps, shape }");
    }
  });

  it("has a distinct summary for each algorithm", () => {
    const summaries = catalogue.map(({ summary }) => summary);
    expect(new Set(summaries).size).toBe(summaries.length);
    expect(summaries.filter((summary) => summary.startsWith("the same"))).toEqual([]);
  });

  it("names the flags of options with several kinds", () => {
    const { description } = algorithmCatalogue.dagger.schema.shape.beta;
    for (const flag of ["--beta.rounds", "--beta.factor", "--beta.value"])
      expect(description).toContain(flag);
  });
});
