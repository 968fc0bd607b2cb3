/** @file Converts the episodes of a file to demonstrations that fit the spaces of their environment. */

import type { Space } from "../../spaces/index.js";
import {
  type Demonstration,
  type Demonstrations,
  recordedReturn,
  type Spaces,
  trajectoryFault,
} from "../demonstrations.js";
import type { Provenance } from "../provenance.js";
import {
  type ArrayTree,
  actionRows,
  column,
  type NumberArray,
  observationRows,
  type Refuse,
} from "./arrays.js";
import { completeSpaces } from "./infer-spaces.js";

/** The options of readers. A space that is not given is inferred from the content. */
export interface ReadingOptions extends Partial<Spaces> {
  /** The id of the environment, or of the data set where there is no environment. */
  env: string;
  /** The time limit: an end marked only "done" counts as truncation if the episode has this number of steps. */
  maxEpisodeSteps?: number;
  /** Clip actions to the bounds of their box instead of refusing actions outside. Default false. */
  clip?: boolean;
  /** Known provenance. Default of `expertReturn`: the mean return of the demonstrations. */
  provenance?: Partial<Provenance>;
  /** LeRobot: the column of observations. Default: `observation.state`, else `observation`. */
  observationColumn?: string;
}

/** An episode of T steps in the form of a file. */
export interface RawEpisode {
  /** The name of the episode in messages. */
  place: string;
  /** Refuses with the name of its file, if there are several. */
  refuse?: Refuse;
  /** T + 1 rows. */
  observations: ArrayTree | undefined;
  /** T rows. */
  actions: ArrayTree | undefined;
  /** `[T]`; optional in some formats. */
  rewards: NumberArray | undefined;
  steps: number;
  terminated: boolean;
  truncated: boolean;
}

/** What a format does not record in full. */
export interface Omitted {
  /** Episodes without a step. */
  episodes: number;
  /** Last steps, whose next observations are not in the file. */
  steps: number;
}

/**
 * Creates demonstrations from episodes. Without rewards in the file, rewards are 0, and `expertReturn` is unknown.
 * The provenance says what was omitted.
 *
 * @throws FormatError when there are none, or one does not fit the spaces; the message names its place in the file.
 */
export function demonstrationsFrom(
  format: string,
  episodes: readonly RawEpisode[],
  options: ReadingOptions,
  refuseAll: Refuse,
  omitted: Omitted = { episodes: 0, steps: 0 },
): Demonstrations {
  const { env, clip = false, provenance } = options;
  if (episodes.length === 0) refuseAll("", "it contains no whole episode");
  const { inferred, ...spaces } = completeSpaces(options, episodes, refuseAll);
  const { observationSpace, actionSpace } = spaces;
  const trajectories = episodes.map((raw): Demonstration => {
    const { place, steps, terminated, truncated, refuse = refuseAll } = raw;
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
    const fault = trajectoryFault(trajectory, spaces);
    if (fault) {
      const isBound = actionSpace.kind === "box" && fault.includes("action") && fault.includes("outside [");
      refuse(place, isBound ? `${fault}; set the option clip to clip actions to their bounds` : fault);
    }
    return trajectory;
  });
  return {
    env,
    ...spaces,
    provenance: {
      expertReturn: recordedReturn(trajectories),
      format,
      ...(inferred.length > 0 && { inferred }),
      ...provenance,
      ...(omitted.steps > 0 && { omitted: { ...omitted } }),
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

/** The kind of end of an episode of T steps that a file only marks as "done". */
export const endOf = (
  done: boolean,
  steps: number,
  { maxEpisodeSteps = Number.POSITIVE_INFINITY }: Pick<ReadingOptions, "maxEpisodeSteps">,
): { terminated: boolean; truncated: boolean } => ({
  terminated: done && steps < maxEpisodeSteps,
  truncated: done && steps >= maxEpisodeSteps,
});
