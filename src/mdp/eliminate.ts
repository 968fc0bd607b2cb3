/** @file Gaussian elimination without pivoting. */

/**
 * Solves A x = b in place: b becomes x, and A is destroyed. Elimination without pivoting is stable if A is
 * diagonally dominant, by rows or by columns, or positive definite [Higham 2002, §9.5 and §10.1].
 *
 * @param matrix A, `[n × n]` by rows.
 */
export function eliminate(matrix: Float64Array, b: Float64Array): void {
  const n = b.length;
  for (let k = 0; k < n; k++) {
    for (let i = k + 1; i < n; i++) {
      const factor = matrix[i * n + k] / matrix[k * n + k];
      if (factor === 0) continue;
      for (let j = k + 1; j < n; j++) matrix[i * n + j] -= factor * matrix[k * n + j];
      b[i] -= factor * b[k];
    }
  }
  for (let k = n - 1; k >= 0; k--) {
    for (let j = k + 1; j < n; j++) b[k] -= matrix[k * n + j] * b[j];
    b[k] /= matrix[k * n + k];
  }
}
