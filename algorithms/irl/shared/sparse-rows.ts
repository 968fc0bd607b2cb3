/** @file Sparse feature matrices, for indicator features, most of whose entries are 0. */

/**
 * A matrix `[rows × width]` in CSR form: row i has `value[k]` in column `index[k]` for `start[i]` ≤ k < `start[i + 1]`.
 */
export interface SparseRows {
  readonly rows: number;
  readonly width: number;
  readonly start: Int32Array;
  readonly index: Int32Array;
  readonly value: Float64Array;
}

/** Writes one row: calls `put` for each entry that is not 0. */
type RowWriter = (row: number, put: (column: number, value: number) => void) => void;

export function sparseRows(rows: number, width: number, write: RowWriter): SparseRows {
  const start = new Int32Array(rows + 1);
  const index: number[] = [];
  const value: number[] = [];
  const put = (column: number, x: number) => {
    if (x === 0) return;
    index.push(column);
    value.push(x);
  };
  for (let row = 0; row < rows; row++) {
    write(row, put);
    start[row + 1] = index.length;
  }
  return { rows, width, start, index: Int32Array.from(index), value: Float64Array.from(value) };
}

/** Matrix · `x [width]`, `[rows]`. */
export function times({ rows, start, index, value }: SparseRows, x: ArrayLike<number>): Float64Array {
  const out = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    let sum = 0;
    for (let k = start[row]; k < start[row + 1]; k++) sum += value[k] * x[index[k]];
    out[row] = sum;
  }
  return out;
}

/** Matrixᵀ · `x [rows]`, `[width]`: the weighted sum of the rows. */
export function weightedSum(
  { rows, width, start, index, value }: SparseRows,
  x: ArrayLike<number>,
): Float64Array {
  const out = new Float64Array(width);
  for (let row = 0; row < rows; row++) {
    if (x[row] === 0) continue;
    for (let k = start[row]; k < start[row + 1]; k++) out[index[k]] += x[row] * value[k];
  }
  return out;
}

/** The dense matrix, `[rows × width]`, for networks. */
export function dense({ rows, width, start, index, value }: SparseRows): Float32Array {
  const out = new Float32Array(rows * width);
  for (let row = 0; row < rows; row++) {
    for (let k = start[row]; k < start[row + 1]; k++) out[row * width + index[k]] = value[k];
  }
  return out;
}
