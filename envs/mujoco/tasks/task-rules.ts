/** @file What families of tasks share: their options, and rules whose reward for going forward is replaced. */

import { trialEpisodes } from "../../options.js";
import type { Rules, Step } from "../environment.js";
import { modelOptions } from "../options.js";

/** The options of a family that differ from those of the robot on its own. */
export const familyOptions = (frameSkip: number) => ({
  ...modelOptions(frameSkip, 100),
  episodesPerTask: trialEpisodes(2),
});

export interface Aim {
  /** What the summand is called in `info`. */
  name?: "rewardForward" | "rewardGoal";
  /** What a step brings towards the task of its copy. */
  reward(step: Step): number;
}

/** `rules` with the first summand of the reward, `rewardForward`, replaced. They must give it the weight 0. */
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
