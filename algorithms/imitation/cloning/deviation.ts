/**
 * @file The deviations of a policy cloned by squared error. The loss trains the mean alone, so the deviations are set to
 * their maximum likelihood estimate given the mean: the root mean square of the residuals.
 */

import type { ActorCritic } from "../../../src/policies/index.js";

/** Weighted sums of the squared residuals of each entry of an action, for normalised actions. */
export interface Residuals {
  /** `[d]`. */
  squares: Float64Array;
  weight: number;
}

/** The smallest fitted deviation, relative to half the range of an action. The density of a perfect fit stays finite. */
const SMALLEST_DEVIATION = 1e-4;

/** No residuals yet, of actions with `width` entries. */
export const createResiduals = (width: number): Residuals => ({
  squares: new Float64Array(width),
  weight: 0,
});

/** Adds row `row` of squared residuals `[n, d]`. */
export function addResiduals(sums: Residuals, squares: Float32Array, row: number, weight: number): void {
  const { length: width } = sums.squares;
  if (weight === 0) return;
  for (let j = 0; j < width; j++) sums.squares[j] += weight * squares[row * width + j];
  sums.weight += weight;
}

/** Sets the deviations in the policy's parameters, in place. */
export function setDeviations(
  { layout }: ActorCritic,
  parameters: Float32Array,
  { squares, weight }: Residuals,
): void {
  const { offset } = layout.entries.find(({ name }) => name === "head.logStd")!;
  for (const [j, square] of squares.entries()) {
    parameters[offset + j] = Math.log(Math.max(Math.sqrt(square / weight), SMALLEST_DEVIATION));
  }
}
