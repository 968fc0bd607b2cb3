/** @file The examples in the help of `understudy train <algorithm>`. */

import type { AlgorithmDefinition } from "../src/learning/define.js";

/** @param word the algorithm as it is typed */
export function examplesOf(
  word: string,
  { needs = [], environment = "CartPole-v1", source }: AlgorithmDefinition,
): string[] {
  if (source) return [`train ${word} --data data.json --seed 1`];
  const example = (env: string, references: Record<string, string>) =>
    [`train ${word}`, ...needs.map((need) => references[need]), `--env ${env} --seed 1`].join(" ");
  const demonstrations = "--demos demos/cartpole";
  const expert = "--expert runs/expert";
  const exact = `${expert} --features task`;
  const first = example(needs.includes("demonstrations or expert") ? "MacroCells-v0" : environment, {
    demonstrations,
    expert,
    "demonstrations or expert": exact,
  });
  if (needs.length === 0) return [first];
  const zoo = { demonstrations: "--demos expert", expert: "--expert expert" };
  const sampled = "--demos expert --optimiser.algorithm sac --optimiser.temperature 1";
  return [first, example(environment, { ...zoo, "demonstrations or expert": sampled })];
}
