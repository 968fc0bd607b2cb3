/**
 * @file What is done to demonstrations before learning from them: fewer pairs, weights, mixtures of experts, noise.
 * Nothing here changes what it is given, and whole trajectories stay whole: their returns and lengths are still there.
 */

import { UsageError } from "../errors.js";
import type { Rng } from "../random/rng.js";
import { type ActionNoise, noisyActions } from "../rollout/action-noise.js";
import type { Tree } from "../state/snapshot.js";
import type { Demonstration, Demonstrations, Provenance } from "./demonstrations.js";

/**
 * Every `every`-th of each episode's demonstrated pairs, from a random one of the first `every` on (Ho & Ermon 2016,
 * §6, who take every 20th, or every 10th on Reacher). It keeps the next states apart from each other, so that few
 * episodes do not show the whole way. An episode shorter than `every` keeps one pair.
 *
 * The trajectories stay as they are and say with `steps` which of their pairs are left; `demonstratedTransitions` gives these.
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
 * Demonstrations that count as much as `weights` says: one weight for each episode, which its pairs all have.
 *
 * @throws UsageError when there are not as many weights as episodes, or one is negative or not finite.
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
        throw new UsageError(`weight ${i} is ${weights[i]}: it must be a finite number from 0 on`);
      }
      return { ...trajectory, weight: weights[i] };
    }),
  };
}

export interface MixtureOptions {
  /** Which share of the episodes each expert has, in any unit; without it, all episodes are taken. */
  proportions?: Readonly<Record<string, number>>;
  /** How many episodes in all; without it, as many as the proportions allow. */
  episodes?: number;
  rng: Rng;
}

/**
 * Demonstrations of several experts as one set, in random order: the episodes of each are drawn without replacement,
 * and say with `expert` whose they are, so that `byExpert` gives them back. The `expertReturn` of the mixture is the
 * mean of the experts' in the same proportions.
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
  if (stray !== undefined) throw new UsageError(`proportions: no expert is called "${stray}"`);
  for (const other of others) {
    for (const space of ["observationSpace", "actionSpace"] as const) {
      if (JSON.stringify(other[space]) !== JSON.stringify(first[space])) {
        throw new UsageError(`cannot mix ${first.env} and ${other.env}: their ${space} is not the same`);
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
  const provenances = names.map((name): [string, Tree] => [name, experts[name].provenance]);
  return {
    ...first,
    provenance: { expertReturn, experts: Object.fromEntries(provenances) },
    trajectories: order.map((i) => chosen[i]),
  };
}

/** How many episodes each expert gives: the total by largest remainders, so no count is off by one or more. */
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
  if (sum === 0) throw new UsageError("proportions: one at least must be above 0");
  const shares = proportions.map((p) => p / sum);
  const most = Math.min(
    ...shares.map((share, i) => (share > 0 ? available[i] / share : Number.POSITIVE_INFINITY)),
  );
  const total = episodes ?? Math.floor(most + 1e-9);
  if (!Number.isInteger(total) || total < 1) {
    throw new UsageError(`a mixture has a positive number of episodes, not ${total}`);
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
        `the mixture takes ${count} of ${total} episodes from "${names[i]}", who gave ${available[i]}: ask for fewer episodes`,
      );
    }
  }
  return counts;
}

/** The demonstrations of each expert in a mixture, in order and with the provenance they had. */
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
 * Demonstrations whose actions are labelled wrongly here and there, as by a tired person: the states are those that
 * were visited. (Noise in what is carried out, and so in the states, is an option of `collect`.)
 *
 * @throws UsageError when the noise does not suit the space of the actions.
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
