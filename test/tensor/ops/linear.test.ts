/** @file Convolution and pooling against copied windows, with batches of any size. */

import { describe, expect, it } from "vitest";
import { createRng } from "../../../src/random/rng.js";
import * as t from "../../../src/tensor/index.js";

/** Convolution by its definition: each window is copied into a column, and the columns are multiplied. */
function byWindows(x: t.Tensor, w: t.Tensor, { stride = 1, padding = 0 }): t.Tensor {
  const [images, channels, height, width] = x.shape as number[];
  const [filters, , rows, columns] = w.shape as number[];
  const padded = t.pad(t.pad(x, padding, padding, 2), padding, padding, 3);
  const across = width + 2 * padding;
  const [down, right] = [height + 2 * padding - rows, across - columns].map(
    (rest) => Math.floor(rest / stride) + 1,
  );
  const indices: number[] = [];
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      for (let p = 0; p < down; p++) {
        for (let q = 0; q < right; q++) indices.push((p * stride + i) * across + q * stride + j);
      }
    }
  }
  const flat = t.reshape(padded, [images, channels, (height + 2 * padding) * across]);
  const copied = t.gather(flat, t.constant(Int32Array.from(indices), [rows * columns, down * right]), 2);
  const matrix = t.reshape(copied, [images, channels * rows * columns, down * right]);
  const product = t.matmul(t.reshape(w, [filters, channels * rows * columns]), matrix);
  return t.reshape(product, [images, filters, down, right]);
}

describe("conv2d", () => {
  it.each([
    [[3, 2, 7, 6], [4, 2, 2, 3], {}],
    [[3, 2, 7, 6], [4, 2, 3, 3], { padding: 1 }],
    [[2, 3, 8, 9], [2, 3, 4, 4], { padding: 2 }],
    [[2, 3, 9, 9], [2, 3, 3, 2], { stride: 2, padding: 1 }],
    [[2, 1, 20, 20], [4, 1, 8, 8], { stride: 4 }],
  ])("of images %j by kernels %j and its derivatives are those of copied windows, %j", async (image, kernel, options) => {
    const size = (shape: number[]) => shape.reduce((product, n) => product * n, 1);
    const program = t.program({ x: t.float32(image), w: t.float32(kernel) }, ({ x, w }) =>
      Object.fromEntries(
        [t.conv2d, byWindows].flatMap((convolve, i) => {
          const y = convolve(x, w, options);
          const [gx, gw] = t.grad(t.sum(t.square(t.tanh(y))), [x, w]);
          return Object.entries({ y, gx, gw }).map(([name, value]) => [`${name}${i}`, value]);
        }),
      ),
    );
    const rng = createRng("images");
    const found = await program.run({
      x: rng.fillNormal(new Float32Array(size(image))),
      w: rng.fillNormal(new Float32Array(size(kernel))).map((v) => v / 4),
    });
    for (const name of ["y", "gx", "gw"]) {
      const [own, reference] = [found[`${name}0`], found[`${name}1`]];
      expect(own).toHaveLength(reference.length);
      for (const [k, v] of reference.entries()) expect(Math.abs(own[k] - v)).toBeLessThan(2e-4);
    }
  });

  it("takes any number of images, also for the derivatives in the kernel", async () => {
    for (const kernel of [
      [2, 1, 2, 2],
      [2, 1, 4, 4],
    ]) {
      const program = t.program({ x: t.float32(["batch", 1, 5, 5]), w: t.float32(kernel) }, ({ x, w }) => {
        const y = t.maxPool2d(t.conv2d(x, w, { padding: 1 }), { size: 2 });
        return { gradient: t.grad(t.sum(t.square(y)), [w])[0] };
      });
      const rng = createRng(kernel.join());
      const w = rng.fillNormal(new Float32Array(2 * kernel[2] * kernel[3]));
      const x = rng.fillNormal(new Float32Array(75));
      const gradientOf = async (from: number, to: number) =>
        (await program.run({ x: x.slice(25 * from, 25 * to), w })).gradient;
      const whole = await gradientOf(0, 3);
      const parts = [await gradientOf(0, 1), await gradientOf(1, 3)];
      for (const [i, v] of whole.entries()) expect(v).toBeCloseTo(parts[0][i] + parts[1][i], 3);
    }
  });
});

describe("maxPool2d", () => {
  it("gives the derivative of a window to the first of tied elements", async () => {
    const program = t.program({ x: t.float32([1, 1, 2, 4]) }, ({ x }) => ({
      gradient: t.grad(t.sum(t.mul(t.maxPool2d(x, { size: 2 }), 3)), [x])[0],
    }));
    const feeds = { x: Float32Array.of(0, 7, 5, 5, 7, 7, 5, 5) };
    const expected = [0, 3, 3, 0, 0, 0, 0, 0];
    expect([...(await program.run(feeds)).gradient]).toEqual(expected);
    expect([...program.interpret(feeds).gradient]).toEqual(expected);
  });

  it("adds the derivatives of windows that share their largest element", async () => {
    const program = t.program({ x: t.float32([1, 1, 3, 3]) }, ({ x }) => ({
      gradient: t.grad(t.sum(t.maxPool2d(x, { size: 2, stride: 1 })), [x])[0],
    }));
    const { gradient } = await program.run({ x: Float32Array.of(0, 0, 0, 0, 9, 0, 0, 0, 0) });
    expect([...gradient]).toEqual([0, 0, 0, 0, 4, 0, 0, 0, 0]);
  });
});
