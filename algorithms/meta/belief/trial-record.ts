/** @file The record of one trial of every environment: what policies and encoder learn from. */

import type { FeedbackLayout } from "../../../src/env/wrappers/feedback-view.js";
import { createRollout, type Rollout } from "../../../src/rollout/rollout-buffer.js";
import type { Space } from "../../../src/spaces/index.js";

/** The steps of a trial that one actor–critic learns from: from episode `from` on, to before episode `to`. */
export interface Phase {
  readonly from: number;
  readonly to: number;
  /** Row (t, i): step t of environment i in this phase. */
  readonly rollout: PaddedRollout;
}

type PaddedRollout = Rollout & Required<Pick<Rollout, "ends" | "weights">>;

/** The record of one trial of N environments, overwritten by the next. */
export interface TrialRecord {
  readonly phases: readonly Phase[];
  /** Most steps of an episode, H. */
  readonly horizon: number;
  /** `[episodes, N]`: the steps of each episode. */
  readonly lengths: Int32Array;
  /** `[episodes, N]`: the raw return of each episode. */
  readonly returns: Float64Array;
  /** `[T, N, width]`: transitions [s, a, r, s′], encoded. */
  readonly transitions: Float32Array;
  /** `[T + 1, N, C]`: q(c | τ:t) before each step and after the last of the trial; empty without clusters. */
  readonly clusters: Float32Array;
}

/** Numbers of a transition [s, a, r, s′]. */
export const transitionWidth = ({ observation, action }: FeedbackLayout): number =>
  2 * observation + action + 1;

/**
 * A record of trials of `count` environments.
 *
 * @param bounds the first episode of each phase, and the number of episodes
 * @param clusters C, 0 for none
 */
export function createTrialRecord(
  count: number,
  spaces: { rowSpace: Space; actionSpace: Space },
  bounds: readonly number[],
  horizon: number,
  width: number,
  clusters: number,
): TrialRecord {
  const episodes = bounds[bounds.length - 1];
  const steps = episodes * horizon;
  const { rowSpace, actionSpace } = spaces;
  return {
    phases: bounds.slice(1).map((to, k) => {
      const length = (to - bounds[k]) * horizon;
      const rollout = createRollout({ count, observationSpace: rowSpace, actionSpace }, length, "trial");
      return {
        from: bounds[k],
        to,
        rollout: { ...rollout, weights: new Float32Array(length * count) } as PaddedRollout,
      };
    }),
    horizon,
    lengths: new Int32Array(episodes * count),
    returns: new Float64Array(episodes * count),
    transitions: new Float32Array(steps * count * width),
    clusters: new Float32Array((steps + 1) * count * clusters),
  };
}

/** The steps of the trial in each environment, `[N]`. */
export function trialLengths({ lengths, phases }: TrialRecord): Int32Array {
  const { count } = phases[0].rollout;
  const sums = new Int32Array(count);
  for (let k = 0; k < lengths.length; k++) sums[k % count] += lengths[k];
  return sums;
}

/** Makes all of it padding, which is 0. */
export function clear({ phases, lengths, returns, transitions }: TrialRecord): void {
  for (const { rollout } of phases) {
    const { observations, actions, logProbs, rewards, terminated, truncated, ends, weights } = rollout;
    for (const array of [observations, actions, logProbs, rewards, terminated, truncated, ends, weights]) {
      array.fill(0);
    }
  }
  for (const array of [lengths, returns, transitions]) array.fill(0);
}
