/**
 * @file The two-way obstacle with continuous steering, learnt from samples. The action is the sideways distance at which
 * the obstacle is passed. A Gaussian policy has one mean, but the experts pass on both sides.
 */

import { type Demonstrations, demonstrationsOf } from "../../src/datasets/demonstrations.js";
import type { DivergenceKind } from "../../src/diagnostics/index.js";
import type { Environment } from "../../src/env/contracts.js";
import { createRng } from "../../src/random/rng.js";
import { box } from "../../src/spaces/index.js";

/** Standard deviation of the experts' distance about ±1. */
const SPREAD = 0.25;
/** Half the width of the obstacle. */
export const HALF_WIDTH = 0.5;

/** The largest distance to a side, and so the unit of normalised actions. */
export const FURTHEST = 3;

const spaces = { observationSpace: box([1], 0, 0), actionSpace: box([1], -FURTHEST, FURTHEST) };

/** An environment with one step per episode and reward −1 for a crash. */
export function steering(): Environment {
  return {
    id: "Steering",
    ...spaces,
    reset: () => ({ observation: new Float32Array(1), info: {} }),
    step: (action) => ({
      observation: new Float32Array(1),
      reward: Math.abs((action as ArrayLike<number>)[0]) < HALF_WIDTH ? -1 : 0,
      terminated: true,
      truncated: false,
      info: {},
    }),
    getState: () => ({}),
    setState: () => {},
  };
}

/** Demonstrations of `episodes` drives, half of them on each side. */
export function steeringDemonstrations(episodes: number): Demonstrations {
  const rng = createRng("steering experts");
  const trajectories = Array.from({ length: episodes }, (_, i) => ({
    observations: new Float32Array(2),
    actions: Float32Array.of((i % 2 === 0 ? -1 : 1) + SPREAD * rng.normal()),
    rewards: new Float64Array(1),
    terminated: true,
    truncated: false,
  }));
  return demonstrationsOf(trajectories, { env: "Steering", ...spaces });
}

const gaussian = (x: number, mean: number, std: number) =>
  Math.exp(-0.5 * ((x - mean) / std) ** 2) / (std * Math.sqrt(2 * Math.PI));

/** The density of the experts' actions. */
export const expertDensity = (x: number): number => (gaussian(x, -1, SPREAD) + gaussian(x, 1, SPREAD)) / 2;
export const learnerDensity = gaussian;

/** D(expert ‖ Gaussian) by the midpoint rule. */
export function divergenceFrom(kind: DivergenceKind, mean: number, std: number): number {
  const width = 0.01;
  let sum = 0;
  for (let x = -6 + width / 2; x < 6; x += width) {
    const [p, q] = [expertDensity(x) + 1e-300, gaussian(x, mean, std) + 1e-300];
    const middle = (p + q) / 2;
    const terms: Record<DivergenceKind, number> = {
      kl: p * Math.log(p / q),
      "reverse-kl": q * Math.log(q / p),
      js: (p * Math.log(p / middle) + q * Math.log(q / middle)) / 2,
      tv: Math.abs(p - q) / 2,
    };
    sum += width * terms[kind];
  }
  return sum;
}

/** The Gaussian with the smallest divergence, by search over a grid of means ≥ 0 and standard deviations. */
export function bestGaussian(kind: DivergenceKind): { mean: number; std: number; divergence: number } {
  let best = { mean: 0, std: 1, divergence: Infinity };
  for (let mean = 0; mean < 1.3; mean += 0.02) {
    for (let std = 0.1; std < 1.5; std += 0.02) {
      const divergence = divergenceFrom(kind, mean, std);
      if (divergence < best.divergence) best = { mean, std, divergence };
    }
  }
  return best;
}
