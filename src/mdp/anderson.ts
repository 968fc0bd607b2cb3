/** @file Anderson acceleration: extrapolates the next iterate from the last few [Walker & Ni 2011]. */

import { eliminate } from "./eliminate.js";

/** The number of past iterates used for an extrapolation. */
const MEMORY = 16;

interface Evaluation {
  image: Float64Array;
  residual: Float64Array;
}

/**
 * Differences between successive evaluations G(x) and G(x) − x of a map, and the Gram matrix of the latter. On a linear
 * map, extrapolation from all of them is equivalent to GMRES.
 */
export class AndersonMemory {
  private readonly images: Float64Array[] = [];
  private readonly residuals: Float64Array[] = [];
  private readonly gram = new Float64Array(MEMORY * MEMORY);
  private readonly last: Evaluation;
  private pushed = 0;

  constructor(private readonly n: number) {
    this.last = { image: new Float64Array(n), residual: new Float64Array(n) };
  }

  /** Forgets the evaluations, for another map. The arrays are kept. */
  clear(): void {
    this.pushed = 0;
  }

  /** The number of stored differences. */
  private get length(): number {
    return Math.min(Math.max(this.pushed - 1, 0), MEMORY);
  }

  push({ image, residual }: Evaluation): void {
    if (this.pushed++ > 0) {
      const slot = (this.pushed - 2) % MEMORY;
      this.images[slot] ??= new Float64Array(this.n);
      this.residuals[slot] ??= new Float64Array(this.n);
      const [dImage, dResidual] = [this.images[slot], this.residuals[slot]];
      for (let i = 0; i < image.length; i++) {
        dImage[i] = image[i] - this.last.image[i];
        dResidual[i] = residual[i] - this.last.residual[i];
      }
      for (let j = 0; j < this.length; j++) {
        this.gram[slot * MEMORY + j] = this.gram[j * MEMORY + slot] = dot(dResidual, this.residuals[j]);
      }
    }
    this.last.image.set(image);
    this.last.residual.set(residual);
  }

  /** Writes image − Σ θⱼ Δimageⱼ into `out`, with the θ that minimise |residual − Σ θⱼ Δresidualⱼ|₂. */
  extrapolate({ image, residual }: Evaluation, out: Float64Array): void {
    const k = this.length;
    const matrix = new Float64Array(k * k);
    const weights = new Float64Array(k);
    for (let i = 0; i < k; i++) {
      for (let j = 0; j < k; j++) matrix[i * k + j] = this.gram[i * MEMORY + j];
      // A small regularisation per column, so that nearly parallel differences share the weight.
      matrix[i * k + i] = matrix[i * k + i] * (1 + 1e-13) + Number.MIN_VALUE;
      weights[i] = dot(residual, this.residuals[i]);
    }
    eliminate(matrix, weights);
    out.set(image);
    for (let j = 0; j < k; j++) {
      const [weight, difference] = [weights[j], this.images[j]];
      for (let i = 0; i < out.length; i++) out[i] -= weight * difference[i];
    }
  }
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
