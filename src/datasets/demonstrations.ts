/** @file Demonstrations: episodes of experts with their provenance, and functions that check and split them. */

import { originOf, withOrigin } from "../config/references.js";
import { UsageError } from "../errors.js";
import type { Rng } from "../random/rng.js";
import { countCut, type Trajectory, trajectoryReturn } from "../rollout/trajectory.js";
import { type Space, spaceProblem, spaceWidth, unflatten, whyOutside } from "../spaces/index.js";
import type { Provenance } from "./provenance.js";
import { nonEmptyEpisodes } from "./transitions.js";

export interface Spaces {
  readonly observationSpace: Space;
  readonly actionSpace: Space;
}

/** The environment and spaces of demonstrations, and their provenance. */
export interface DemonstrationsHeader extends Spaces {
  /** The id of the environment. */
  readonly env: string;
  readonly provenance: Provenance;
}

/** A whole episode of an expert, and the selection of its pairs for learning. */
export interface Demonstration extends Trajectory {
  /** The steps whose state–action pairs are demonstrated, ascending in [0, T). Default: all steps. */
  readonly steps?: Int32Array;
  /** The weight of each of its pairs, ≥ 0. Default 1. */
  readonly weight?: number;
  /** The name of the expert, when there are several. */
  readonly expert?: string;
}

export interface Demonstrations extends DemonstrationsHeader {
  readonly trajectories: readonly Demonstration[];
}

/** The header of new demonstrations. Default of `expertReturn`: see `recordedReturn`. */
export interface NewDemonstrations extends Spaces {
  readonly env: string;
  readonly provenance?: Partial<Provenance>;
}

/**
 * Creates demonstrations from trajectories.
 *
 * @throws UsageError when there are none, or one does not fit the spaces; the message gives the episode, step and
 *   entry.
 */
export function demonstrationsOf(
  trajectories: readonly Demonstration[],
  header: NewDemonstrations,
): Demonstrations {
  if (trajectories.length === 0) throw new UsageError("demonstrations need at least one trajectory");
  requireTrajectories(trajectories, header);
  const { env, observationSpace, actionSpace, provenance } = header;
  const cut = countCut(trajectories);
  return {
    env,
    observationSpace,
    actionSpace,
    provenance: {
      expertReturn: recordedReturn(trajectories),
      ...(cut > 0 && { truncatedByLimit: cut }),
      ...provenance,
    },
    trajectories,
  };
}

/** The mean return of episodes; NaN, which means unknown, where every reward is 0: none was recorded. */
export function recordedReturn(trajectories: readonly Trajectory[]): number {
  const isRewarded = trajectories.some(({ rewards }) => rewards.some((reward) => reward !== 0));
  const total = trajectories.reduce((sum, trajectory) => sum + trajectoryReturn(trajectory), 0);
  return isRewarded ? total / trajectories.length : Number.NaN;
}

/**
 * Checks demonstrations that may have been put together by hand. That there are any is checked by who learns from them.
 *
 * @throws UsageError that names the field, or the episode, step and entry.
 */
export function requireDemonstrations(value: Demonstrations): void {
  const { env, provenance, trajectories } = value;
  const way =
    "demonstrationsOf(trajectories, { env, observationSpace, actionSpace }) makes whole demonstrations";
  const require = (isRight: boolean, field: string, what: string) => {
    if (!isRight) throw new UsageError(`demonstrations of ${env}: ${field} must be ${what}; ${way}`);
  };
  require(typeof env === "string" && env !== "", "env", "the id of their environment");
  for (const space of ["observationSpace", "actionSpace"] as const) {
    const given: Partial<Space> | undefined = value[space];
    require(typeof given?.kind ===
      "string", space, 'a space with a kind, such as { kind: "discrete", n: 2 }');
    const problem = spaceProblem(value[space]);
    require(problem === undefined, space, `a valid space: ${problem}`);
  }
  require(typeof provenance?.expertReturn === "number", "provenance.expertReturn", "a number, or NaN");
  requireTrajectories(trajectories, value);
}

function requireTrajectories(
  trajectories: readonly Demonstration[],
  header: Pick<DemonstrationsHeader, "env"> & Spaces,
): void {
  for (const [episode, trajectory] of trajectories.entries()) {
    const fault = trajectoryFault(trajectory, header);
    if (fault) throw new UsageError(`demonstrations of ${header.env}: episode ${episode}: ${fault}`);
  }
}

/** @throws UsageError for subsampled or weighted episodes, which the formats of other programs do not have. */
export function requireWholeEpisodes(trajectories: readonly Demonstration[], format: string): void {
  const selective = trajectories.findIndex(({ steps, weight = 1 }) => steps || weight !== 1);
  if (selective < 0) return;
  throw new UsageError(
    `episode ${selective} is subsampled or weighted, which ${format}'s format does not support: use the format of understudy`,
  );
}

/** The reason why a field of a trajectory has the wrong type, or `undefined`. */
function typeFault(trajectory: Demonstration): string | undefined {
  if (typeof trajectory !== "object" || trajectory === null) return "it is not an object with observations";
  const types: [keyof Demonstration, string[]][] = [
    ["observations", ["Float32Array"]],
    ["actions", ["Float32Array", "Int32Array"]],
    ["rewards", ["Float64Array"]],
    ["terminated", ["Boolean"]],
    ["truncated", ["Boolean"]],
    ["steps", ["Int32Array", "Undefined"]],
    ["expert", ["String", "Undefined"]],
  ];
  for (const [name, allowed] of types) {
    // The name of the type, which also identifies arrays from another realm.
    const type = Object.prototype.toString.call(trajectory[name]).slice("[object ".length, -1);
    if (!allowed.includes(type)) return `${name} must be of type ${allowed.join(" or ")}, not ${type}`;
  }
  return undefined;
}

/** The reason why a trajectory does not fit the spaces, with step and entry, or `undefined` when it fits. */
export function trajectoryFault(
  trajectory: Demonstration,
  { observationSpace, actionSpace }: Spaces,
): string | undefined {
  const wrong = typeFault(trajectory);
  if (wrong) return wrong;
  const { observations, actions, rewards, steps: kept, weight = 1 } = trajectory;
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
    // Bounds of boxes are not checked, because final observations of environments often violate them.
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
    return `its weight is ${weight}, not a finite number ≥ 0`;
  }
  for (const [i, t] of (kept ?? []).entries()) {
    if (!(t >= 0 && t < steps) || (i > 0 && t <= kept![i - 1])) {
      return `its demonstrated steps must ascend within 0 to ${steps - 1}; entry ${i} is ${t}`;
    }
  }
  return undefined;
}

/**
 * The first `episodes` demonstrations, with unchanged provenance.
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
 * Splits demonstrations at random into a training and a held-out part. Whole episodes are split, because steps within
 * an episode are correlated; both parts keep the order. The held-out part gets the fraction `share` of the episodes,
 * rounded, and at least one. Episodes without a demonstrated step or of weight 0 are in neither part.
 *
 * @throws UsageError when no episode remains for training.
 */
export function splitEpisodes(
  demonstrations: Demonstrations,
  share: number,
  rng: Rng,
): { train: Demonstrations; heldOut: Demonstrations } {
  const { env } = demonstrations;
  const trajectories = nonEmptyEpisodes(demonstrations.trajectories);
  const aside = Math.max(1, Math.round(share * trajectories.length));
  if (!(share > 0) || aside >= trajectories.length) {
    throw new UsageError(
      `cannot hold out ${share} of ${trajectories.length} demonstrations of ${env}: ` +
        "the share must be above 0 and leave at least one for training",
    );
  }
  const held = new Set(rng.shuffle(trajectories.map((_, i) => i)).slice(0, aside));
  const part = (isHeld: boolean) => trajectories.filter((_, i) => held.has(i) === isHeld);
  return {
    train: { ...demonstrations, trajectories: part(false) },
    heldOut: { ...demonstrations, trajectories: part(true) },
  };
}
