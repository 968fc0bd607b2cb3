/** @file Confusion matrices as parameters of networks. */

import type * as nn from "../../../src/nn/index.js";
import type { Tensor } from "../../../src/tensor/index.js";
import * as t from "../../../src/tensor/index.js";

/** `value` on the diagonals of matrices `[…, K, K]`, and `off` elsewhere. */
export const diagonal =
  (value: number, off = 0): nn.Initialiser =>
  (out, shape) => {
    const K = shape[shape.length - 1];
    for (let i = 0; i < out.length; i++) out[i] = Math.floor(i / K) % K === i % K ? value : off;
  };

/** Rows times matrices: `[B, K]` and `[B, K, K]` to `[B, K]`. */
export const timesRows = (rows: Tensor, matrices: Tensor): Tensor =>
  t.squeeze(t.matmul(t.expandDims(rows, 1), matrices), 1);

/** log Σ_k f_k π_ky from log-probabilities `[B, K]` and row-stochastic matrices `[B, K, K]`, `[B, K]`. */
export const mixedLog = (logProbabilities: Tensor, matrices: Tensor): Tensor =>
  t.log(t.add(timesRows(t.exp(logProbabilities), matrices), 1e-12));

/** The rows of matrices `[…, K]` through softmax, as probabilities. */
export function softmaxRows({ data, shape }: nn.NamedArray): Float64Array {
  return normalisedRows(data, shape, (x, most) => Math.exp(x - most));
}

/** The rows of matrices `[…, K]` through softplus, divided by their sums. */
export function softplusRows({ data, shape }: nn.NamedArray): Float64Array {
  return normalisedRows(data, shape, (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))));
}

function normalisedRows(
  data: Float32Array,
  shape: readonly number[],
  weigh: (x: number, most: number) => number,
): Float64Array {
  const K = shape[shape.length - 1];
  const out = new Float64Array(data.length);
  for (let row = 0; row < data.length; row += K) {
    const values = data.subarray(row, row + K);
    const most = Math.max(...values);
    let sum = 0;
    for (let k = 0; k < K; k++) {
      out[row + k] = weigh(values[k], most);
      sum += out[row + k];
    }
    for (let k = 0; k < K; k++) out[row + k] /= sum;
  }
  return out;
}
