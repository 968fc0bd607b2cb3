/** @file Shared by the tests of networks: running a program on both executors, and simple statistics. */

import { expect } from "vitest";
import * as t from "../../src/tensor/index.js";

export interface Values {
  shape: readonly number[];
  data: ArrayLike<number>;
  dtype?: t.DType;
}

type Build = (inputs: Record<string, t.Tensor>) => Record<string, t.Tensor>;

export const values = (shape: readonly number[], data: ArrayLike<number>, dtype?: t.DType): Values => ({
  shape,
  data,
  dtype,
});

function compile(inputs: Record<string, Values>, build: Build): t.Program {
  return t.program(
    Object.fromEntries(
      Object.entries(inputs).map(([name, { shape, dtype }]) => [name, { shape, dtype: dtype ?? "float32" }]),
    ),
    build,
  );
}

/** The outputs of the float64 interpreter. */
export function interpret(inputs: Record<string, Values>, build: Build): Record<string, Float64Array> {
  const feeds = Object.fromEntries(Object.entries(inputs).map(([name, { data }]) => [name, data]));
  return compile(inputs, build).interpret(feeds);
}

const typed = (inputs: Record<string, Values>): Record<string, Float32Array | Int32Array> =>
  Object.fromEntries(
    Object.entries(inputs).map(([name, { data, dtype }]) => [
      name,
      dtype === "int32" ? Int32Array.from(data) : Float32Array.from(data),
    ]),
  );

/** The outputs of ONNX Runtime: for large samples, which take the interpreter long. */
export async function run(
  inputs: Record<string, Values>,
  build: Build,
): Promise<Record<string, Float64Array>> {
  const program = compile(inputs, build);
  const outputs = await program.run(typed(inputs));
  await program.release();
  return Object.fromEntries(Object.entries(outputs).map(([name, array]) => [name, Float64Array.from(array)]));
}

/** The outputs of the interpreter, after ONNX Runtime has given the same on the same float32 inputs. */
export async function evaluate(
  inputs: Record<string, Values>,
  build: Build,
  tolerance = 1e-5,
): Promise<Record<string, Float64Array>> {
  const program = compile(inputs, build);
  const feeds = typed(inputs);
  const expected = program.interpret(feeds);
  const actual = await program.run(feeds);
  for (const [name, array] of Object.entries(expected)) expectClose(actual[name], array, tolerance, name);
  await program.release();
  return expected;
}

/** Asserts |a − b| ≤ tolerance (1 + |b|) for every element. */
export function expectClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
  what = "value",
): void {
  expect(actual.length, `length of ${what}`).toBe(expected.length);
  for (let i = 0; i < expected.length; i++) {
    const near = Math.abs(actual[i] - expected[i]) <= tolerance * (1 + Math.abs(expected[i]));
    if (!near) expect.fail(`${what}[${i}] is ${actual[i]}, not ${expected[i]} (± ${tolerance})`);
  }
}

/** The gradient of a scalar program with respect to one input, by central differences in float64. */
export function finiteDifferences(
  inputs: Record<string, Values>,
  name: string,
  loss: (inputs: Record<string, t.Tensor>) => t.Tensor,
  h = 1e-5,
): Float64Array {
  const program = compile(inputs, (x) => ({ loss: loss(x) }));
  const x = Float64Array.from(inputs[name].data);
  const feeds = {
    ...Object.fromEntries(Object.entries(inputs).map(([key, { data }]) => [key, data])),
    [name]: x,
  };
  const at = (i: number, value: number): number => {
    x[i] = value;
    return program.interpret(feeds).loss[0];
  };
  return Float64Array.from(x, (value, i) => {
    const slope = (at(i, value + h) - at(i, value - h)) / (2 * h);
    x[i] = value;
    return slope;
  });
}

export const sum = (xs: ArrayLike<number>): number => Array.from(xs).reduce((a, b) => a + b, 0);
export const mean = (xs: ArrayLike<number>): number => sum(xs) / xs.length;
export const variance = (xs: ArrayLike<number>): number => {
  const centre = mean(xs);
  return mean(Array.from(xs, (x) => (x - centre) ** 2));
};

/** Asserts that the mean of independent samples is within 4.5 standard errors of a value. */
export function expectMean(samples: ArrayLike<number>, expected: number, what = "mean"): void {
  const error = Math.sqrt(variance(samples) / samples.length);
  const distance = Math.abs(mean(samples) - expected);
  expect(distance, `${what}: ${mean(samples)}, expected ${expected}`).toBeLessThanOrEqual(4.5 * error + 1e-7);
}
