/** @file From episodes as a file holds them to demonstrations that fit the spaces of their environment. */

import type { Space } from "../../spaces/index.js";
import {
  type Demonstration,
  type Demonstrations,
  type Provenance,
  type Spaces,
  trajectoryFault,
} from "../demonstrations.js";
import {
  type ArrayTree,
  actionRows,
  column,
  type NumberArray,
  observationRows,
  type Refuse,
} from "./arrays.js";

/** What a reader is told beside the bytes. */
export interface ReadingOptions extends Spaces {
  /** The environment's id. */
  env: string;
  /** Its time limit: an end that a file only calls "done" is a truncation where the episode has so many steps. */
  maxEpisodeSteps?: number;
  /** Bring actions into the bounds of their box instead of refusing those outside; false by default. */
  clip?: boolean;
  /** Whatever is known of where they come from; `expertReturn` is their own mean return without it. */
  provenance?: Partial<Provenance>;
  /** LeRobot: the column that holds the observation; by default `observation.state`, or else `observation`. */
  observationColumn?: string;
}

/** An episode of T steps as a file holds it. */
export interface RawEpisode {
  /** What messages call it. */
  place: string;
  /** T + 1 rows. */
  observations: ArrayTree | undefined;
  /** T rows. */
  actions: ArrayTree | undefined;
  /** `[T]`; some formats need not have them. */
  rewards: NumberArray | undefined;
  steps: number;
  terminated: boolean;
  truncated: boolean;
}

/**
 * Demonstrations of episodes. Where a file has no rewards they are 0, and the `expertReturn` is NaN unless it is given.
 *
 * @throws FormatError when there are none, or one does not fit the spaces: its place in the file is named.
 */
export function demonstrationsFrom(
  format: string,
  episodes: readonly RawEpisode[],
  options: ReadingOptions,
  refuse: Refuse,
): Demonstrations {
  const { env, observationSpace, actionSpace, clip = false, provenance } = options;
  if (episodes.length === 0) refuse("", "there is no whole episode in it");
  const trajectories = episodes.map((raw): Demonstration => {
    const { place, steps, terminated, truncated } = raw;
    const actions = actionRows(raw.actions, actionSpace, steps, `${place}/actions`, refuse);
    if (clip) clipInto(actionSpace, actions);
    const trajectory = {
      observations: observationRows(
        raw.observations,
        observationSpace,
        steps + 1,
        `${place}/observations`,
        refuse,
      ),
      actions,
      rewards: raw.rewards
        ? Float64Array.from(column(raw.rewards, `${place}/rewards`, refuse, steps).data)
        : new Float64Array(steps),
      terminated,
      truncated,
    };
    const fault = trajectoryFault(trajectory, options);
    if (fault) {
      const isBound = actionSpace.kind === "box" && fault.includes("action") && fault.includes("outside [");
      refuse(place, isBound ? `${fault}; the option clip brings actions into their bounds` : fault);
    }
    return trajectory;
  });
  const isRewarded = episodes.every(({ rewards }) => rewards !== undefined);
  const total = trajectories.reduce((sum, { rewards }) => sum + rewards.reduce((a, b) => a + b, 0), 0);
  return {
    env,
    observationSpace,
    actionSpace,
    provenance: {
      expertReturn: isRewarded ? total / trajectories.length : Number.NaN,
      format,
      ...provenance,
    },
    trajectories,
  };
}

function clipInto(space: Space, actions: Float32Array | Int32Array): void {
  if (space.kind !== "box") return;
  const { low, high } = space;
  for (let i = 0; i < actions.length; i++) {
    const j = i % low.length;
    // Comparisons, so that NaN stays NaN and is refused.
    if (actions[i] < low[j]) actions[i] = low[j];
    else if (actions[i] > high[j]) actions[i] = high[j];
  }
}

/** How an episode of T steps ended that a file only calls "done". */
export const endOf = (
  done: boolean,
  steps: number,
  { maxEpisodeSteps = Number.POSITIVE_INFINITY }: Pick<ReadingOptions, "maxEpisodeSteps">,
): { terminated: boolean; truncated: boolean } => ({
  terminated: done && steps < maxEpisodeSteps,
  truncated: done && steps >= maxEpisodeSteps,
});
