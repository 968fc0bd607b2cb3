/** @file Controllers: functions of a user that choose an action for one observation, as policies without a file. */

import { UsageError } from "../errors.js";
import type { Rng } from "../random/rng.js";
import {
  type Action,
  allocateActions,
  clipToBox,
  flattenInto,
  type Observation,
  type Space,
  spaceWidth,
  unflatten,
  whyOutside,
} from "../spaces/index.js";
import { type ActResult, needRng, type Policy } from "./contract.js";

/** What a controller may use besides the observation. */
export interface ControllerContext {
  /** For random choices, so that the same seed gives the same episodes. */
  rng: Rng;
  /** The number of the step in its episode, from 0. */
  step: number;
  /** Whether to act by the mode. */
  deterministic: boolean;
}

/**
 * Chooses the action for one observation, both in the form in which an environment has them: a number for a discrete
 * space, an array for a box. It may return an action, a promise of it, or `{ actions }` with one action.
 */
export type Controller = {
  act(
    observation: Observation,
    context: ControllerContext,
  ): Action | Pick<ActResult, "actions"> | Promise<Action | Pick<ActResult, "actions">>;
}["act"];

/** The part of a policy with which episodes are played. */
export type ActingPolicy = Pick<Policy, "observationSpace" | "actionSpace" | "act" | "view">;

/** What can act in an environment: a policy, or a controller, as a function or as the method `act` of an object. */
export type Actor = ActingPolicy | Controller | { act: Controller };

/** Whether an actor is a controller: it has no spaces. */
export const isController = (actor: Actor): actor is Controller | { act: Controller } =>
  typeof actor === "function" ||
  (typeof (actor as Partial<Policy> | null)?.act === "function" &&
    (actor as Partial<Policy>).observationSpace === undefined &&
    (actor as Partial<Policy>).actionSpace === undefined);

/**
 * A policy that asks a controller for each action. Actions outside a box are executed and recorded at its bounds, as those
 * of policies are.
 *
 * @param what the controller in messages
 * @throws UsageError in `act` when the controller returns what is not an action of the space
 */
export function controllerPolicy(
  what: string,
  controller: Controller | { act: Controller },
  { observationSpace, actionSpace }: { observationSpace: Space; actionSpace: Space },
): ActingPolicy {
  const choose: Controller =
    typeof controller === "function"
      ? controller
      : (observation, context) => controller.act(observation, context);
  const [width, actionWidth] = [spaceWidth(observationSpace), spaceWidth(actionSpace)];
  return {
    observationSpace,
    actionSpace,
    /** The recurrent state counts the steps of each episode, `[N]`. */
    async act(observations, { rng, deterministic = false, state }) {
      const count = observations.length / width;
      const steps = state ?? new Float32Array(count);
      const actions = allocateActions(actionSpace, count);
      for (let i = 0; i < count; i++) {
        const observation = unflatten(observationSpace, observations, i * width);
        const chosen = await choose(observation, { rng: needRng(rng), deterministic, step: steps[i] });
        const executed = withinBounds(actionSpace, actionIn(actionSpace, chosen));
        const why = whyOutside(actionSpace, executed);
        if (why) throw new UsageError(`${what} returned no action at step ${steps[i]}: ${why}`);
        flattenInto(actionSpace, executed as Action, actions, i * actionWidth);
      }
      return { actions, state: steps.map((step) => step + 1) };
    },
  };
}

/** The action in what a controller returned. */
function actionIn(space: Space, returned: unknown): unknown {
  const { actions = returned } = (returned ?? {}) as Partial<ActResult>;
  const isBatch = space.kind === "discrete" && actions !== returned;
  return isBatch ? (actions as ArrayLike<number>)[0] : actions;
}

/** An action of a box within its bounds; anything else as it is. */
function withinBounds(space: Space, action: unknown): unknown {
  if (space.kind !== "box") return action;
  const values = typeof action === "number" ? [action] : action;
  const isRow =
    (Array.isArray(values) || ArrayBuffer.isView(values)) &&
    Number((values as number[]).length) === space.low.length;
  return isRow ? clipToBox(values as ArrayLike<number>, space) : action;
}
