/**
 * @file Spectral normalisation [Miyato et al. 2018, algorithm 1]: every weight matrix divided by an estimate of its
 * largest singular value, which bounds how steep a network can be.
 */

import type { Layout, TensorTree } from "../../../src/nn/index.js";
import type { Rng } from "../../../src/random/rng.js";
import type { Tensor } from "../../../src/tensor/index.js";
import * as t from "../../../src/tensor/index.js";

/** The weight matrices of a layout, and the direction in which each is estimated to stretch most. */
export interface SpectralNormalisation {
  /** Numbers in the flat vector of directions. */
  readonly size: number;
  /** Unit vectors to start from. */
  initialise(rng: Rng): Float32Array;
  /** The parameters with their matrices normalised, and the directions after one more power iteration. */
  apply(parameters: TensorTree, directions: Tensor): { parameters: TensorTree; directions: Tensor };
}

/** x / ‖x‖, along which no gradient flows. */
const unit = (x: Tensor): Tensor => {
  const fixed = t.stopGradient(x);
  return t.div(fixed, t.add(t.sqrt(t.sum(t.square(fixed))), 1e-12));
};

/** For the matrices `[inputs, outputs]` among the parameters of `layout`; vectors, such as biases, stay as they are. */
export function spectralNormalisation({ entries }: Layout): SpectralNormalisation {
  const matrices = entries.filter(({ shape }) => shape.length === 2);
  const sizes = matrices.map(({ shape }) => shape[1]);
  const size = sizes.reduce((sum, n) => sum + n, 0);

  /** σ ≈ uᵀ W v after one iteration v ← W u, u ← Wᵀ v, both of length 1; its gradient is that of W alone. */
  const normalise = (weight: Tensor, direction: Tensor) => {
    const outputs = Number(weight.shape[1]);
    const left = unit(t.matmul(weight, t.reshape(direction, [outputs, 1])));
    const right = unit(t.matmul(t.transpose(weight), left));
    const sigma = t.sum(t.mul(t.matmul(weight, right), left));
    return { weight: t.div(weight, t.reshape(sigma, [])), direction: t.reshape(right, [outputs]) };
  };

  return {
    size,
    initialise(rng) {
      const directions = rng.fillNormal(new Float32Array(size));
      let offset = 0;
      for (const n of sizes) {
        const part = directions.subarray(offset, offset + n);
        const norm = Math.hypot(...part);
        for (let i = 0; i < n; i++) part[i] /= norm;
        offset += n;
      }
      return directions;
    },
    apply(parameters, directions) {
      const parts = t.split(directions, sizes);
      const moved: Tensor[] = [];
      const visit = (tree: TensorTree, prefix: string): TensorTree =>
        Object.fromEntries(
          Object.entries(tree).map(([key, node]) => {
            const name = prefix + key;
            if (!(node instanceof t.Tensor)) return [key, visit(node as TensorTree, `${name}.`)];
            const index = matrices.findIndex((entry) => entry.name === name);
            if (index < 0) return [key, node];
            const { weight, direction } = normalise(node, parts[index]);
            moved[index] = direction;
            return [key, weight];
          }),
        ) as TensorTree;
      return { parameters: visit(parameters, ""), directions: t.concat(moved) };
    },
  };
}
