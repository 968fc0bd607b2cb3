/** @file An environment of images: an arrow in the picture shows the correct direction. */

import type { Environment } from "../../src/env/contracts.js";
import { createRng } from "../../src/random/rng.js";
import { box, discrete } from "../../src/spaces/index.js";

/** Side of the picture in pixels. */
const SIDE = 8;
const STEPS = 16;

/** Pixels of arrows of 3 × 3 pixels that point left, down, right and up. */
const ARROWS = [
  [1, 3, 4, 7],
  [3, 4, 5, 7],
  [1, 4, 5, 7],
  [1, 3, 4, 5],
];

interface Saved {
  arrow: number;
  place: number;
  steps: number;
  rng: ReturnType<ReturnType<typeof createRng>["getState"]>;
}

export interface SignpostsOptions {
  /** Shows the pixels in another order, always the same: what a network gains from neighbouring pixels is lost. */
  shuffled?: boolean;
  /** Shape of the box: with the channel last, first, or left out. */
  shape?: number[];
}

/**
 * Pays 1 for the move to which the arrow points, 16 times in an episode; a random walk earns 4. The arrow stands in one
 * of 36 places, drawn anew at each step, on dark pixels of up to a fifth of its brightness.
 */
export function signposts({ shuffled = false, shape = [SIDE, SIDE, 1] }: SignpostsOptions = {}): Environment {
  const order = Int32Array.from({ length: SIDE * SIDE }, (_, i) => i);
  if (shuffled) createRng("order of pixels").shuffle(order);
  let rng = createRng(0);
  let [arrow, place, steps] = [0, 0, 0];
  const draw = (): Float32Array => {
    arrow = rng.integer(4);
    place = rng.integer((SIDE - 2) ** 2);
    const [top, left] = [Math.floor(place / (SIDE - 2)), place % (SIDE - 2)];
    const pixels = new Float32Array(SIDE * SIDE);
    for (let i = 0; i < pixels.length; i++) pixels[order[i]] = rng.integer(51);
    for (const pixel of ARROWS[arrow]) {
      pixels[order[(top + Math.floor(pixel / 3)) * SIDE + left + (pixel % 3)]] = 255;
    }
    return pixels;
  };
  return {
    id: "Signposts",
    observationSpace: box(shape, 0, 255),
    actionSpace: discrete(4),
    reset({ seed } = {}) {
      if (seed !== undefined) rng = createRng(seed);
      steps = 0;
      return { observation: draw(), info: {} };
    },
    step(action) {
      const reward = Number(action === arrow);
      steps++;
      return { observation: draw(), reward, terminated: false, truncated: steps === STEPS, info: {} };
    },
    getState: () => ({ arrow, place, steps, rng: { ...rng.getState() } }),
    setState(state) {
      const saved = state as unknown as Saved;
      ({ arrow, place, steps } = saved);
      rng.setState(saved.rng);
    },
  };
}
