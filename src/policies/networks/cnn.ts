/** @file The network "cnn": convolutions for image observations (boxes with two or three dimensions). */

import * as z from "zod";
import { count } from "../../config/options.js";
import { UsageError } from "../../errors.js";
import * as nn from "../../nn/index.js";
import { type Box, describeSpace, type Space } from "../../spaces/index.js";
import type { Tensor } from "../../tensor/index.js";
import * as t from "../../tensor/index.js";
import type { NetworkDefinition } from "./contract.js";

/** The smallest side, in pixels, of images for the convolutions of [Mnih et al. 2015]. */
const SMALLEST_FOR_NATURE = 36;

const smallConvolutions: readonly nn.Convolution[] = [
  { filters: 16, size: 3, padding: 1 },
  { filters: 32, size: 3, padding: 1 },
];

const cnnSchema = z.strictObject({
  convolutions: z
    .array(
      z.strictObject({
        filters: count(),
        size: count().describe("side of the square kernel, in pixels"),
        stride: count().default(1).describe("step of the kernel, in pixels"),
        padding: z.int().nonnegative().default(0).describe("zeros around the image, in pixels"),
      }),
    )
    .min(1)
    .optional()
    .describe(
      "layers { filters, size, stride, padding }; unset: those of [Mnih et al. 2015] for images of at least " +
        "36 × 36 pixels, two 3 × 3 layers of 16 and 32 filters for smaller ones",
    ),
  activation: z.enum(nn.activationNames).default("relu").describe("activation function of the convolutions"),
  channels: z
    .enum(["first", "last"])
    .optional()
    .describe(
      "position of the channels in a box with three dimensions; unset: the shorter of the first and the last",
    ),
  scale: z
    .boolean()
    .default(true)
    .describe(
      "scale pixels to [0, 1] by the bounds of the box, such as 0 and 255; no effect on unbounded boxes and on " +
        "normalised observations",
    ),
});

/**
 * Convolutions. Their flattened outputs are the features; dense layers follow from the option `hidden` of the policy.
 */
export const cnn: NetworkDefinition<typeof cnnSchema> = {
  name: "cnn",
  schema: cnnSchema,
  create({ space }, { activation, scale, ...options }) {
    const { input, arrange } = imageOf(space, options.channels);
    const [, height, width] = input;
    const small = Math.min(height, width) < SMALLEST_FOR_NATURE;
    const convolutions = options.convolutions ?? (small ? smallConvolutions : nn.natureConvolutions);
    const layers = nn.convolutionLayers({ input, convolutions, activation });
    const toUnit = scale ? unitScaling(space as Box) : (x: Tensor) => x;
    return { ...layers, apply: (p, x) => layers.apply(p, arrange(toUnit(x))) };
  },
};

type ImageShape = readonly [channels: number, height: number, width: number];

/**
 * The shape of the images in the rows of a box, and the function from rows `[B, pixels]` to
 * `[B, channels, height, width]`.
 */
function imageOf(space: Space, channels?: "first" | "last") {
  const shape = space.kind === "box" ? space.shape : [];
  const [a, b, c] = shape;
  if (shape.length === 4) return stackOf(shape, channels);
  const images = (input: ImageShape) => ({ input, arrange: (x: Tensor) => t.reshape(x, [-1, ...input]) });
  if (shape.length === 2) return images([1, a, b]);
  if (shape.length !== 3) {
    throw new UsageError(
      `network "cnn" needs images, boxes of shape [height, width], [height, width, channels] or [channels, height, ` +
        `width], or stacks of the latter two; the observations are ${describeSpace(space)}`,
    );
  }
  if ((channels ?? (a < c ? "first" : "last")) === "first") return images([a, b, c]);
  const arrange = (x: Tensor) => t.transpose(t.reshape(x, [-1, a, b, c]), [0, 3, 1, 2]);
  return { input: [c, a, b] as ImageShape, arrange };
}

/** Stacked images `[frames, …]`: the channels of all frames are channels of one image. */
function stackOf([frames, a, b, c]: readonly number[], channels?: "first" | "last") {
  if ((channels ?? (a < c ? "first" : "last")) === "first") {
    const input = [frames * a, b, c] as const;
    return { input, arrange: (x: Tensor) => t.reshape(x, [-1, ...input]) };
  }
  const input = [frames * c, a, b] as const;
  const arrange = (x: Tensor) =>
    t.reshape(t.transpose(t.reshape(x, [-1, frames, a, b, c]), [0, 1, 4, 2, 3]), [-1, ...input]);
  return { input, arrange };
}

/** Scales values of a bounded box to [0, 1]; the identity for other boxes. */
function unitScaling({ low, high }: Box): (x: Tensor) => Tensor {
  const [least, most] = [Math.min(...low), Math.max(...high)];
  const range = most - least;
  if (!Number.isFinite(range) || range === 0 || (least === 0 && most === 1)) return (x) => x;
  return (x) => t.div(t.sub(x, least), range);
}
