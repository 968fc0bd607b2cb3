/** @file The examples in the help of `understudy-rl train <algorithm>`. */

import { type AlgorithmDefinition, hasNeed, needsOf } from "../src/learning/define.js";

/** What to learn from, in runs of the user's own and of the zoo. */
const mine = {
  annotations: "--annotations answers.csv",
  demonstrations: "--demos demos/cartpole",
  expert: "--expert runs/expert",
  labeller: "--labeller console",
  preferences: "--preferences preferences/cartpole",
  student: "--student runs/bc",
  teacher: "--teacher runs/expert",
};
const ofZoo = { demonstrations: "--demos expert", expert: "--expert expert", teacher: "--teacher expert" };

/** @param word the algorithm's name on the command line */
export function examplesOf(word: string, definition: AlgorithmDefinition): string[] {
  const { environment = "CartPole-v1" } = definition;
  const needs = needsOf(definition);
  const own = { ...mine, data: `--data ${definition.source?.example ?? "data.json"}` };
  const zoo = { ...own, ...ofZoo };
  const example = (...flags: string[]) => ["train", word, ...flags, "--seed 1"].join(" ");
  if (hasNeed(definition, "data")) return [example(...needs.map(([first]) => own[first]))];
  const env = `--env ${environment}`;
  if (hasNeed(definition, "demonstrations", "expert")) {
    return [
      example(own.expert, "--features task --env MacroCells-v0"),
      example(zoo.demonstrations, "--optimiser.algorithm sac --optimiser.temperature 1", env),
    ];
  }
  const first = example(...needs.map(([first]) => own[first]), env);
  return needs.length === 0 ? [first] : [first, example(...needs.map(([first]) => zoo[first]), env)];
}
