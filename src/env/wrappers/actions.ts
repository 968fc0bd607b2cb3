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
  return wrap(environment, {
    actionSpace: box(shape, -Infinity, Infinity),
    step(action, inner) {
      const entries = action as ArrayLike<number>;
      // A new array at every step, because an environment may keep its last action.
      const clipped = new Float32Array(low.length);
      for (let i = 0; i < clipped.length; i++) clipped[i] = Math.max(low[i], Math.min(high[i], entries[i]));
      return inner(clipped as Action);
    },
  });
}

export interface RescaleOptions {
  /** The smallest action that is taken, for all entries or for each. Default −1. */
  min?: number | ArrayLike<number>;
  /** The largest action that is taken, for all entries or for each. Default 1. */
  max?: number | ArrayLike<number>;
}

/**
 * Takes actions in [min, max] and maps them linearly onto the environment's box, entry by entry.
 *
 * @throws UsageError unless that box is bounded and min and max are finite, with min below max, for every entry.
 */
export function rescaleAction(
  source: EnvironmentLike,
  { min: minimum = -1, max: maximum = 1 }: RescaleOptions = {},
): Environment {
  const environment = adaptEnvironment(source);
  const { id } = environment;
  const { shape, low, high } = boxOf("rescaleAction", "actions", id, environment.actionSpace);
  const min = perEntry("min", minimum, low.length);
  const max = perEntry("max", maximum, low.length);
  for (const [i, x] of min.entries()) {
    if (Number.isFinite(x) && Number.isFinite(max[i]) && x < max[i]) continue;
    throw new UsageError(
      `rescaleAction: min must be below max, both finite, but entry ${i} has min ${x} and max ${max[i]}`,
    );
  }
  if (![...low, ...high].every(Number.isFinite)) {
    throw new UsageError(
      `rescaleAction: the action space of ${id} is not a bounded box, so actions cannot be scaled to it`,
    );
  }
  return wrap(environment, {
    actionSpace: box(shape, min, max),
    step(action, inner) {
      const entries = action as ArrayLike<number>;
      const scaled = new Float32Array(low.length);
      for (let i = 0; i < scaled.length; i++) {
        scaled[i] = low[i] + ((entries[i] - min[i]) / (max[i] - min[i])) * (high[i] - low[i]);
      }
      return inner(scaled as Action);
    },
  });
}

/** One number for each entry of an action. @throws UsageError for an array of another length, or other values */
function perEntry(name: string, bound: number | ArrayLike<number>, width: number): number[] {
  if (typeof bound === "number") return new Array<number>(width).fill(bound);
  const values = Array.from(bound ?? []);
  if (values.length === width) return values;
  throw new UsageError(
    `rescaleAction: ${name} must be a number or ${width} numbers, one for each entry of an action, not ${values.length}`,
  );
}
