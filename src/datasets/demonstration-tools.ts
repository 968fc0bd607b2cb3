/**
 * @file Transforms demonstrations before learning: subsampling, weights, mixtures of experts, label noise.
 * Inputs are not modified, and trajectories remain complete, with their returns and lengths.
 */

import { UsageError } from "../errors.js";
import type { Rng } from "../random/rng.js";
import { type ActionNoise, noisyActions } from "../rollout/action-noise.js";
import type { Tree } from "../state/snapshot.js";
import type { Demonstration, Demonstrations } from "./demonstrations.js";
import { type Provenance, playedWithIn } from "./provenance.js";

/**
 * Keeps every `every`-th demonstrated pair of each episode, from a random one of the first `every` pairs on, as in
 * [Ho & Ermon 2016, §6] (every 20th, or every 10th for Reacher). The remaining states are then less correlated, and a
 * few episodes do not cover all states. An episode shorter than `every` keeps one pair.
 *
 * The trajectories remain complete; their `steps` list the remaining pairs, which `demonstratedTransitions` returns.
 *
 * @throws UsageError when `every` is not a positive integer.
 */
export function subsample(
  demonstrations: Demonstrations,
  { every, rng }: { every: number; rng: Rng },
): Demonstrations {
  if (!Number.isInteger(every) || every < 1) {
    throw new UsageError(`subsample: every must be a positive integer, not ${every}`);
  }
  const trajectories = demonstrations.trajectories.map((trajectory): Demonstration => {
    const { rewards, steps = Int32Array.from(rewards, (_, t) => t) } = trajectory;
    const offset = rng.integer(Math.max(1, Math.min(every, steps.length)));
    return { ...trajectory, steps: steps.filter((_, i) => i % every === offset) };
  });
  return { ...demonstrations, trajectories };
}

/**
 * Demonstrations with one weight per episode, which applies to all of its pairs.
 *
 * @throws UsageError when the number of weights is not the number of episodes, or one is negative or not finite.
 */
export function weighted(demonstrations: Demonstrations, weights: ArrayLike<number>): Demonstrations {
  const { env, trajectories } = demonstrations;
  if (weights.length !== trajectories.length) {
    throw new UsageError(
      `there are ${trajectories.length} demonstrations of ${env}, but ${weights.length} weights`,
    );
  }
  return {
    ...demonstrations,
    trajectories: trajectories.map((trajectory, i) => {
      if (!(weights[i] >= 0 && weights[i] < Number.POSITIVE_INFINITY)) {
        throw new UsageError(`weight ${i} is ${weights[i]}: it must be a finite number ≥ 0`);
      }
      return { ...trajectory, weight: weights[i] };
    }),
  };
}

export interface MixtureOptions {
  /** The relative number of episodes of each expert, in any unit. Default: all episodes are used. */
  proportions?: Readonly<Record<string, number>>;
  /** The total number of episodes. Default: as many as the proportions allow. */
  episodes?: number;
  rng: Rng;
}

/**
 * Combines the demonstrations of several experts in random order. The episodes of each expert are drawn without
 * replacement and are marked with `expert`, by which `byExpert` separates them again. The `expertReturn` of the mixture
 * is the mean of the experts' returns in the same proportions.
 *
 * @throws UsageError when the experts acted in different spaces, when proportions name another expert or sum to 0,
 * or when an expert has too few episodes.
 */
export function mixDemonstrations(
  experts: Readonly<Record<string, Demonstrations>>,
  { proportions, episodes, rng }: MixtureOptions,
): Demonstrations {
  const names = Object.keys(experts);
  if (names.length === 0) throw new UsageError("a mixture needs the demonstrations of at least one expert");
  const [first, ...others] = names.map((name) => experts[name]);
  const stray = Object.keys(proportions ?? {}).find((name) => !names.includes(name));
  if (stray !== undefined) throw new UsageError(`proportions: there is no expert "${stray}"`);
  for (const other of others) {
    for (const space of ["observationSpace", "actionSpace"] as const) {
      if (JSON.stringify(other[space]) !== JSON.stringify(first[space])) {
        throw new UsageError(`cannot mix ${first.env} and ${other.env}: their ${space} differs`);
      }
    }
  }
  const available = names.map((name) => experts[name].trajectories.length);
  const counts = apportion(
    names,
    available,
    names.map((name, i) => (proportions ? (proportions[name] ?? 0) : available[i])),
    episodes,
  );
  const total = counts.reduce((sum, n) => sum + n, 0);

  const chosen = names.flatMap((name, i) =>
    rng
      .shuffle(Array.from({ length: available[i] }, (_, j) => j))
      .slice(0, counts[i])
      .map((j): Demonstration => ({ ...experts[name].trajectories[j], expert: name })),
  );
  const order = rng.shuffle(chosen.map((_, i) => i));
  const expertReturn = names.reduce(
    (sum, name, i) => sum + (counts[i] / total) * experts[name].provenance.expertReturn,
    0,
  );
  const played = names.map((name) => playedWithIn(experts[name]));
  const isShared = played.every((one) => JSON.stringify(one) === JSON.stringify(played[0]));
  const provenances = names.map((name): [string, Tree] => [name, experts[name].provenance]);
  return {
    ...first,
    provenance: { expertReturn, experts: Object.fromEntries(provenances), ...(isShared && played[0]) },
    trajectories: order.map((i) => chosen[i]),
  };
}

/** The number of episodes of each expert, by the method of largest remainders, so every rounding error is below 1. */
function apportion(
  names: string[],
  available: number[],
  proportions: number[],
  episodes: number | undefined,
): number[] {
  const bad = proportions.findIndex((p) => !(p >= 0 && p < Number.POSITIVE_INFINITY));
  if (bad >= 0)
    throw new UsageError(`proportions: that of "${names[bad]}" is ${proportions[bad]}, not from 0 on`);
  const sum = proportions.reduce((a, b) => a + b, 0);
  if (sum === 0) throw new UsageError("proportions: at least one must be above 0");
  const shares = proportions.map((p) => p / sum);
  const most = Math.min(
    ...shares.map((share, i) => (share > 0 ? available[i] / share : Number.POSITIVE_INFINITY)),
  );
  const total = episodes ?? Math.floor(most + 1e-9);
  if (!Number.isInteger(total) || total < 1) {
    throw new UsageError(`a mixture needs a positive number of episodes, not ${total}`);
  }
  const counts = shares.map((share) => Math.floor(share * total + 1e-9));
  const byRemainder = shares
    .map((share, i) => ({ i, remainder: share * total - counts[i] }))
    .sort((a, b) => b.remainder - a.remainder || a.i - b.i);
  const missing = total - counts.reduce((a, b) => a + b, 0);
  for (const { i } of byRemainder.slice(0, missing)) counts[i]++;
  for (const [i, count] of counts.entries()) {
    if (count > available[i]) {
      throw new UsageError(
        `the mixture takes ${count} of ${total} episodes from "${names[i]}", which has ${available[i]}: set fewer episodes`,
      );
    }
  }
  return counts;
}

/** The demonstrations of each expert in a mixture, in order, with their original provenance. */
export function byExpert(demonstrations: Demonstrations): Record<string, Demonstrations> {
  const { provenance, trajectories } = demonstrations;
  const provenances = (provenance.experts ?? {}) as Record<string, Provenance>;
  const names = [...new Set(trajectories.map(({ expert }) => expert ?? ""))].sort();
  return Object.fromEntries(
    names.map((name) => [
      name,
      {
        ...demonstrations,
        provenance: Object.hasOwn(provenances, name) ? provenances[name] : provenance,
        trajectories: trajectories.filter(({ expert }) => (expert ?? "") === name),
      },
    ]),
  );
}

/**
 * Demonstrations with random errors in their actions, as by an imperfect annotator; the states are unchanged. (For
 * noise in the executed actions, which changes the states, see the option `noise` of `collect`.)
 *
 * @throws UsageError when the noise does not fit the action space.
 */
export function noisyLabels(
  demonstrations: Demonstrations,
  { rng, ...noise }: ActionNoise & { rng: Rng },
): Demonstrations {
  return {
    ...demonstrations,
    trajectories: demonstrations.trajectories.map((trajectory) => ({
      ...trajectory,
      actions: noisyActions(demonstrations.actionSpace, trajectory.actions, noise, rng),
    })),
  };
}
