/** @file Layer normalisation [Ba, Kiros & Hinton 2016]. */

import * as t from "../../tensor/index.js";
import { constant, zeros } from "../initialisers.js";
import type { Parameter } from "../layout.js";
import type { Module } from "./module.js";

export type LayerNormParameters = { readonly scale: Parameter; readonly offset: Parameter };

/** Normalises the last axis, of size `features`, to mean 0 and variance 1, then scales and shifts each feature. */
export const layerNorm = (features: number, { epsilon = 1e-5 } = {}): Module<LayerNormParameters> => ({
  parameters: {
    scale: { shape: [features], initialise: constant(1) },
    offset: { shape: [features], initialise: zeros },
  },
  apply({ scale, offset }, x) {
    const centred = t.sub(x, t.mean(x, -1, { keepDims: true }));
    const variance = t.mean(t.square(centred), -1, { keepDims: true });
    return t.add(t.mul(t.div(centred, t.sqrt(t.add(variance, epsilon))), scale), offset);
  },
});
