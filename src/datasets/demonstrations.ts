/** @file Demonstrations: episodes of somebody who knows how, where they come from, and parts of them. */

import { originOf, withOrigin } from "../config/references.js";
import { UsageError } from "../errors.js";
import type { Rng } from "../random/rng.js";
import { type Trajectory, trajectoryReturn } from "../rollout/trajectory.js";
import { type Space, spaceWidth, unflatten, whyOutside } from "../spaces/index.js";
import type { Tree } from "../state/snapshot.js";

/** Where demonstrations come from: `expertReturn`, and whatever else is worth keeping (who, seed, version, time). */
export interface Provenance {
  /** Mean raw return of the demonstrating policy: normalised scores divide by this one, never by a nominal one. */
  expertReturn: number;
  [key: string]: Tree;
}

export interface Spaces {
  readonly observationSpace: Space;
  readonly actionSpace: Space;
}

/** What demonstrations are of. */
export interface DemonstrationsHeader extends Spaces {
  /** The environment's id. */
  readonly env: string;
  readonly provenance: Provenance;
}

/** A whole episode of somebody who knows how, and what of it to learn from. */
export interface Demonstration extends Trajectory {
  /** The steps whose state–action pairs are demonstrated, ascending in [0, T); all T without it. */
  readonly steps?: Int32Array;
  /** How much each of its pairs counts, from 0 on; 1 without it. */
  readonly weight?: number;
  /** Who demonstrated it, where there are several. */
  readonly expert?: string;
}

export interface Demonstrations extends DemonstrationsHeader {
  readonly trajectories: readonly Demonstration[];
}

/** The header of demonstrations to be made: `expertReturn` is their own mean return where it is not given. */
export interface NewDemonstrations extends Spaces {
  readonly env: string;
  readonly provenance?: Partial<Provenance>;
}

/**
 * Trajectories as demonstrations.
 *
 * @throws UsageError when there are none, or one does not fit the spaces: its episode, step and number are named.
 */
export function demonstrationsOf(
  trajectories: readonly Demonstration[],
  header: NewDemonstrations,
): Demonstrations {
  if (trajectories.length === 0) throw new UsageError("demonstrations need at least one trajectory");
  for (const [episode, trajectory] of trajectories.entries()) {
    const fault = trajectoryFault(trajectory, header);
    if (fault) throw new UsageError(`demonstrations of ${header.env}: episode ${episode}: ${fault}`);
  }
  const { env, observationSpace, actionSpace, provenance } = header;
  const total = trajectories.reduce((sum, trajectory) => sum + trajectoryReturn(trajectory), 0);
  return {
    env,
    observationSpace,
    actionSpace,
    provenance: { expertReturn: total / trajectories.length, ...provenance },
    trajectories,
  };
}

/** Why a trajectory is not one of these spaces, naming the step and the number, or `undefined` when it is. */
export function trajectoryFault(
  { observations, actions, rewards, steps: kept, weight = 1 }: Demonstration,
  { observationSpace, actionSpace }: Spaces,
): string | undefined {
  const steps = rewards.length;
  const [width, actionWidth] = [spaceWidth(observationSpace), spaceWidth(actionSpace)];
  if (steps === 0) return "it has no steps";
  if (observations.length !== (steps + 1) * width) {
    return `${steps} rewards need ${steps + 1} observations of ${width} numbers, not ${observations.length} numbers`;
  }
  if (actions.length !== steps * actionWidth) {
    return `${steps} rewards need ${steps} actions of ${actionWidth} numbers, not ${actions.length} numbers`;
  }
  const lost = observations.findIndex((number) => !Number.isFinite(number));
  if (lost >= 0) {
    return `step ${Math.floor(lost / width)}: entry ${lost % width} of the observation is ${observations[lost]}`;
  }
  for (let t = 0; t <= steps; t++) {
    // The bounds of a box are an environment's promise, and its last observation often breaks it.
    const why =
      observationSpace.kind !== "box" &&
      whyOutside(observationSpace, unflatten(observationSpace, observations, t * width));
    if (why) return `step ${t}: the observation is outside its space: ${why}`;
  }
  for (let t = 0; t < steps; t++) {
    const why = whyOutside(actionSpace, unflatten(actionSpace, actions, t * actionWidth));
    if (why) return `step ${t}: the action is outside its space: ${why}`;
    if (!Number.isFinite(rewards[t])) return `step ${t}: the reward is ${rewards[t]}`;
  }
  if (!(weight >= 0 && weight < Number.POSITIVE_INFINITY)) {
    return `its weight is ${weight}, not a finite number from 0 on`;
  }
  for (const [i, t] of (kept ?? []).entries()) {
    if (!(t >= 0 && t < steps) || (i > 0 && t <= kept![i - 1])) {
      return `its demonstrated steps must ascend from 0 to ${steps - 1} at most; entry ${i} is ${t}`;
    }
  }
  return undefined;
}

/**
 * The first `episodes` of them, with the provenance of all.
 *
 * @throws UsageError when there are fewer.
 */
export function firstEpisodes(demonstrations: Demonstrations, episodes: number): Demonstrations {
  const { env, trajectories } = demonstrations;
  if (!Number.isInteger(episodes) || episodes < 1 || episodes > trajectories.length) {
    throw new UsageError(
      `there are ${trajectories.length} demonstrations of ${env}; cannot take ${episodes}`,
    );
  }
  const first = { ...demonstrations, trajectories: trajectories.slice(0, episodes) };
  const origin = originOf(demonstrations);
  return origin ? withOrigin(first, { ...origin, episodes }) : first;
}

/**
 * Splits whole episodes at random, since neighbouring steps of one episode are too alike to test each other; both
 * parts keep their order. The held-out part gets `share` of them, rounded, and at least one.
 *
 * @throws UsageError when that leaves none to train on.
 */
export function splitEpisodes(
  demonstrations: Demonstrations,
  share: number,
  rng: Rng,
): { train: Demonstrations; heldOut: Demonstrations } {
  const { env, trajectories } = demonstrations;
  const aside = Math.max(1, Math.round(share * trajectories.length));
  if (!(share > 0) || aside >= trajectories.length) {
    throw new UsageError(
      `cannot hold out ${share} of ${trajectories.length} demonstrations of ${env}: ` +
        "the share must be above 0 and leave at least one to train on",
    );
  }
  const held = new Set(rng.shuffle(trajectories.map((_, i) => i)).slice(0, aside));
  const part = (isHeld: boolean) => trajectories.filter((_, i) => held.has(i) === isHeld);
  return {
    train: { ...demonstrations, trajectories: part(false) },
    heldOut: { ...demonstrations, trajectories: part(true) },
  };
}
