/** @file Generalised advantage estimation [Schulman et al. 2016, eq. 11–16] over a rollout. */

import type { Rollout } from "./rollout-buffer.js";

/** `[T, N]` each. */
export interface Advantages {
  advantages: Float32Array;
  /** The λ-return: advantage + value, the regression target of the critic. */
  returns: Float32Array;
}

/**
 * Advantages Â_t = Σ_l (γλ)^l δ_{t+l} with δ_t = r_t + γ V(s_{t+1}) − V(s_t); the sum stops at the end of the episode.
 * `nextValues` holds V of the true successor (0 at termination), so truncated episodes are bootstrapped.
 */
export function gae(
  rollout: Pick<
    Rollout,
    "steps" | "count" | "rewards" | "values" | "nextValues" | "terminated" | "truncated"
  >,
  { discount, gaeLambda }: { discount: number; gaeLambda: number },
): Advantages {
  const { steps, count, rewards, values, nextValues, terminated, truncated } = rollout;
  const advantages = new Float32Array(steps * count);
  const returns = new Float32Array(steps * count);
  const following = new Float64Array(count);
  for (let k = steps * count - 1; k >= 0; k--) {
    const i = k % count;
    const delta = rewards[k] + discount * nextValues[k] - values[k];
    const goesOn = !terminated[k] && !truncated[k];
    following[i] = goesOn ? delta + discount * gaeLambda * following[i] : delta;
    advantages[k] = following[i];
    returns[k] = following[i] + values[k];
  }
  return { advantages, returns };
}
