/** @file Shared by the tests of tensor programs: data, comparisons, finite differences. */
import fc from "fast-check";
import { expect } from "vitest";
import * as t from "../../src/tensor/index.js";

export type Feeds = Record<string, Float32Array | Int32Array | Uint8Array>;

/** Numbers that look random and are the same every time, in [low, high]. */
export function numbers(length: number, low = -2, high = 2, stream = 1): Float32Array {
  return Float32Array.from({ length }, (_, i) => {
    const x = Math.sin((i + 1) * 12.9898 + stream * 78.233) * 43758.5453;
    return low + (high - low) * (x - Math.floor(x));
  });
}

export const elements = (shape: readonly number[]): number =>
  shape.reduce((product, dim) => product * dim, 1);

/** Asserts |actual − expected| ≤ tolerance · (1 + |expected|), elementwise; infinities must be equal. */
export function expectClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
  label = "values",
): void {
  expect(actual.length, label).toBe(expected.length);
  for (let i = 0; i < expected.length; i++) {
    const close = Math.abs(actual[i] - expected[i]) <= tolerance * (1 + Math.abs(expected[i]));
    if (!close && !Object.is(actual[i], expected[i])) {
      expect.fail(`${label}: element ${i} is ${actual[i]}, expected ${expected[i]} (within ${tolerance})`);
    }
  }
}

/** Asserts that ONNX Runtime agrees with the double-precision interpreter on every output. */
export async function expectRunsLikeInterpreter(
  program: t.Program,
  feeds: Feeds,
  tolerance = 2e-5,
): Promise<void> {
  const actual = await program.run(feeds);
  const expected = program.interpret(feeds);
  await program.release();
  for (const name of Object.keys(expected)) expectClose(actual[name], expected[name], tolerance, name);
}

/** The value of an expression without inputs, on the interpreter. */
export function evaluate(build: () => t.Tensor): number[] {
  const program = t.program({}, () => ({ y: build() }));
  return [...program.interpret({}).y];
}

/** The gradient of a function of one array by central differences. */
export function finiteDifferences(
  f: (x: Float64Array) => number,
  at: ArrayLike<number>,
  step = 1e-5,
): number[] {
  return Array.from(at, (_, i) => {
    const x = Float64Array.from(at);
    x[i] = at[i] + step;
    const above = f(x);
    x[i] = at[i] - step;
    return (above - f(x)) / (2 * step);
  });
}

/** A generated shape. */
export const shapes = (minRank: number, maxRank: number): fc.Arbitrary<number[]> =>
  fc.array(fc.integer({ min: 1, max: 4 }), { minLength: minRank, maxLength: maxRank });
