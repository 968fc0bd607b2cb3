/** @file Grayscale and ResizeObservation: wrappers that change images. */

import { UsageError } from "../../errors.js";
import { type Box, box, describeSpace } from "../../spaces/index.js";
import { adaptEnvironment, type EnvironmentLike } from "../adapter.js";
import type { Environment } from "../contracts.js";
import { transformObservation } from "./observations.js";
import { boxOf } from "./wrapper.js";

/** Weights of red, green and blue in the luminance of ITU-R BT.709, rounded as in Gymnasium. */
const LUMINANCE = [0.2125, 0.7154, 0.0721];

/** Where the channels of an image are. */
export type Channels = "first" | "last";

/** Rows, columns and channels of images in a box, with channels where they are shortest. */
interface ImageLayout {
  height: number;
  width: number;
  channels: number;
  /** Entries from a pixel to that to its right, and between channels. */
  pixelStride: number;
  channelStride: number;
}

function layoutOf(wrapper: string, id: string, space: Box, channels?: Channels): ImageLayout {
  const [a, b, c] = space.shape;
  if (space.shape.length === 2) return { height: a, width: b, channels: 1, pixelStride: 1, channelStride: 1 };
  if (space.shape.length === 3) {
    return (channels ?? (a < c ? "first" : "last")) === "first"
      ? { height: b, width: c, channels: a, pixelStride: 1, channelStride: b * c }
      : { height: a, width: b, channels: c, pixelStride: c, channelStride: 1 };
  }
  throw new UsageError(
    `${wrapper}: ${id} has observations in ${describeSpace(space)}, but images have the shape [height, width], [height, ` +
      "width, channels] or [channels, height, width]",
  );
}

/** The bound that all entries share. */
function sharedBounds(wrapper: string, id: string, { low, high }: Box): [number, number] {
  const isShared = low.every((x) => x === low[0]) && high.every((x) => x === high[0]);
  if (isShared) return [low[0], high[0]];
  throw new UsageError(`${wrapper}: the pixels of ${id} have different bounds, so they are no image`);
}

export interface ImageOptions {
  /** Position of the channels; unset: the shorter of the first and the last dimension. */
  channels?: Channels;
}

/**
 * Images with three channels as images of shape [height, width]: 0.2125 red + 0.7154 green + 0.0721 blue.
 *
 * @throws UsageError for observations that are no such images
 */
export function grayscale(source: EnvironmentLike, { channels }: ImageOptions = {}): Environment {
  const environment = adaptEnvironment(source);
  const space = boxOf("grayscale", "observations", environment.id, environment.observationSpace);
  const layout = layoutOf("grayscale", environment.id, space, channels);
  const { height, width, pixelStride, channelStride } = layout;
  if (layout.channels !== 3) {
    throw new UsageError(
      `grayscale: ${environment.id} has images in ${describeSpace(space)}, with ${layout.channels} channels; they must have ` +
        "red, green and blue",
    );
  }
  const [low, high] = sharedBounds("grayscale", environment.id, space);
  const gray = new Float32Array(height * width);
  return transformObservation(
    environment,
    (observation) => {
      const pixels = observation as Float32Array;
      for (let k = 0; k < gray.length; k++) {
        let sum = 0;
        for (let c = 0; c < 3; c++) sum += LUMINANCE[c] * pixels[k * pixelStride + c * channelStride];
        gray[k] = Math.min(high, Math.max(low, sum));
      }
      return gray;
    },
    box([height, width], low, high),
  );
}

/**
 * Images of `size` [height, width], by area: a pixel is the mean of the part of the image that it covers, so that the
 * mean of the image stays.
 *
 * @throws UsageError for observations that are no images, or sides that are not positive integers
 */
export function resizeObservation(
  source: EnvironmentLike,
  size: readonly [height: number, width: number],
  { channels }: ImageOptions = {},
): Environment {
  const environment = adaptEnvironment(source);
  const isSize = Array.isArray(size) && size.length === 2 && size.every((n) => Number.isInteger(n) && n > 0);
  if (!isSize) {
    throw new UsageError(
      `resizeObservation: the size must be [height, width] in pixels, such as [84, 84], not ${JSON.stringify(size)}`,
    );
  }
  const space = boxOf("resizeObservation", "observations", environment.id, environment.observationSpace);
  const layout = layoutOf("resizeObservation", environment.id, space, channels);
  const [low, high] = sharedBounds("resizeObservation", environment.id, space);
  const [height, width] = size;
  const rows = overlaps(layout.height, height);
  const columns = overlaps(layout.width, width);
  const isFirst = space.shape.length === 3 && layout.pixelStride === 1;
  const shape =
    space.shape.length === 2
      ? [height, width]
      : isFirst
        ? [layout.channels, height, width]
        : [height, width, layout.channels];
  const out = new Float32Array(layout.channels * height * width);
  return transformObservation(
    environment,
    (observation) => {
      const pixels = observation as Float32Array;
      for (let c = 0; c < layout.channels; c++) {
        for (let y = 0; y < height; y++) {
          for (let x = 0; x < width; x++) {
            let sum = 0;
            for (const [row, tall] of rows[y]) {
              for (const [column, wide] of columns[x]) {
                const pixel = (row * layout.width + column) * layout.pixelStride + c * layout.channelStride;
                sum += tall * wide * pixels[pixel];
              }
            }
            const at = isFirst ? (c * height + y) * width + x : (y * width + x) * layout.channels + c;
            out[at] = Math.min(high, Math.max(low, sum));
          }
        }
      }
      return out;
    },
    box(shape, low, high),
  );
}

/** For each of `to` equal parts of a line of `from` pixels: the pixels in it, and their shares, which sum to 1. */
function overlaps(from: number, to: number): [pixel: number, share: number][][] {
  const length = from / to;
  return Array.from({ length: to }, (_, part) => {
    const [start, end] = [part * length, (part + 1) * length];
    const found: [number, number][] = [];
    for (let pixel = Math.floor(start); pixel < Math.min(from, end); pixel++) {
      const covered = Math.min(end, pixel + 1) - Math.max(start, pixel);
      if (covered > 1e-9) found.push([pixel, covered / length]);
    }
    return found;
  });
}
