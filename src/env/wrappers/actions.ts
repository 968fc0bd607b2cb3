/** @file ClipAction and RescaleAction: convert continuous actions of a policy to the box of the environment. */

import { UsageError } from "../../errors.js";
import { box } from "../../spaces/index.js";
import type { Action } from "../../spaces/values.js";
import type { EnvironmentLike } from "../adapter.js";
import { adaptEnvironment } from "../adapter.js";
import type { Environment } from "../contracts.js";
import { boxOf, wrap } from "./wrapper.js";

/** Takes any action and clips each entry into the environment's box. */
export function clipAction(source: EnvironmentLike): Environment {
  const environment = adaptEnvironment(source);
  const { shape, low, high } = boxOf("clipAction", "actions", environment.id, environment.actionSpace);
  const clipped = new Float32Array(low.length);
  return wrap(environment, {
    actionSpace: box(shape, -Infinity, Infinity),
    step(action, inner) {
      const entries = action as ArrayLike<number>;
      for (let i = 0; i < clipped.length; i++) clipped[i] = Math.max(low[i], Math.min(high[i], entries[i]));
      return inner(clipped as Action);
    },
  });
}

/**
 * Takes actions in [min, max] and maps them linearly onto the environment's box, entry by entry.
 *
 * @throws UsageError unless that box is bounded and min is below max.
 */
export function rescaleAction(source: EnvironmentLike, { min = -1, max = 1 } = {}): Environment {
  const environment = adaptEnvironment(source);
  const { id } = environment;
  const { shape, low, high } = boxOf("rescaleAction", "actions", id, environment.actionSpace);
  if (!(min < max)) throw new UsageError(`rescaleAction: min ${min} must be below max ${max}`);
  if (![...low, ...high].every(Number.isFinite)) {
    throw new UsageError(
      `rescaleAction: the action space of ${id} is not a bounded box, so actions cannot be scaled to it`,
    );
  }
  const scaled = new Float32Array(low.length);
  return wrap(environment, {
    actionSpace: box(shape, min, max),
    step(action, inner) {
      const entries = action as ArrayLike<number>;
      for (let i = 0; i < scaled.length; i++) {
        scaled[i] = low[i] + ((entries[i] - min) / (max - min)) * (high[i] - low[i]);
      }
      return inner(scaled as Action);
    },
  });
}
