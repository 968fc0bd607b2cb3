/** @file A fully connected layer. */

import * as t from "../../tensor/index.js";
import { fanInUniform, type Initialiser, zeros } from "../initialisers.js";
import type { Parameter } from "../layout.js";
import type { Module } from "./module.js";

export type DenseParameters = { readonly weight: Parameter; readonly bias: Parameter };

export interface DenseOptions {
  weight?: Initialiser;
  bias?: Initialiser;
}

/** x W + b over the last axis: `[..., inputs]` to `[..., outputs]`. The weight is `[inputs, outputs]`. */
export const dense = (
  inputs: number,
  outputs: number,
  { weight = fanInUniform, bias = zeros }: DenseOptions = {},
): Module<DenseParameters> => ({
  parameters: {
    weight: { shape: [inputs, outputs], initialise: weight },
    bias: { shape: [outputs], initialise: bias },
  },
  apply: ({ weight, bias }, x) => t.linear(x, weight, bias),
});
