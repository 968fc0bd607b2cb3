/** @file Options of families of MuJoCo tasks, and rules with a task reward instead of the forward reward. */

import { trialEpisodes } from "../../options.js";
import type { Rules, Step } from "../environment.js";
import { modelOptions } from "../options.js";

/** Options of a family that differ from those of the single robot. */
export const familyOptions = (frameSkip: number) => ({
  ...modelOptions(frameSkip, 100),
  episodesPerTask: trialEpisodes(2),
});

export interface Aim {
  /** Name of the summand in `info`. */
  name?: "rewardForward" | "rewardGoal";
  /** The reward of a step for the task of its copy. */
  reward(step: Step): number;
}

/** `rules` with the summand `rewardForward` of the reward replaced by an aim. Its weight in `rules` must be 0. */
export function withAim(rules: Rules, { name = "rewardForward", reward }: Aim): Rules {
  const kept = Object.keys(rules.terms).filter((term) => term !== "rewardForward");
  const terms: Record<string, number> = { [name]: 0 };
  for (const term of kept) terms[term] = 0;
  return {
    ...rules,
    terms,
    reward(data, step) {
      const others = rules.reward(data, step);
      for (const term of kept) terms[term] = rules.terms[term];
      terms[name] = reward(step);
      return terms[name] + others;
    },
  };
}
