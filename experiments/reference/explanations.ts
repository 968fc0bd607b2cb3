/** @file The page of docs/explanation for each algorithm: the one with its name in kebab-case, with few exceptions. */

import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Algorithms that share a page, or whose page has another name. */
export const otherPages: Readonly<Record<string, string>> = {
  a2c: "ppo.md",
  aggNet: "crowd-networks.md",
  aggregateThenTrain: "crowd-networks.md",
  alil: "active-learning.md",
  bc: "behaviour-cloning.md",
  conal: "crowd-networks.md",
  crowdInG: "crowd-networks.md",
  crowdLayer: "crowd-networks.md",
  doctorNet: "crowd-networks.md",
  dpo: "fine-tuning.md",
  guidedFineTuning: "fine-tuning.md",
  ialeImitation: "active-learning.md",
  maxMig: "crowd-networks.md",
  orpo: "fine-tuning.md",
  policyIteration: "planning.md",
  qLearning: "q-learning-and-sarsa.md",
  densityReward: "density.md",
  rewardModel: "preference-learning.md",
  sarsa: "q-learning-and-sarsa.md",
  sft: "fine-tuning.md",
  softValueIteration: "planning.md",
  traceRegularised: "crowd-networks.md",
  valueIteration: "planning.md",
};

/** `maxEntIrl` → `max-ent-irl.md`. */
export const ownPage = (name: string): string =>
  `${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}.md`;

/**
 * The page that explains an algorithm, and its heading.
 *
 * @throws Error with the path of the page when there is none
 */
export function explanationOf(name: string): { title: string; page: string } {
  const page = Object.hasOwn(otherPages, name) ? otherPages[name] : ownPage(name);
  const [heading] = readFileSync(join("docs", "explanation", page), "utf8").split("\n", 1);
  return { title: heading.replace(/^# /, ""), page };
}
