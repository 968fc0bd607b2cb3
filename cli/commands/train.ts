/** @file `understudy-rl train <algorithm>`: one command an algorithm, with the options of its schema and of every run. */

import { algorithmNames, loadDefinition } from "../../algorithms/load.js";
import type { FoundAlgorithm } from "../../src/runs/resolve.js";
import type { Command } from "../command.js";
import { kebab } from "../options.js";
import { examplesOf } from "../train-examples.js";
import { trainSchema, wordFor } from "../train-schema.js";

export type TrainCommand = Command & { summary: string };

/** The command that trains with an algorithm of the catalogue or of a module. */
export function trainCommand(found: FoundAlgorithm): TrainCommand {
  const { definition } = found;
  const { schema, own } = trainSchema(definition);
  const word = wordFor(found.reference);
  return {
    name: `train ${word}`,
    aliases: [kebab(word)].filter((alias) => alias !== word),
    summary: definition.summary,
    schema,
    groups: { [`Options of ${definition.name}:`]: own },
    examples: examplesOf(word, definition),
    // What runs is loaded only when it is to run.
    defaults: async (file, typed, trust) =>
      (await import("../train-options.js")).givenValues(found, schema, file, { typed, trust }),
    resolved: async (options, given, trust) =>
      (await import("../train-run.js")).printed(found, { options, given, own, trust }),
    run: async (options, given, trust) =>
      (await import("../train-run.js")).trainWith(found, { given, trust }, options.seeds !== undefined),
  };
}

/** The commands of all algorithms. */
export const allTrainCommands = (): Promise<TrainCommand[]> =>
  Promise.all(
    algorithmNames.map(async (name) =>
      trainCommand({ definition: (await loadDefinition(name))!, reference: name }),
    ),
  );

/** The name of the catalogue's algorithm for a word in camelCase or in kebab-case. */
export const algorithmOfWord = (word: string): string | undefined =>
  algorithmNames.find((name) => name === word || kebab(name) === word);
