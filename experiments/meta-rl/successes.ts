/** @file Counts and shows the tasks that are solved, in worlds that pay success a reward of its own. */

import { mean } from "../../index.js";
import type { Problem } from "../../src/env/contracts.js";
import { markdown } from "../lib/markdown.js";
import type { MetaRun } from "./runs.js";
import type { World } from "./world.js";

/**
 * A problem that notes in which episodes of its trials a step is paid the reward of success, in the vector that is made
 * last. `solved` is the share of trials with success in each episode, `[episodes][kinds]`, where trial k is that of row k
 * and has a task of cluster `clusters[k]`.
 */
export function watched(
  problem: Problem,
  { success }: Pick<World, "success">,
): { problem: Problem; solved: (clusters: readonly number[]) => number[][] } {
  /** `[rows][episodes]`: whether each episode so far has had success; the last one goes on. */
  let episodes: boolean[][] = [];
  const vector: Problem["vector"] = async (count, rng) => {
    const made = await problem.vector(count, rng);
    episodes = Array.from({ length: count }, () => [false]);
    const step = made.step.bind(made);
    made.step = (actions) => {
      step(actions);
      for (const [i, row] of episodes.entries()) {
        if (made.rewards[i] === success?.reward) row[row.length - 1] = true;
        if (made.terminated[i] | made.truncated[i]) row.push(false);
      }
    };
    return made;
  };
  const share = (flags: readonly boolean[]) => flags.filter(Boolean).length / flags.length;
  return {
    problem: { ...problem, vector },
    solved(clusters) {
      const whole = Math.min(...episodes.map((row) => row.length)) - 1;
      return Array.from({ length: whole }, (_, episode) =>
        success!.kinds.map((_, kind) =>
          Number(
            share(episodes.filter((_, k) => clusters[k] === kind).map((row) => row[episode])).toFixed(4),
          ),
        ),
      );
    },
  };
}

const percent = (share: number) => `${(100 * share).toFixed(0)} %`;

/**
 * A row a method: the share of test tasks of each kind that are solved at some step of each episode, over all seeds, and
 * the agreement of the inferred clusters with the kinds after the first episode, of each seed. Empty where no run has it.
 */
export function successTable(
  { success }: Pick<World, "success">,
  byMethod: readonly { name: string; runs: readonly Pick<MetaRun, "solved" | "nmi">[] }[],
): string {
  const rows = byMethod
    .map(({ name, runs }) => ({ name, runs: runs.filter(({ solved }) => solved) }))
    .filter(({ runs }) => runs.length > 0)
    .map(({ name, runs }) => [
      name,
      String(runs.length),
      ...success!.kinds.map((_, kind) =>
        runs[0]
          .solved!.map((_, episode) => percent(mean(runs.map(({ solved }) => solved![episode][kind]))))
          .join(", "),
      ),
      runs.flatMap(({ nmi }) => nmi?.at(-1)?.toFixed(2) ?? []).join(", "),
    ]);
  if (rows.length === 0) return "";
  return markdown([["solved in episode 1, 2", "seeds", ...success!.kinds, "NMI with the kind"], ...rows]);
}
