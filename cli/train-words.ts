/** @file Finds the algorithm of `understudy-rl train` in the words, before its options are parsed. */

import { existsSync } from "node:fs";
import type { CommandModule } from "yargs";
import { algorithmNames, loadDefinition } from "../algorithms/load.js";
import { isModulePath } from "../src/config/references.js";
import { UsageError } from "../src/errors.js";
import type { FoundAlgorithm } from "../src/runs/resolve.js";
import type { RunSpec } from "../src/runs/spec.js";
import { modulesIn, type Trust } from "../src/runs/trust.js";
import { yargsCommand } from "./command.js";
import { algorithmOfWord, allTrainCommands, type TrainCommand, trainCommand } from "./commands/train.js";
import { fallback } from "./fallback.js";
import { spelledOut } from "./options.js";
import { wordFor } from "./train-schema.js";

export interface Training {
  /** The command `train`, with the command of the algorithm, or those of all algorithms if the words name none. */
  module: CommandModule;
  /** The words with the algorithm first, and tagged options in full. */
  words: string[];
}

/** The command `train` for these words. */
export async function trainingOf(words: string[]): Promise<Training> {
  const { commands, ...rest } = await commandsFor(words);
  return { module: trainModule(commands), ...rest };
}

/**
 * The commands of `train`, and the words with the algorithm first. A word, `--algorithm` or the record of a run names
 * the algorithm. It must be known before its options are parsed, because they depend on it.
 */
async function commandsFor(words: string[]): Promise<{ commands: TrainCommand[]; words: string[] }> {
  const { algorithm, rest, isTyped } =
    words[0] === "train" ? await algorithmIn(words.slice(1)) : { rest: words, isTyped: false };
  if (algorithm === undefined) return { commands: await allTrainCommands(), words };
  const isOurs = typeof algorithm === "string" && !isModulePath(algorithm);
  const known = isOurs ? algorithmOfWord(algorithm) : algorithm;
  const word = wordFor(algorithm);
  const all = ["train", word, ...rest];
  if (known === undefined) return { commands: await allTrainCommands(), words: all };
  const trust = words.includes("--trust") || (isTyped ? modulesIn([known]) : []);
  const command = trainCommand(await found(known, trust));
  return { commands: [command], words: spelledOut(command.schema, all) };
}

/** The command `train`, with one subcommand for each algorithm. */
function trainModule(algorithms: readonly TrainCommand[]): CommandModule {
  return {
    command: "train",
    builder: (y) => {
      y.usage("understudy-rl train <algorithm> [options]\n\nTrains an algorithm on an environment.");
      for (const command of algorithms) y.command(yargsCommand(command, command.summary));
      return y
        .command(fallback("train", "algorithm", algorithmNames))
        .epilogue(
          "Example: understudy-rl train ppo --env CartPole-v1 --seed 1\nOptions: understudy-rl train ppo --help",
        );
    },
    handler: () => {},
  };
}

/** A name of the catalogue needs none of what reads modules. */
async function found(algorithm: RunSpec["algorithm"], trust: Trust): Promise<FoundAlgorithm> {
  const definition = typeof algorithm === "string" ? await loadDefinition(algorithm) : undefined;
  if (definition) return { definition, reference: algorithm as string };
  return (await import("../src/runs/resolve.js")).findAlgorithm(algorithm, trust);
}

interface Named {
  algorithm?: RunSpec["algorithm"];
  rest: string[];
  /** Whether a word names the algorithm, and not a file. */
  isTyped: boolean;
}

/** The algorithm named by the words after `train`, and the other words. */
async function algorithmIn(words: string[]): Promise<Named> {
  const [first, ...others] = words;
  if (first !== undefined && !first.startsWith("-")) return { algorithm: first, rest: others, isTyped: true };
  const at = words.findIndex((word) => /^--algorithm(=|$)/.test(word));
  if (at >= 0) {
    const [, inline] = words[at].split("=");
    const taken = inline === undefined ? 2 : 1;
    return { algorithm: inline ?? words[at + 1], rest: words.toSpliced(at, taken), isTyped: true };
  }
  const wordAfter = (flag: string) =>
    words.find((word) => word.startsWith(`${flag}=`))?.slice(flag.length + 1) ??
    (words.includes(flag) ? words[words.indexOf(flag) + 1] : undefined);
  const file = wordAfter("--config");
  if (file !== undefined) {
    const { readConfig } = await import("../src/runs/inputs.js");
    const { algorithm } = await readConfig(file);
    if (algorithm === undefined)
      throw new UsageError(
        `${file} names no algorithm; name one, as in understudy-rl train ppo --config ${file}`,
      );
    return { algorithm: algorithm as RunSpec["algorithm"], rest: words, isTyped: false };
  }
  if (!words.includes("--resume")) return { rest: words, isTyped: false };
  const out = wordAfter("--out");
  if (out === undefined) throw new UsageError("resume which run? name its folder with --out");
  const { recordIn } = await import("./train-options.js");
  const record = recordIn(out);
  if (record === undefined) {
    throw new UsageError(
      `there is no run to resume: ${existsSync(out) ? `${out} has no config.json` : `${out} does not exist`}`,
    );
  }
  return { algorithm: record.algorithm, rest: words, isTyped: false };
}
