/** @file Generalised advantage estimation [Schulman et al. 2016, eq. 11–16] over a rollout. */

import type { Rollout } from "./rollout-buffer.js";

/** `[T, N]` each. */
export interface Advantages {
  advantages: Float32Array;
  /** The λ-return: advantage + value, the regression target of the critic. */
  returns: Float32Array;
}

/**
 * Advantages Â_t = Σ_l (γλ)^l δ_{t+l} with δ_t = r_t + γ V(s_{t+1}) − V(s_t); the sum stops at the end of the episode,
 * or where `ends` is 1 if it is given. `nextValues` holds V of the true successor (0 at termination), so truncated
 * episodes are bootstrapped. Inside a trial, an episode's end is an ordinary transition to the first state of the next
 * episode: exploration in one episode is paid by the next [Duan et al. 2016, §2.2].
 */
export function gae(
  rollout: Pick<
    Rollout,
    "steps" | "count" | "rewards" | "values" | "nextValues" | "terminated" | "truncated" | "ends"
  >,
  { discount, gaeLambda }: { discount: number; gaeLambda: number },
): Advantages {
  const { steps, count, rewards, values, nextValues, terminated, truncated, ends } = rollout;
  const advantages = new Float32Array(steps * count);
  const returns = new Float32Array(steps * count);
  const following = new Float64Array(count);
  for (let k = steps * count - 1; k >= 0; k--) {
    const i = k % count;
    const delta = rewards[k] + discount * nextValues[k] - values[k];
    const goesOn = ends ? !ends[k] : !terminated[k] && !truncated[k];
    following[i] = goesOn ? delta + discount * gaeLambda * following[i] : delta;
    advantages[k] = following[i];
    returns[k] = following[i] + values[k];
  }
  return { advantages, returns };
}
