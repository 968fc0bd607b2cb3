/** @file Action masks in policy networks: the mask is no input of the network, and forbidden actions have probability 0. */

import {
  type ActionMask,
  actionMaskOf,
  type DictSpace,
  type Space,
  spaceWidth,
  withoutPart,
} from "../spaces/index.js";
import type { Tensor } from "../tensor/index.js";
import * as t from "../tensor/index.js";

/** The logit, or value, of a forbidden action: finite, so that gradients are, and exp of it is exactly 0 in float32. */
const FORBIDDEN = -1e9;

/** Observation rows `[B, w]` as a network and its outputs use them. */
export interface MaskedInputs {
  /** The mask; `undefined` where observations have none: then the functions below return their arguments. */
  readonly mask?: ActionMask;
  /** The space of what the network receives: observations without their mask. */
  readonly space: Space;
  /** The columns of `space`. */
  seen(rows: Tensor): Tensor;
  /** Outputs `[B, actions]`, with {@link FORBIDDEN} in place of those of forbidden actions. */
  allowed(outputs: Tensor, rows: Tensor): Tensor;
}

/** @throws UsageError for a part of observations with the name of a mask that is not one */
export function maskedInputs(spaces: { observationSpace: Space; actionSpace: Space }): MaskedInputs {
  const { observationSpace } = spaces;
  const mask = actionMaskOf(spaces);
  if (!mask) return { space: observationSpace, seen: (rows) => rows, allowed: (outputs) => outputs };
  const { name, offset, width } = mask;
  const after = spaceWidth(observationSpace) - offset - width;
  const columns = (rows: Tensor, from: number, to: number) => t.slice(rows, from, to, 1);
  return {
    mask,
    space: withoutPart(observationSpace as DictSpace, name),
    seen(rows) {
      const end = offset + width;
      if (after === 0) return columns(rows, 0, offset);
      if (offset === 0) return columns(rows, end, end + after);
      return t.concat([columns(rows, 0, offset), columns(rows, end, end + after)], 1);
    },
    allowed: (outputs, rows) =>
      t.where(t.greater(columns(rows, offset, offset + width), 0.5), outputs, FORBIDDEN),
  };
}
