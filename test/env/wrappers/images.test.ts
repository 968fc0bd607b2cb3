/** @file Grayscale and resized images against closed forms. */

import { describe, expect, it } from "vitest";
import { frameStack, grayscale, resizeObservation } from "../../../src/env/wrappers/index.js";
import { box } from "../../../src/spaces/index.js";

/** An environment whose observation is this image. */
const showing = (shape: number[], pixels: number[], bounds: [number, number] = [0, 255]) => ({
  id: "Image",
  observationSpace: box(shape, ...bounds),
  actionSpace: { n: 2 },
  reset: () => [pixels, {}],
  step: () => [pixels.map((x) => x / 2), 0, false, false, {}],
});

const first = (environment: { reset(): { observation: unknown } }) =>
  Array.from(environment.reset().observation as Float32Array);

describe("grayscale", () => {
  const colours = [255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255, 10, 20, 30, 0, 0, 0];
  const expected = [0.2125 * 255, 0.7154 * 255, 0.0721 * 255, 255, 2.125 + 14.308 + 2.163, 0];

  it("weighs red, green and blue by their luminance, in each pixel", () => {
    const environment = grayscale(showing([2, 3, 3], colours), { channels: "last" });
    expect(environment.observationSpace).toEqual(box([2, 3], 0, 255));
    for (const [k, x] of first(environment).entries()) expect(x).toBeCloseTo(expected[k], 3);
    const after = environment.step(0).observation as Float32Array;
    for (const [k, x] of after.entries()) expect(x).toBeCloseTo(expected[k] / 2, 3);
  });

  it("reads channels in front too", () => {
    const planes = [0, 1, 2].flatMap((c) => [0, 1, 2, 3, 4, 5].map((k) => colours[3 * k + c]));
    const environment = grayscale(showing([3, 2, 3], planes), { channels: "first" });
    for (const [k, x] of first(environment).entries()) expect(x).toBeCloseTo(expected[k], 3);
  });

  it("is refused for other images", () => {
    expect(() => grayscale(showing([2, 2], [0, 0, 0, 0]))).toThrow(
      "grayscale: Image has images in Box(2×2), with 1 channels; they must have red, green and blue",
    );
    expect(() => grayscale(showing([6], [0, 0, 0, 0, 0, 0]))).toThrow(
      "images have the shape [height, width]",
    );
  });
});

describe("a resized image", () => {
  it("has the means of the pixels that a larger pixel covers", () => {
    const environment = resizeObservation(showing([2, 4], [1, 3, 10, 20, 5, 7, 30, 40]), [1, 2]);
    expect(first(environment)).toEqual([4, 25]);
    expect(environment.observationSpace).toEqual(box([1, 2], 0, 255));
  });

  it("shares pixels that lie on a border: three into two", () => {
    const found = first(resizeObservation(showing([1, 3], [3, 6, 12]), [1, 2]));
    // Each covers one and a half: (3 + 6 / 2) / 1.5 and (6 / 2 + 12) / 1.5.
    for (const [k, x] of [4, 10].entries()) expect(found[k]).toBeCloseTo(x, 5);
  });

  it("keeps a constant image, and the mean of any", () => {
    for (const size of [
      [5, 3],
      [2, 2],
      [9, 11],
    ] as const) {
      const constant = first(resizeObservation(showing([7, 5], Array(35).fill(9)), size));
      for (const x of constant) expect(x).toBeCloseTo(9, 4);
      const ramp = Array.from({ length: 35 }, (_, k) => 7 * k);
      const resized = first(resizeObservation(showing([7, 5], ramp), size));
      expect(resized.reduce((sum, x) => sum + x, 0) / resized.length).toBeCloseTo(7 * 17, 2);
    }
  });

  it("treats each channel by itself, wherever they are", () => {
    const [a, b] = [
      [1, 2, 3, 4],
      [10, 20, 30, 40],
    ];
    const last = a.flatMap((x, k) => [x, b[k]]);
    expect(first(resizeObservation(showing([2, 2, 2], last), [1, 1], { channels: "last" }))).toEqual([
      2.5, 25,
    ]);
    const planes = showing([2, 2, 2], [...a, ...b]);
    expect(first(resizeObservation(planes, [1, 2], { channels: "first" }))).toEqual([2, 3, 20, 30]);
  });

  it("can be stacked, and is refused a size that is none", () => {
    const stacked = frameStack(resizeObservation(showing([4, 4], Array(16).fill(8)), [2, 2]), 3);
    expect(stacked.observationSpace).toEqual(box([3, 2, 2], 0, 255));
    stacked.reset();
    expect(Array.from(stacked.step(0).observation as Float32Array)).toEqual([
      ...Array(8).fill(8),
      4,
      4,
      4,
      4,
    ]);
    expect(() => resizeObservation(showing([4, 4], []), [0, 4])).toThrow(
      "resizeObservation: the size must be [height, width] in pixels, such as [84, 84], not [0,4]",
    );
  });
});
