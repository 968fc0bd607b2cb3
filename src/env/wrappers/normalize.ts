/**
 * @file NormalizeObservation and NormalizeReward. Their statistics are part of snapshots and can be frozen for
 * evaluation.
 */

import { UsageError } from "../../errors.js";
import { box } from "../../spaces/index.js";
import { adaptEnvironment, type EnvironmentLike } from "../adapter.js";
import type { Environment } from "../contracts.js";
import { addRow, createMoments, deviation, type Moments, normalizeRow } from "../moments.js";
import { boxOf, wrap } from "./wrapper.js";

/** Running statistics, and whether they are still updated. Plain data. */
export interface Normalizer {
  readonly moments: Moments;
  /** While true, the statistics are applied but not updated. */
  frozen: boolean;
}

/** A normalising wrapper. */
export type Normalized<E> = E & { readonly normalizer: Normalizer };

export interface NormalizeOptions {
  /** Initial statistics, for example from training for an evaluation. They are shared, not copied. */
  normalizer?: Normalizer;
  /** The largest absolute value of the output; larger values are clipped. */
  clip?: number;
}

export interface NormalizeRewardOptions extends NormalizeOptions {
  /** The discount γ of the returns whose deviation is the scale. */
  discount?: number;
}

/** Empty statistics. */
export const createNormalizer = (width: number): Normalizer => ({
  moments: createMoments(width),
  frozen: false,
});

const clipTo = (value: number, limit: number) => Math.max(-limit, Math.min(limit, value));

/** @throws UsageError unless the statistics have width `width` and `clip` is positive. */
export function checkNormalizer(what: string, normalizer: Normalizer, width: number, clip: number): void {
  const has = normalizer.moments.mean.length;
  if (has !== width) throw new UsageError(`${what}: the statistics are of ${has} numbers, not of ${width}`);
  if (!(clip > 0)) throw new UsageError(`${what}: clip must be positive, not ${clip}`);
}

/** Standardises each entry of observations with the statistics of all observations so far. */
export function normalizeObservation(
  source: EnvironmentLike,
  options: NormalizeOptions = {},
): Normalized<Environment> {
  const environment = adaptEnvironment(source);
  const what = "normalizeObservation";
  const { shape, low } = boxOf(what, "observations", environment.id, environment.observationSpace);
  const { normalizer = createNormalizer(low.length), clip = 10 } = options;
  checkNormalizer(what, normalizer, low.length, clip);
  const normalized = <R extends { observation: unknown }>(result: R) => {
    const raw = result.observation as Float32Array;
    if (!normalizer.frozen) addRow(normalizer.moments, raw);
    const observation = new Float32Array(raw.length);
    normalizeRow(normalizer.moments, clip, raw, observation, 0);
    return { ...result, observation };
  };
  const wrapped = wrap(environment, {
    observationSpace: box(shape, -clip, clip),
    state: normalizer,
    reset: normalized,
    step: (action, inner) => normalized(inner(action)),
  });
  return Object.assign(wrapped, { normalizer });
}

/** The scale of rewards, computed from the discounted returns so far. */
export class RewardScale {
  /** Part of snapshots. `returns` `[N]` are the discounted returns of the running episodes. */
  readonly state: { normalizer: Normalizer; returns: Float64Array };

  constructor(
    normalizer: Normalizer,
    count: number,
    private readonly discount: number,
    private readonly clip: number,
  ) {
    this.state = { normalizer, returns: new Float64Array(count) };
  }

  /** The standard deviation of the discounted returns so far. */
  get deviation(): number {
    return deviation(this.state.normalizer.moments, 0);
  }

  /** Counts the reward of a step of environment `i`. */
  observe(i: number, reward: number, ended: boolean): void {
    const { normalizer, returns } = this.state;
    returns[i] = this.discount * returns[i] + reward;
    if (!normalizer.frozen) addRow(normalizer.moments, returns, i);
    // The return starts at 0 in each episode, after termination and truncation alike.
    if (ended) returns[i] = 0;
  }

  /** The reward divided by the deviation of the returns. No mean is subtracted, so the sign is preserved. */
  scaled(i: number, reward: number, ended: boolean): number {
    this.observe(i, reward, ended);
    return clipTo(reward / this.deviation, this.clip);
  }
}

export function rewardScale(what: string, count: number, options: NormalizeRewardOptions): RewardScale {
  const { normalizer = createNormalizer(1), clip = 10, discount = 0.99 } = options;
  checkNormalizer(what, normalizer, 1, clip);
  if (!(discount >= 0 && discount <= 1)) {
    throw new UsageError(`${what}: discount must lie in [0, 1], not ${discount}`);
  }
  return new RewardScale(normalizer, count, discount, clip);
}

/** Rewards divided by the standard deviation of the discounted returns so far [Engstrom et al. 2020, §3]. */
export function normalizeReward(
  source: EnvironmentLike,
  options: NormalizeRewardOptions = {},
): Normalized<Environment> {
  const scale = rewardScale("normalizeReward", 1, options);
  const { state } = scale;
  const wrapped = wrap(source, {
    state,
    reset(result) {
      state.returns[0] = 0;
      return result;
    },
    step(action, inner) {
      const result = inner(action);
      return { ...result, reward: scale.scaled(0, result.reward, result.terminated || result.truncated) };
    },
  });
  return Object.assign(wrapped, { normalizer: state.normalizer });
}
