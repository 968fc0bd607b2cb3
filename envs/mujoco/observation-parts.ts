/** @file Building blocks of rules: parts of observations and start noise. */

import type { Rng } from "../../src/random/rng.js";
import type { Data, Model } from "./physics/physics.js";

/** A contiguous part of an observation. */
export interface ObservationPart {
  readonly size: number;
  /** Writes the part of a copy to `out[at]`, …, `out[at + size − 1]`. */
  write(data: Data, out: Float32Array, at: number, copy: number): void;
}

/** Entries `from` to `to − 1` of an array of the data, clipped to ±`limit`. */
export function numbers(
  read: (data: Data) => Float64Array,
  from: number,
  to: number,
  limit = Infinity,
): ObservationPart {
  return {
    size: to - from,
    write(data, out, at) {
      const source = read(data);
      for (let k = from; k < to; k++, at++) {
        const value = source[k];
        out[at] = value > limit ? limit : value < -limit ? -limit : value;
      }
    },
  };
}

/** Generalised positions except the first `skipped`. */
export const positions = (model: Model, skipped = 0): ObservationPart =>
  numbers((data) => data.qpos, skipped, model.nq);

/** Generalised velocities, clipped to ±`limit`. */
export const velocities = (model: Model, limit = Infinity): ObservationPart =>
  numbers((data) => data.qvel, 0, model.nv, limit);

/** Adds noise, uniform on ±`scale`, to each number of `array`. */
export function addUniform(array: Float64Array, scale: number, rng: Rng): void {
  for (let k = 0; k < array.length; k++) array[k] += scale * (2 * rng.uniform() - 1);
}

/** Adds normal noise with standard deviation `scale` to each number of `array`. */
export function addNormal(array: Float64Array, scale: number, rng: Rng): void {
  for (let k = 0; k < array.length; k++) array[k] += scale * rng.normal();
}
